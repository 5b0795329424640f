"""Dana, narrowed to Acme, empties the customers of an alert: that would be all of them, and she reads why not."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from alerts.models import Alert
from audit.act import acting
from console.errors import NotAllowed
from console.reach import require_reach
from console.taking_back import NotTakenBack, take_back_request
from permissions.services import grant
from tests.alerts.makers import make_alert
from tests.console.forms import filled

WHY = "An empty field means all customers. Only somebody who sees them all may save that."


@pytest.fixture
def dana(cast):
    cast.dana.user_permissions.add(*Permission.objects.filter(codename__in=["change_alert", "add_alert"]))
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


def test_dana_reads_the_reason_at_the_field(cast, dana, sign_in):
    alert = make_alert(customers=[cast.acme])
    address = reverse("admin:alerts_alert_change", args=[alert.pk])
    client = sign_in(dana)
    answer = client.post(address, filled(client.get(address)) | {"customers": []})
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    assert form.errors["customers"] == [WHY]
    assert "__all__" not in form.errors
    assert list(Alert.objects.get().customers.all()) == [cast.acme]


def test_a_service_says_the_same(cast, dana):
    with pytest.raises(NotAllowed, match="An empty field means all customers"), acting(by=dana):
        require_reach(dana, make_alert())


def test_an_alert_that_names_another_customer_too_is_refused_as_before(cast, dana):
    with pytest.raises(NotAllowed, match="not, or not only"), acting(by=dana):
        require_reach(dana, make_alert(customers=[cast.acme, cast.birch]))


def test_taking_back_what_would_make_it_for_all_is_refused_with_the_reason(cast, dana):
    alert = make_alert()
    request = uuid.uuid4()
    with acting(by=cast.olivia, request_id=request):
        alert.customers.set([cast.acme])
    with pytest.raises(NotTakenBack, match="would be for all"):
        take_back_request(request, by=dana)
    assert list(alert.customers.all()) == [cast.acme]
