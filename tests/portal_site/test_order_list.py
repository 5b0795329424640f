"""Orders with what they cost: those still to come, those that are done."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.services import make_invoices, post_invoice
from jobs.services import cancel_job
from permissions.models import PermissionOverride
from tests.billing.making import order
from tests.factories import make_template
from tests.portal_site.money_world import allow, bills

LINES = [("Skip exchange", "1", "95.00"), ("Hour", "1.5", "60.00"), ("Toll", "1", "5.00"), ("Weighing", "1", "5.00")]


@pytest.fixture
def orders(cast):
    other = make_template("Wardrobe", description="Carried up.")
    bills(cast, cast.acme)
    made = {
        "done": order(cast.acme, *LINES, template=cast.exchange, asset_id="BIN-7"),
        "plain": order(cast.birch, template=other),
        "open": order(cast.acme, template=cast.exchange, done=False),
        "cancelled": cancel_job(order(cast.acme, template=cast.exchange, done=False), by=None, reason="Rain"),
        "stranger": order(cast.cedar, template=cast.exchange),
        "other kind": order(cast.acme, template=cast.inspection),
    }
    allow(cast.cora)
    return made


def found(client, query=""):
    return {row.job.number for row in client.get(f"/billing/orders/{query}").context["orders"]}


def test_still_to_come_and_completed(cast, orders, sign_in):
    cora = sign_in(cast.cora)
    assert found(cora) == {orders["open"].number}
    assert found(cora, "?when=done") == {orders["done"].number, orders["plain"].number}


def test_a_row_says_what_it_is_made_of_and_what_it_costs(cast, orders, sign_in):
    page = sign_in(cast.cora).get("/billing/orders/?when=done").content.decode()
    assert "Skip exchange, 1.5 × Hour and 2 more" in page
    assert "Carried up." in page
    for words in ("€195.00", "BIN-7", "before tax", "12 Mill Lane"):
        assert words in page, words


def test_it_is_searched_and_filtered(cast, orders, sign_in):
    cora = sign_in(cast.cora)
    assert found(cora, "?when=done&q=BIN-7") == {orders["done"].number}
    assert found(cora, "?when=done&kind=wardrobe") == {orders["plain"].number}
    [invoice] = make_invoices([orders["done"].pk], by=cast.bill).invoices
    assert found(cora, "?when=done&billed=yes") == set()
    assert "pending" not in cora.get("/billing/orders/?when=done&q=BIN-7").content.decode()
    number = post_invoice(invoice, by=cast.bill).number
    assert found(cora, "?when=done&billed=yes") == {orders["done"].number}
    assert found(cora, "?when=done&billed=no") == {orders["plain"].number}
    assert number in cora.get("/billing/orders/?when=done").content.decode()


@pytest.mark.parametrize("query", ["when=x", "billed=yes", "kind=site-inspection", "sort=x"])
def test_what_makes_no_sense_is_left_out_and_said(cast, orders, sign_in, query):
    cora = sign_in(cast.cora)
    assert "was left out" in cora.get(f"/billing/orders/?{query}").content.decode()
    assert cora.get(f"/billing/orders/export.csv?{query}").status_code == 302


def test_the_file_holds_what_the_list_shows(cast, orders, sign_in):
    body = sign_in(cast.cora).get("/billing/orders/export.csv?when=done&q=BIN-7").getvalue().decode("utf-8-sig")
    [_heading, row] = list(csv.reader(io.StringIO(body)))
    assert (row[0], row[6], row[8], row[9]) == (orders["done"].number, "BIN-7", "195.00", "EUR")


def test_both_rights_are_needed(cast, orders, sign_in):
    for path in ("/billing/orders/", "/billing/orders/export.csv"):
        assert sign_in(cast.colm).get(path).status_code == 403
    allow(cast.colm, "view_invoices")
    PermissionOverride.objects.create(portal_user=cast.colm, permission="view_jobs", effect="deny")
    for path in ("/billing/orders/", "/billing/orders/export.csv"):
        assert sign_in(cast.colm).get(path).status_code == 403


def test_orders_of_an_account_without_the_right_are_left_out(cast, orders, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="view_invoices", effect="deny")
    assert found(sign_in(cast.cora), "?when=done") == {orders["plain"].number}


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "No order is still to come."), ("?when=done", "Nothing is completed yet."), ("?q=x", "Nothing found.")],
)
def test_an_empty_list_says_what_to_do(cast, sign_in, query, words):
    allow(cast.cora)
    assert words in sign_in(cast.cora).get(f"/billing/orders/{query}").content.decode()


def test_the_same_queries_for_two_and_for_many(cast, orders, sign_in):
    cora = sign_in(cast.cora)

    def queries(path):
        b"".join(cora.get(path))
        with CaptureQueriesContext(connection) as caught:
            b"".join(cora.get(path))
        return len(caught)

    paths = ("/billing/orders/?when=done", "/billing/orders/export.csv?when=done")
    few = [queries(path) for path in paths]
    for _ in range(30):
        order(cast.acme, template=cast.exchange)
    assert [queries(path) for path in paths] == few
    assert max(few) <= 12
