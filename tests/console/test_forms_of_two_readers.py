"""A page's form is made for one reader: what it offers her is not what somebody else's request has put there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from tests.console.new_records import TYPED, pages

pytestmark = pytest.mark.django_db


def form_for(label: str, user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return pages()[label].get_form(request)


@pytest.mark.parametrize("label", sorted(TYPED))
def test_no_field_belongs_to_two_requests(cast, label):
    one, another = form_for(label, cast.olivia), form_for(label, cast.dana)
    shared = [name for name, field in one.base_fields.items() if field is another.base_fields.get(name)]
    assert not shared, shared


def test_dana_is_not_offered_the_customers_of_olivias_request(cast):
    form = form_for("accounts.PortalUser", cast.dana)
    offered = form.base_fields["customers_"].queryset
    form_for("accounts.PortalUser", cast.olivia)
    assert form.base_fields["customers_"].queryset is offered
