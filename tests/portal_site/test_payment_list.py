"""Her payments: what stands in the list, what it can be asked for, one of them, its receipt."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Allocation, Payment
from billing.services import record_payment, refund, void_payment, void_refund
from permissions.models import PermissionOverride
from tests.billing.papers import text_of
from tests.portal_site.money_world import allow, billed, bills

TODAY = dt.date(2026, 11, 28)
SECRET = "She always pays late"


@pytest.fixture
def paid(cast, time_machine):
    """Two invoices paid by one transfer with some left, a cheque that bounced, one of Birch's, one of a stranger."""
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    bills(cast, cast.acme, cast.birch, cast.cedar)
    first, second = (billed(cast, cast.acme, on=TODAY) for _n in range(2))
    facts = {"by": cast.bill, "note": SECRET}
    words = {"their_reference": "=RF18 Acme", "payer_name": "Acme Holding"}
    transfer = record_payment(cast.acme, Decimal("300.00"), oldest_first=True, **words, **facts)
    bounced = record_payment(cast.acme, Decimal("50.00"), method="cheque", received_on=dt.date(2025, 12, 30), **facts)
    void_payment(bounced, by=cast.bill, reason="The bank says no")
    cash = record_payment(cast.birch, Decimal("70.00"), method="cash", received_on=dt.date(2026, 11, 20), **facts)
    strange = record_payment(cast.cedar, Decimal("777.00"), **facts)
    allow(cast.cora)
    return {
        "transfer": Payment.objects.get(pk=transfer.pk),
        "bounced": bounced,
        "cash": cash,
        "strange": strange,
        "invoices": (first, second),
    }


def found(client, query=""):
    return [row.payment.pk for row in client.get(f"/billing/payments/{query}").context["payments"]]


def words_of(response):
    return " ".join(response.content.decode().split())


def table(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_a_row_says_all_there_is_to_say(cast, paid, sign_in):
    transfer, (first, second) = paid["transfer"], paid["invoices"]
    page = words_of(sign_in(cast.cora).get(f"/billing/payments/?q={transfer.number}"))
    for words in (
        transfer.number,
        "28 November 2026",
        "Received",
        "Bank transfer",
        "=RF18 Acme",
        "€300.00",
        "€62.00 left as credit",
        f"{first.number}, {second.number}",
        'href="/billing/payments/" aria-current="page"',
    ):
        assert words in page, words
    assert SECRET not in page and "777" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["transfer", "cash", "bounced"]),
        ("?status=succeeded", ["transfer", "cash"]),
        ("?status=voided", ["bounced"]),
        ("?status=credit", ["transfer", "cash"]),
        ("?year=2025", ["bounced"]),
        ("?q=holding", ["transfer"]),
        ("?sort=amount", ["transfer", "cash", "bounced"]),
        ("?sort=credit", ["cash", "transfer", "bounced"]),
        ("?sort=customer", ["transfer", "bounced", "cash"]),
    ],
)
def test_it_is_filtered_and_sorted_by_the_address(cast, paid, sign_in, query, expected):
    assert found(sign_in(cast.cora), query) == [paid[name].pk for name in expected]


@pytest.mark.parametrize("query", ["status=pending", "status=x", "year=1066", "year=x", "sort=note"])
def test_what_makes_no_sense_is_left_out_and_said(cast, paid, sign_in, query):
    cora = sign_in(cast.cora)
    page = cora.get(f"/billing/payments/?{query}")
    assert len(page.context["payments"]) == 3
    assert "was left out" in page.content.decode()
    assert cora.get(f"/billing/payments/export.csv?{query}").status_code == 302


def test_what_is_on_its_way_is_offered_once_it_is_there(cast, paid, sign_in):
    made = Payment.objects.create(customer=cast.acme, currency="EUR", amount=Decimal(5), on=TODAY, state="pending")
    cora = sign_in(cast.cora)
    assert found(cora, "?status=pending") == [made.pk]
    assert "On its way" in words_of(cora.get("/billing/payments/"))


def test_the_file_holds_what_the_list_shows_and_no_formula(cast, paid, sign_in):
    rows = table(sign_in(cast.cora).get("/billing/payments/export.csv?q=acme"))
    first, second = paid["invoices"]
    assert rows[1] == [
        "2026-11-28", paid["transfer"].number, "Received", "Bank transfer", "'=RF18 Acme", "Acme Holding",
        "Acme Builders", "300.00", f"{first.number}, {second.number}", "62.00", "0.00", "", "EUR",
    ]  # fmt: skip
    assert rows[2][2] == "Taken back" and rows[2][-2] == "2026-11-28"
    assert SECRET not in str(rows)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "There are no payments yet."),
        ("?status=voided", "There is no such payment."),
        ("?status=credit", "No payment has credit left."),
        ("?q=nothing", "Nothing found."),
    ],
)
def test_an_empty_list_says_what_to_do(cast, sign_in, query, words):
    allow(cast.cora)
    assert words in sign_in(cast.cora).get(f"/billing/payments/{query}").content.decode()


def test_of_the_account_she_switched_to_alone(cast, paid, sign_in):
    cora = sign_in(cast.cora)
    cora.post("/accounts/switch/", {"account": cast.birch.pk})
    assert found(cora) == [paid["cash"].pk]
    # Her bookmark of another account's still opens.
    assert cora.get(f"/billing/payments/{paid['transfer'].reference}/").status_code == 200


def test_of_an_account_whose_invoices_she_may_not_see_there_is_nothing(cast, paid, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="view_invoices", effect="deny")
    cora = sign_in(cast.cora)
    assert found(cora) == [paid["cash"].pk]
    assert cora.get(f"/billing/payments/{paid['transfer'].reference}/").status_code == 403


