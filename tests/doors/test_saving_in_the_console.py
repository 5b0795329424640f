"""What a form of the console saved lies in what was granted, or nothing was saved."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Customer, User
from permissions.models import CustomerGrant, TemplateGrant
from templates_app.models import JobTemplate
from tests.console.forms import filled


@pytest.fixture
def una(cast):
    """Every right, for Acme and for the exchange."""
    una = cast.sam
    una.user_permissions.set(Permission.objects.all())
    User.objects.filter(pk=una.pk).update(only_granted_customers=True, only_granted_templates=True)
    for model, record, codename in (
        (CustomerGrant, cast.acme, "change_customer"),
        (TemplateGrant, cast.exchange, "change_jobtemplate"),
    ):
        model.objects.create(user=una, content_object=record, permission=Permission.objects.get(codename=codename))
    return User.objects.get(pk=una.pk)


@pytest.mark.parametrize(
    ("name", "model"), [("accounts_customer", Customer), ("templates_app_jobtemplate", JobTemplate)]
)
def test_una_makes_no_customer_and_no_template_that_she_could_not_see(una, sign_in, name, model):
    client, url = sign_in(una), reverse(f"admin:{name}_add")
    before = set(model.objects.values_list("pk", flat=True))
    answer = client.post(url, filled(client.get(url)) | {"name": "Dove Dental"})
    assert "You work only with certain" in answer.content.decode()
    assert set(model.objects.values_list("pk", flat=True)) == before


def test_una_saves_what_is_hers(cast, una, sign_in):
    client, url = sign_in(una), reverse("admin:accounts_customer_change", args=[cast.acme.pk])
    answer = client.post(url, filled(client.get(url)) | {"notes": "Blue gate"})
    assert answer.status_code == 302, answer.context["errors"]
    cast.acme.refresh_from_db()
    assert cast.acme.notes == "Blue gate"
