"""A location can go though invoices name it; the last one of an invoice for several stays, and a sentence says so."""

from __future__ import annotations

import pytest

from accounts.models import Location
from accounts.services import delete_location
from billing.invariants import broken
from billing.services import make_invoices, post_invoice
from console.errors import Refused
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_of_two_locations_of_an_invoice_one_can_go(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    places = [Location.objects.create(customer=cast.acme, name=name, street="Kai 1") for name in ("North", "South")]
    jobs = [order(cast.acme, ("Skip", "1", "10.00"), location=place) for place in places]
    [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
    post_invoice(invoice, by=None)
    delete_location(places[0], by=cast.dana)
    with pytest.raises(Refused, match="South"):
        delete_location(places[1], by=cast.dana)
    assert [place.name for place in Location.objects.filter(name__in=("North", "South"))] == ["South"]
    assert not broken()
