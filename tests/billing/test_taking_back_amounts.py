"""The amounts of a prepared invoice are not taken back: the sentence says what to do instead."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from audit.act import acting
from audit.restore import Hindered, restore_request
from billing.invariants import broken
from billing.models import Invoice
from billing.services import WantedLine, change_invoice, make_invoices
from console.taking_back import StaffJudge
from templates_app.choices import Unit
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "60"), ("Visit", "1", "10")).pk], by=cast.bill).invoices
    return invoice


def change(cast: Cast, invoice: Invoice, *prices: str, name: str = "", po_number: str = "") -> UUID:
    """The request that gave its lines these prices, or left them out."""
    lines = [
        WantedLine(line.pk, name or line.description, line.quantity, Unit(line.unit), Decimal(price), line.tax_code)
        for line, price in zip(invoice.lines.order_by("position"), prices, strict=False)
    ]
    with acting() as act:
        change_invoice(invoice, {"po_number": po_number}, by=cast.bill, lines=lines)
    return act.request_id


def take_back(cast: Cast, request_id: UUID) -> None:
    restore_request(request_id, by=cast.olivia, judge=StaffJudge(cast.olivia))


@pytest.mark.parametrize("prices", [("99", "10"), ("60",)])
def test_a_change_of_its_amounts_stays_and_olivia_is_told_what_to_do(
    cast: Cast, pending: Invoice, prices: tuple[str, ...]
) -> None:
    request_id = change(cast, pending, *prices)
    with pytest.raises(Hindered) as hindered:
        take_back(cast, request_id)
    assert [one.words["why"] for one in hindered.value.findings] == [
        "The amounts of an invoice are not taken back. Change its lines instead, or discard it."
    ]
    assert not broken()


def test_of_two_changes_the_first_is_not_taken_back_from_under_the_second(cast: Cast, pending: Invoice) -> None:
    first = change(cast, pending, "99", "10")
    change(cast, pending, "99", "20")
    with pytest.raises(Hindered):
        take_back(cast, first)
    assert not broken()


def test_what_moves_no_amount_is_taken_back(cast: Cast, pending: Invoice) -> None:
    request_id = change(cast, pending, "60", "10", name="Two hours", po_number="PO 7")
    take_back(cast, request_id)
    pending.refresh_from_db()
    assert pending.po_number == ""
    assert [line.description for line in pending.lines.order_by("position")] == ["Hour", "Visit"]
    assert not broken()
