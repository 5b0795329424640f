"""Bill credits a line, or voids an invoice; Dana and Sam see it and can't."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from billing.choices import InvoiceStatus
from billing.models import Invoice
from billing.services import make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def _url(invoice: Invoice, button: str) -> str:
    return reverse(f"admin:billing_invoice_{button}", args=[invoice.pk])


def test_bill_credits_a_line(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill = sign_in(cast.bill)
    page = bill.get(_url(posted, "credit"))
    assert "190.00 is left to credit, before tax" in page.content.decode()
    line = posted.lines.get(position=2)
    bill.post(_url(posted, "credit"), {"_form_submitted": "1", "reason": "Nobody came", f"line_{line.pk}": "90.00"})
    note = Invoice.objects.get(corrects=posted)
    assert (str(note.total), note.correction_reason) == ("107.10", "Nobody came")
    shown = bill.get(reverse("admin:billing_invoice_change", args=[note.pk]))
    assert "Nobody came" in shown.content.decode()


def test_too_much_is_refused_and_nothing_is_lost(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    line = posted.lines.get(position=2)
    answer = sign_in(cast.bill).post(
        _url(posted, "credit"), {"_form_submitted": "1", "reason": "Oops", f"line_{line.pk}": "90.01"}
    )
    page = answer.content.decode()
    assert "90.00 is left to credit, not 90.01" in page
    assert 'value="90.01"' in page
    assert not Invoice.objects.filter(corrects=posted).exists()


def test_bill_voids_and_bills_anew(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    bill = sign_in(cast.bill)
    assert "€333.20" in bill.get(_url(posted, "void")).content.decode()
    bill.post(_url(posted, "void"), {"_form_submitted": "1", "reason": "Wrong price", "bill_anew": "on"})
    posted.refresh_from_db()
    assert posted.status == InvoiceStatus.VOID
    assert not posted.invoice_jobs.get().job.is_billed


@pytest.mark.parametrize("name", ["dana", "sam"])
def test_who_may_only_look_credits_nothing(cast: Cast, sign_in: Any, posted: Invoice, name: str) -> None:
    client = sign_in(getattr(cast, name))
    for button in ("credit", "void"):
        assert client.post(_url(posted, button), {"_form_submitted": "1", "reason": "x"}).status_code == 403
    assert not Invoice.objects.filter(corrects=posted).exists()


def test_nell_reads_no_paper(cast: Cast, sign_in: Any, posted: Invoice) -> None:
    assert sign_in(cast.nell).get(_url(posted, "paper")).status_code in (403, 404)
    answer = sign_in(cast.sam).get(_url(posted, "paper"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
