from __future__ import annotations

import pytest

from accounts.models import Customer
from permissions.models import CustomerGrant
from permissions.services import grant
from tests.factories import make_job


@pytest.fixture
def path(cast):
    make_job(cast.cedar, cast.exchange, by=cast.dana)
    return f"/admin/customers/{cast.acme.pk}/merge/{cast.cedar.pk}/"


def test_it_shows_both_and_says_what_moves(cast, path, sign_in):
    page = sign_in(cast.dana).get(path).content.decode()
    assert "Cedar School becomes part of Acme Builders" in page
    assert "1 contact<" in page and "1 job<" in page and "1 customer link<" in page


def test_looking_changes_nothing(cast, path, sign_in):
    sign_in(cast.dana).get(path)
    assert Customer.objects.filter(pk=cast.cedar.pk).exists()


def test_she_chooses_field_by_field(cast, path, sign_in):
    answer = sign_in(cast.dana).post(path, {"name": "drop"})
    assert answer.url == f"/admin/accounts/customer/{cast.acme.pk}/change/"
    assert [customer.name for customer in Customer.objects.filter(pk__in=[cast.acme.pk, cast.cedar.pk])] == [
        "Cedar School"
    ]


def test_support_and_staff_without_a_role_may_not(cast, path, sign_in):
    for person in (cast.sam, cast.nell, cast.ines):
        client = sign_in(person)
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
    assert Customer.objects.filter(pk=cast.cedar.pk).exists()


def test_a_narrowed_dispatcher_does_not_see_another_customer(cast, path, sign_in):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    assert CustomerGrant.objects.exists()
    assert sign_in(cast.dana).post(path).status_code == 404
    assert Customer.objects.filter(pk=cast.cedar.pk).exists()


def test_the_button_asks_for_the_other_one(cast, path, sign_in):
    client = sign_in(cast.dana)
    button = f"/admin/accounts/customer/{cast.acme.pk}/merge/"
    assert "Same as" in client.get(button).content.decode()
    assert client.post(button, {"other": cast.cedar.pk, "_form_submitted": "1"}).url == path
