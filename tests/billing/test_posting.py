"""An invoice is made of orders, changed, posted: then it has a number, a place in the ledger, and stays as it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.choices import InvoiceStatus
from billing.invariants import broken
from billing.models import AccountEntry, CustomerAccount, Invoice, InvoiceLine, NumberSeries, TaxCode
from billing.services import WantedLine, change_invoice, discard_invoice, make_invoices, post_invoice
from console.errors import Conflict, Refused
from jobs.services import update_job
from templates_app.choices import Unit
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    return invoice


def test_an_invoice_is_the_order_line_by_line(pending: Invoice) -> None:
    lines = list(pending.lines.all())
    assert [(line.description, str(line.net)) for line in lines] == [("Skip exchange", "190.00"), ("Hour", "90.00")]
    assert (str(pending.net), str(pending.tax), str(pending.total)) == ("280.00", "53.20", "333.20")
    assert pending.number is None
    assert not broken()


def test_posted_it_has_a_number_a_date_and_is_owed(cast: Cast, pending: Invoice) -> None:
    invoice = post_invoice(pending, by=cast.bill, issue_on=dt.date.today())
    assert invoice.number == f"R-{dt.date.today().year}-000001"
    assert invoice.due_on == dt.date.today() + dt.timedelta(days=14)
    assert CustomerAccount.objects.get(customer=cast.acme).balance == Decimal("333.20")
    assert invoice.invoice_jobs.get().job.billed_as == invoice.number
    assert invoice.buyer["name"] == "Acme Builders"
    assert not broken()


def test_numbers_follow_each_other(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    jobs = [order(cast.acme).pk for _ in range(3)]
    made = make_invoices(jobs, by=cast.bill, each_alone=True)
    posted = [post_invoice(one, by=cast.bill) for one in made.invoices]
    assert [one.counter for one in posted] == [1, 2, 3]
    assert posted[2].previous_seal == posted[1].seal
    assert not broken()


def test_one_invoice_for_all_orders_of_a_customer(cast: Cast) -> None:
    set_up_billing()
    jobs = [order(cast.acme).pk, order(cast.acme).pk, order(cast.birch).pk]
    made = make_invoices(jobs, by=cast.bill)
    assert sorted((one.customer.name, one.lines.count()) for one in made.invoices) == [
        ("Acme Builders", 2),
        ("Birch Hotel", 1),
    ]


def test_an_order_is_billed_once(cast: Cast) -> None:
    set_up_billing()
    job = order(cast.acme)
    make_invoices([job.pk], by=cast.bill)
    again = make_invoices([job.pk], by=cast.bill)
    assert not again.invoices
    assert again.left_out == {"billed": 1}


def test_what_was_billed_keeps_its_price(cast: Cast, pending: Invoice) -> None:
    job = pending.invoice_jobs.get().job
    with pytest.raises(Refused, match="being prepared"):
        update_job(job, {"amount": Decimal("1.00")}, by=cast.dana)
    invoice = post_invoice(pending, by=cast.bill)
    job.refresh_from_db()
    with pytest.raises(Refused, match=str(invoice.number)):
        update_job(job, {"customer": cast.birch}, by=cast.dana)
    assert update_job(job, {"notes": "Gate code 4"}, by=cast.dana).notes == "Gate code 4"


def test_a_discarded_invoice_frees_its_orders(cast: Cast, pending: Invoice) -> None:
    job = pending.invoice_jobs.get().job
    discard_invoice(pending, by=cast.bill)
    job.refresh_from_db()
    assert not job.is_billed
    assert make_invoices([job.pk], by=cast.bill).invoices
    assert not broken()


def test_a_changed_line_changes_the_total(cast: Cast, pending: Invoice) -> None:
    first, second = pending.lines.all()
    code = TaxCode.objects.get(code="de-reduced")
    wanted = [
        WantedLine(second.pk, "Two hours", Decimal(2), Unit.HOUR, Decimal(60), second.tax_code),
        WantedLine(None, "Coffee", Decimal(1), Unit.PIECE, Decimal("10.00"), code),
    ]
    invoice = change_invoice(pending, {"po_number": "PO 7"}, by=cast.bill, lines=wanted)
    assert [(line.position, line.description) for line in invoice.lines.all()] == [(1, "Two hours"), (2, "Coffee")]
    assert str(invoice.total) == "153.50"
    assert not InvoiceLine.objects.filter(pk=first.pk).exists()
    assert not broken()


def test_two_who_change_at_once_are_told(cast: Cast, pending: Invoice) -> None:
    with pytest.raises(Conflict):
        change_invoice(pending, {"po_number": "PO 7"}, by=cast.bill, seen="something else")


def test_nothing_is_posted_before_all_is_there(cast: Cast) -> None:
    set_up_billing(seller_name="", vat_id="")
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    with pytest.raises(Refused) as refusal:
        post_invoice(invoice, by=cast.bill)
    for word in ("business's name", "VAT ID", "Acme Builders has no invoice address"):
        assert word in str(refusal.value)
    assert not AccountEntry.objects.exists()


def test_dates_follow_the_numbers(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme)
    made = make_invoices([order(cast.acme).pk, order(cast.acme).pk], by=cast.bill, each_alone=True)
    today = dt.date.today()
    post_invoice(made.invoices[0], by=cast.bill, issue_on=today)
    with pytest.raises(Refused, match="dates follow the numbers"):
        post_invoice(made.invoices[1], by=cast.bill, issue_on=today - dt.timedelta(days=1))
    assert not broken()


def test_closed_books_stay_closed(cast: Cast) -> None:
    set_up_billing(books_closed_until=dt.date.today())
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    with pytest.raises(Refused, match="books are closed"):
        post_invoice(invoice, by=cast.bill)


def test_an_invoice_is_posted_once(cast: Cast, pending: Invoice) -> None:
    post_invoice(pending, by=cast.bill)
    with pytest.raises(Refused, match="posted already"):
        post_invoice(pending, by=cast.bill)
    with pytest.raises(Refused, match="posted"):
        change_invoice(pending, {"po_number": "1"}, by=cast.bill)
    with pytest.raises(Refused, match="posted"):
        discard_invoice(pending, by=cast.bill)


FROZEN = [
    ("the total", lambda i: Invoice.objects.filter(pk=i.pk).update(net=1, total=1, balance=1, tax=0)),
    ("the number", lambda i: Invoice.objects.filter(pk=i.pk).update(number="R-1")),
    ("the seller", lambda i: Invoice.objects.filter(pk=i.pk).update(seller={"name": "Else"})),
    ("the status", lambda i: Invoice.objects.filter(pk=i.pk).update(status=InvoiceStatus.PENDING)),
    ("its being there", lambda i: Invoice.objects.filter(pk=i.pk)._raw_delete("default")),
    ("a line", lambda i: InvoiceLine.objects.filter(invoice=i).update(description="Else")),
    ("a line's being there", lambda i: InvoiceLine.objects.filter(invoice=i)._raw_delete("default")),
    (
        "the number of lines",
        lambda i: InvoiceLine.objects.create(
            invoice=i, position=99, description="More", unit_price=1, tax_code=i.lines.first().tax_code
        ),
    ),
    ("an entry", lambda i: AccountEntry.objects.filter(invoice=i).update(amount=1)),
    ("an entry's being there", lambda i: AccountEntry.objects.filter(invoice=i)._raw_delete("default")),
]


@pytest.mark.parametrize("change", [row[1] for row in FROZEN], ids=[row[0] for row in FROZEN])
def test_the_database_itself_keeps_what_is_posted(cast: Cast, pending: Invoice, change: object) -> None:
    invoice = post_invoice(pending, by=cast.bill)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(invoice)  # type: ignore[operator]
    assert not broken()


def test_what_is_settled_can_still_change(cast: Cast, pending: Invoice) -> None:
    """The database lets it; who settles without an allocation is found by I1 and I4."""
    invoice = post_invoice(pending, by=cast.bill)
    Invoice.objects.filter(pk=invoice.pk).update(settled=invoice.total, balance=Decimal(0), status=InvoiceStatus.PAID)
    invoice.refresh_from_db()
    assert not invoice.is_open
    assert {"I1", "I4"} <= set(broken())


def test_a_row_that_was_changed_behind_our_back_is_named(cast: Cast, pending: Invoice) -> None:
    from django.db import connection

    from billing.frozen import freeze, thaw

    invoice = post_invoice(pending, by=cast.bill)
    thaw(connection)
    Invoice.objects.filter(pk=invoice.pk).update(po_number="smuggled in")
    freeze(connection)
    assert list(broken()) == ["I7"]


def test_a_series_that_goes_on_prints_the_year_all_the_same(cast: Cast, pending: Invoice) -> None:
    NumberSeries.objects.filter(kind="invoice").update(restarts_yearly=False)
    invoice = post_invoice(pending, by=cast.bill)
    assert invoice.number == f"R-{dt.date.today().year}-000001"
    assert not broken()
