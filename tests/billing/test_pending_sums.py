"""A pending document comes to what its table takes: not less than nothing, not more than anybody owes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.billable import BillingProblem
from billing.choices import SeriesKind
from billing.models import Invoice, NumberSeries, TaxCode
from billing.numbering import number_to_come
from billing.services import WantedLine, change_invoice, make_invoices, save_series
from console.errors import Refused
from templates_app.choices import Unit
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("quantity", "price", "sentence"),
    [("1", "-500", "below zero"), ("999999999", "9999999999", "more than"), ("1", "999999999999.99", "more than")],
)
def test_what_no_invoice_comes_to_is_refused(cast: Cast, quantity: str, price: str, sentence: str) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    code = TaxCode.objects.get(tax_class="standard")
    line = WantedLine(None, "Much", Decimal(quantity), Unit.PIECE, Decimal(price), code)
    with pytest.raises(Refused, match=sentence):
        change_invoice(invoice, {}, by=cast.bill, lines=[line])
    assert Invoice.objects.get().total == Decimal("142.80")


def test_an_order_of_less_than_nothing_is_left_out_and_the_others_go_through(cast: Cast) -> None:
    set_up_billing()
    jobs = [order(cast.acme, ("Hour", "1", "10"), ("Discount", "1", "-50")), order(cast.acme), order(cast.birch)]
    made = make_invoices([job.pk for job in jobs], by=cast.bill)
    assert made.left_out == {BillingProblem.BELOW_ZERO: 1}
    assert {invoice.total for invoice in made.invoices} == {Decimal("142.80")} and len(made.invoices) == 2
    jobs[0].refresh_from_db()
    assert not jobs[0].is_billed


def test_the_number_to_come_says_the_year_of_a_series_that_goes_on(cast: Cast) -> None:
    set_up_billing()
    series = NumberSeries.objects.get(kind=SeriesKind.INVOICE)
    series.restarts_yearly = False
    save_series(series, by=None)
    assert number_to_come(SeriesKind.INVOICE, date(2026, 11, 30)) == "R-2026-000001"
