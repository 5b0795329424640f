"""Customers of one name are shown as what they look like, to whoever sees both, and are easily merged."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Customer
from tests.console.forms import filled
from tests.console.people import narrow
from tests.factories import make_customer

LIST = "/admin/accounts/customer/"


@pytest.fixture
def double(cast):
    return make_customer("ACME\u00a0 Builders", external_id="C-77")


def rows(client, **requested):
    return {row.pk for row in client.get(LIST, requested).context["cl"].result_list}


def test_both_are_marked_and_no_other(cast, double, sign_in):
    page = sign_in(cast.dana).get(LIST).content.decode()
    assert page.count("Looks like a double: merge") == 2


def test_the_filter_shows_them_alone(cast, double, sign_in):
    assert rows(sign_in(cast.dana), doubles="yes") == {cast.acme.pk, double.pk}
    assert cast.cedar.pk in rows(sign_in(cast.dana))


def test_one_that_is_archived_is_no_double(cast, double, sign_in):
    from accounts.services import archive_customer

    archive_customer(double, by=cast.dana)
    assert rows(sign_in(cast.dana), doubles="yes") == set()


def test_whoever_sees_one_of_them_is_not_told_of_the_other(cast, double, sign_in):
    narrow(cast.dana, cast.acme)
    dana = sign_in(cast.dana)
    assert rows(dana) == {cast.acme.pk} and rows(dana, doubles="yes") == set()
    assert "Looks like a double: merge" not in dana.get(LIST).content.decode()


def test_the_question_which_is_the_same_is_answered_already(cast, double, sign_in):
    page = sign_in(cast.olivia).get(reverse("admin:accounts_customer_merge", args=[double.pk])).content.decode()
    assert f'value="{cast.acme.pk}" selected' in page


def test_dana_hears_of_it_when_she_makes_another_of_that_name(cast, sign_in):
    dana = sign_in(cast.dana)
    url = reverse("admin:accounts_customer_add")
    page = dana.post(url, filled(dana.get(url)) | {"name": "Acme  BUILDERS"}, follow=True).content.decode()
    assert "Another customer is called “Acme BUILDERS”, too." in page
    assert Customer.objects.filter(name_key="Acme Builders").count() == 2
    page = dana.post(url, filled(dana.get(url)) | {"name": "New Bakery"}, follow=True).content.decode()
    assert "Another customer is called" not in page
