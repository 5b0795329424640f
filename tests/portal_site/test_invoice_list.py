"""The list of invoices: what stands in it, what it can be asked for, the same as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice
from tests.factories import make_location
from tests.portal_site.money_world import allow, billed, bills

TODAY = dt.date(2026, 11, 28)


@pytest.fixture
def owing(cast, time_machine):
    """One overdue, one open, one paid, one pending, and one of a stranger."""
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    bills(cast, cast.acme, cast.birch, cast.cedar)
    yard = make_location(cast.acme, street="5 Yard", postcode="20095", city="Hamburg")
    late = billed(cast, cast.acme, on=dt.date(2026, 10, 18), location=yard, address="5 Yard, 20095 Hamburg")
    paid = billed(cast, cast.birch, on=dt.date(2026, 10, 20), address="=A1 Street")
    Invoice.objects.filter(pk=paid.pk).update(settled=paid.total, balance=Decimal(0), status="paid")
    new = billed(cast, cast.acme, ("Skip", "2", "100.00"), on=TODAY, address="Z Street")
    pending = billed(cast, cast.acme, ("Soon", "1", "9.00"), post=False)
    billed(cast, cast.cedar, ("Else", "1", "777.00"), on=TODAY)
    allow(cast.cora)
    return {"late": late.number, "paid": paid.number, "new": new.number, "pending": pending.reference}


def found(client, query=""):
    return [row.invoice.address for row in client.get(f"/billing/invoices/{query}").context["invoices"]]


def table(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_a_row_says_all_there_is_to_say(cast, owing, sign_in):
    page = " ".join(sign_in(cast.cora).get(f"/billing/invoices/?q={owing['late']}").content.decode().split())
    for words in (
        owing["late"],
        "18 October 2026",
        "due 1 November 2026",
        "Overdue since 2 November",
        "14 days",
        "5 Yard",
        "€119.00",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["new", "paid", "late"]),
        ("?status=open", ["new", "late"]),
        ("?status=overdue", ["late"]),
        ("?status=paid", ["paid"]),
        ("?place=5+Yard%2C+20095+Hamburg", ["late"]),
        ("?year=2026", ["new", "paid", "late"]),
        ("?q=street", ["new", "paid"]),
        ("?sort=due", ["late", "paid", "new"]),
        ("?sort=total", ["new", "paid", "late"]),
        ("?sort=balance", ["new", "late", "paid"]),
        ("?sort=customer", ["new", "late", "paid"]),
    ],
)
def test_it_is_filtered_and_sorted_by_the_address(cast, owing, sign_in, query, expected):
    assert found(sign_in(cast.cora), query) == [owing[name] for name in expected]


@pytest.mark.parametrize("query", ["status=pending", "status=void", "place=1", "year=1066", "year=x", "sort=seal"])
def test_what_makes_no_sense_is_left_out_and_said(cast, owing, sign_in, query):
    cora = sign_in(cast.cora)
    page = cora.get(f"/billing/invoices/?{query}")
    assert len(page.context["invoices"]) == 3
    assert "was left out" in page.content.decode()
    assert cora.get(f"/billing/invoices/export.csv?{query}").status_code == 302


def test_pending_ones_are_shown_only_where_the_business_shows_them(cast, owing, portal, sign_in):
    cora = sign_in(cast.cora)
    assert owing["pending"] not in found(cora)
    assert cora.get(f"/billing/invoices/{owing['pending']}/").status_code == 404
    portal.show_pending_invoices = True
    portal.save()
    assert found(cora, "?status=pending") == [owing["pending"]]
    page = cora.get(f"/billing/invoices/{owing['pending']}/").content.decode()
    assert "We are still preparing this invoice" in page and "IBAN" not in page
    # What is being prepared is not owed.
    assert cora.get("/billing/").context["owed"][0].count == 2


def test_the_file_holds_what_the_list_shows(cast, owing, sign_in):
    rows = table(sign_in(cast.cora).get("/billing/invoices/export.csv?status=open"))
    assert [row[0] for row in rows[1:]] == [owing["new"], owing["late"]]
    assert rows[2][2:6] == ["2026-10-18", "2026-11-01", "Overdue since 2 November", "14 days"]
    assert rows[2][-3:] == ["119.00", "119.00", "EUR"]


def test_no_cell_of_it_is_a_formula(cast, owing, sign_in):
    rows = table(sign_in(cast.cora).get("/billing/invoices/export.csv?status=paid"))
    assert rows[1][7] == "'=A1 Street"


def test_a_credit_note_stands_in_it_below_zero(cast, owing, sign_in):
    invoice = Invoice.objects.get(number=owing["new"])
    note = Invoice.objects.create(
        kind="credit_note", customer=cast.acme, currency="EUR", status="posted", number="G-1", corrects=invoice,
        issued_on=TODAY, due_on=TODAY, net=Decimal(10), tax=Decimal(0), total=Decimal(10), balance=Decimal(10),
    )  # fmt: skip
    cora = sign_in(cast.cora)
    page = cora.get("/billing/invoices/").content.decode()
    assert "-€10.00" in page and "Credit note" in page
    assert note.number not in found(cora, "?status=open")
    assert "G-1" in cora.get(f"/billing/invoices/{invoice.number}/").content.decode()
    assert invoice.number in cora.get("/billing/invoices/G-1/").content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "There are no invoices yet."),
        ("?status=open", "There is nothing to pay at the moment."),
        ("?status=overdue", "Nothing is overdue."),
        ("?status=paid", "No invoice is paid yet."),
        ("?q=nothing", "Nothing found."),
    ],
)
def test_an_empty_list_says_what_to_do(cast, sign_in, query, words):
    allow(cast.cora)
    assert words in sign_in(cast.cora).get(f"/billing/invoices/{query}").content.decode()


def test_a_stranger_and_a_colleague_without_the_right(cast, owing, sign_in):
    for path in ("/billing/invoices/", "/billing/invoices/export.csv"):
        assert sign_in(cast.colm).get(path).status_code == 403
        assert sign_in(cast.carl).get(path).status_code == 403
    allow(cast.carl)
    carl = sign_in(cast.carl)
    assert [row.invoice.customer for row in carl.get("/billing/invoices/").context["invoices"]] == [cast.cedar]
    assert owing["late"] not in carl.get("/billing/invoices/export.csv").getvalue().decode()
    assert "5 Yard" not in carl.get("/billing/invoices/").content.decode()


def test_the_same_queries_for_two_and_for_two_hundred(cast, owing, sign_in):
    cora = sign_in(cast.cora)
    paths = (
        "/billing/",
        "/billing/invoices/",
        "/billing/invoices/export.csv",
        "/billing/invoices/?status=open&sort=due",
    )

    def queries():
        counts = {}
        for path in paths:
            b"".join(cora.get(path))
            with CaptureQueriesContext(connection) as caught:
                b"".join(cora.get(path))
            counts[path] = len(caught)
        return counts

    few = queries()
    like = Invoice.objects.get(number=owing["new"])
    for n in range(200):
        like.pk, like.reference, like.number, like.counter = None, f"r{n}", f"X-{n}", 1000 + n
        like.save(force_insert=True)
    assert queries() == few
    assert max(few.values()) <= 12, few