def test_one_says_what_it_paid_and_what_is_left(cast, paid, sign_in):
    transfer, (first, second) = paid["transfer"], paid["invoices"]
    page = words_of(sign_in(cast.cora).get(f"/billing/payments/{transfer.reference}/"))
    for words in (
        f"Payment {transfer.number}", "Acme Holding", "=RF18 Acme", "€300.00", "€119.00", "€238.00", "€62.00",
        f'href="/billing/invoices/{first.number}/"', f'href="/billing/invoices/{second.number}/"', "receipt.pdf",
    ):  # fmt: skip
        assert words in page, words
    assert SECRET not in page


def test_what_went_back_is_said_and_what_came_back_of_that(cast, paid, sign_in):
    kept = refund(paid["transfer"], Decimal("12.00"), by=cast.bill, reason="Inner reason")
    gone = refund(paid["transfer"], Decimal("20.00"), by=cast.bill, reason="Inner reason")
    void_refund(gone, by=cast.bill, reason="Inner reason")
    cora, reference = sign_in(cast.cora), paid["transfer"].reference
    page = words_of(cora.get(f"/billing/payments/{reference}/"))
    for words in (str(kept), "€12.00", str(gone), "<s>€20.00</s>", "taken back on 28 November 2026", "€50.00"):
        assert words in page, words
    paper = text_of(cora.get(f"/billing/payments/{reference}/receipt.pdf").content)
    assert str(kept) in paper and "taken back on 28 November 2026" in paper and "€50.00" in paper
    assert "Inner reason" not in page and "Inner reason" not in paper


def test_one_that_was_taken_back_says_so_with_its_day_and_not_why(cast, paid, sign_in):
    cora, reference = sign_in(cast.cora), paid["bounced"].reference
    for words in (
        words_of(cora.get(f"/billing/payments/{reference}/")),
        text_of(cora.get(f"/billing/payments/{reference}/receipt.pdf").content),
    ):
        assert "This payment was taken back on 28 November 2026." in words
        assert "The bank says no" not in words and SECRET not in words


def test_the_receipt_says_what_it_paid(cast, paid, sign_in):
    transfer, (first, second) = paid["transfer"], paid["invoices"]
    answer = sign_in(cast.cora).get(f"/billing/payments/{transfer.reference}/receipt.pdf")
    assert answer["Content-Type"] == "application/pdf" and f"{transfer.number}.pdf" in answer["Content-Disposition"]
    text = text_of(answer.content)
    for words in (
        f"Payment receipt {transfer.number}", "Acme Builders", "Acme Holding", "Bank transfer", "€300.00",
        f"Invoice {first.number}", f"Invoice {second.number}", "€119.00", "Left as credit", "€62.00",
    ):  # fmt: skip
        assert words in text, words
    assert SECRET not in text


def test_of_money_that_never_came_there_is_no_receipt(cast, paid, sign_in):
    made = Payment.objects.create(customer=cast.acme, currency="EUR", amount=Decimal(5), on=TODAY, state="failed")
    cora = sign_in(cast.cora)
    assert "Failed" in words_of(cora.get(f"/billing/payments/{made.reference}/"))
    assert cora.get(f"/billing/payments/{made.reference}/receipt.pdf").status_code == 404


def test_a_stranger_and_a_colleague_without_the_right(cast, paid, sign_in):
    one = f"/billing/payments/{paid['transfer'].reference}/"
    for path in ("/billing/payments/", "/billing/payments/export.csv"):
        assert sign_in(cast.colm).get(path).status_code == sign_in(cast.carl).get(path).status_code == 403
    allow(cast.carl)
    carl = sign_in(cast.carl)
    assert found(carl) == [paid["strange"].pk]
    assert paid["transfer"].number not in carl.get("/billing/payments/export.csv").getvalue().decode()
    for path in (one, f"{one}receipt.pdf"):
        assert carl.get(path).status_code == 404
        assert sign_in(cast.colm).get(path).status_code == 403
        assert sign_in(None).get(path).status_code == 302
        assert sign_in(cast.cora).post(path).status_code == 405


def test_what_people_wrote_is_escaped(cast, paid, sign_in):
    evil = "<script>alert(1)</script>"
    made = record_payment(cast.acme, Decimal(1), by=cast.bill, their_reference=evil, payer_name=evil)
    cora = sign_in(cast.cora)
    for path in ("/billing/payments/", f"/billing/payments/{made.reference}/"):
        page = cora.get(path).content.decode()
        assert evil not in page and "&lt;script&gt;" in page, path


def test_the_same_queries_for_two_and_for_two_hundred(cast, paid, sign_in):
    cora = sign_in(cast.cora)
    one = f"/billing/payments/{paid['transfer'].reference}/"
    paths = (
        "/billing/",
        "/billing/payments/",
        "/billing/payments/?status=credit&sort=amount",
        "/billing/payments/export.csv",
        one,
        f"{one}receipt.pdf",
        f"/billing/invoices/{paid['invoices'][0].number}/",
    )

    def queries():
        counts = {}
        for path in paths:
            b"".join(cora.get(path))
            with CaptureQueriesContext(connection) as caught:
                b"".join(cora.get(path))
            counts[path] = len(caught)
        return counts

    few, transfer = queries(), paid["transfer"]
    invoice = paid["invoices"][0]
    for n in range(200):
        record_payment(cast.acme, Decimal("1.00"), by=cast.bill)
        # Put there and taken back: no sum moves.
        for amount in (Decimal(1), Decimal(-1)):
            Allocation.objects.create(payment=transfer, invoice=invoice, amount=amount, on=TODAY)
        refund(Payment.objects.get(pk=transfer.pk), Decimal("0.10"), by=cast.bill, reason=str(n))
    assert queries() == few
    assert max(few.values()) <= 12, few
