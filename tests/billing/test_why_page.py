"""The page "Why?" answers whatever number is typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from billing.services import make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_dana_who_types_an_invoices_number_or_nonsense_gets_a_page(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    number = post_invoice(invoice, by=cast.bill).number
    dana = sign_in(cast.dana)
    for typed in (number, "J-999999"):
        assert dana.get(reverse("admin:why"), {"job": typed}).status_code == 200
