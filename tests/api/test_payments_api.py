"""Payments by way of the API: recorded once, put to invoices, paid back, taken back; who may; what an account says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.invariants import broken
from billing.models import CustomerAccount, Invoice, Payment, Refund
from billing.services import record_payment, write_off
from console.roles import Role, give_role
from tests.api.examples import TODAY, make_world
from tests.console.people import narrow
from tests.factories import make_user

FIRST, SECOND, PAID = "R-2026-000001", "R-2026-000002", "P-2026-000001"


@pytest.fixture
def world(cast, time_machine):
    """Acme has two invoices of 119.00; 150.00 came, 100.00 of it for the first."""
    time_machine.move_to(TODAY, tick=False)
    make_world(cast)


@pytest.fixture
def bills(cast, world, program):
    return program(cast.bill)


def body(**facts):
    return {"customer": "external:C-17", "amount": "100.00"} | facts


def test_the_clerk_records_what_came_and_where_it_goes(bills, cast):
    answer = bills.post(
        "/payments",
        body(
            method="cheque",
            received_on="2026-11-20",
            their_reference="No. 7",
            payer_name="Acme Holding",
            note="In two parts",
            allocations=[{"invoice": FIRST, "amount": "19.00"}, {"invoice": SECOND, "amount": "1.00"}],
        ),
    )
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["number"] == "P-2026-000002" and told["state"] == "succeeded" and told["method"] == "cheque"
    assert (told["received_on"], told["currency"]) == ("2026-11-20", "EUR")
    assert (told["allocated"], told["unassigned"], told["refunds"]) == ("20.00", "80.00", [])
    assert [(one["invoice"], one["amount"]) for one in told["allocations"]] == [(FIRST, "19.00"), (SECOND, "1.00")]
    assert Invoice.objects.get(number=FIRST).status == "paid" and not broken()
    made = Payment.objects.get(number=told["number"])
    assert (made.source, made.note, made.created_by) == ("api", "In two parts", cast.bill)


def test_all_of_it_goes_to_what_was_due_first(bills):
    told = bills.post("/payments", body(oldest_first=True)).json()
    assert [(one["invoice"], one["amount"]) for one in told["allocations"]] == [(FIRST, "19.00"), (SECOND, "81.00")]


def test_the_same_key_again_books_nothing_twice(bills):
    first = bills.post("/payments", body(), **{"Idempotency-Key": "bank-4711"})
    again = bills.post("/payments", body(), **{"Idempotency-Key": "bank-4711"})
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert Payment.objects.count() == 2
    assert bills.post("/payments", body(amount="1"), **{"Idempotency-Key": "bank-4711"}).status_code == 409
    for _n in range(2):
        answer = bills.post(
            f"/payments/{PAID}/refund", {"amount": "10.00", "reason": "Too much"}, **{"Idempotency-Key": "back-1"}
        )
        assert answer.status_code == 201 and answer.json()["unassigned"] == "40.00"
    assert Refund.objects.count() == 1 and not broken()


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"customer": "external:nobody"}, 422, "There is no such customer"),
        ({"amount": "0"}, 409, "above zero"),
        ({"amount": "0.005"}, 422, ""),
        ({"currency": "JPY"}, 422, "two decimals"),
        ({"currency": "eur"}, 422, ""),
        ({"method": "barter"}, 422, ""),
        ({"received_on": "2026-11-24"}, 409, "has not come yet"),
        ({"allocations": [{"invoice": "R-1999-1", "amount": "1"}]}, 422, "There is no such invoice"),
        ({"allocations": [{"invoice": FIRST, "amount": "20.00"}]}, 409, "only 19.00 is open"),
        ({"allocations": [{"invoice": SECOND, "amount": "100.01"}]}, 409, "more than the"),
        ({"allocations": [{"invoice": FIRST, "amount": "1"}] * 2}, 422, "once each"),
        ({"allocations": [{"invoice": FIRST, "amount": "1"}], "oldest_first": True}, 422, "not both"),
        ({"paid": True}, 422, ""),
    ],
)
def test_what_cannot_be_is_refused_and_books_nothing(bills, sent, status, words):
    answer = bills.post("/payments", body(**sent))
    assert answer.status_code == status, answer.content
    assert words in answer.content.decode()
    assert Payment.objects.count() == 1


def test_what_is_left_is_put_to_an_invoice_later(bills):
    told = bills.post(f"/payments/{PAID}/allocations", {"allocations": [{"invoice": SECOND, "amount": "30"}]}).json()
    assert (told["allocated"], told["unassigned"]) == ("130.00", "20.00")
    assert bills.post(f"/payments/{PAID}/allocations", {}).status_code == 422
    told = bills.post(f"/payments/{PAID}/allocations", {"oldest_first": True}).json()
    assert told["unassigned"] == "0.00" and not broken()
    assert bills.post(f"/payments/{PAID}/allocations", {"oldest_first": True}).status_code == 409


def test_what_went_back_stands_with_the_payment_and_it_is_not_taken_back(bills):
    assert bills.post(f"/payments/{PAID}/refund", {"amount": "50.01", "reason": "x"}).status_code == 409
    told = bills.post(f"/payments/{PAID}/refund", {"amount": "50.00", "reason": "Paid too much"}).json()
    assert [(one["amount"], one["reason"]) for one in told["refunds"]] == [("50.00", "Paid too much")]
    refused = bills.post(f"/payments/{PAID}/void", {"reason": "x"})
    assert refused.status_code == 409 and "refunded" in refused.json()["detail"]


def test_one_that_bounced_is_taken_back_whole(bills):
    told = bills.post(f"/payments/{PAID}/void", {"reason": "The cheque bounced"}).json()
    assert (told["state"], told["voided_on"], told["allocations"]) == ("voided", "2026-11-23", [])
    assert Invoice.objects.get(number=FIRST).balance == Decimal("119.00") and not broken()
    assert bills.post(f"/payments/{PAID}/void", {"reason": "Again"}).status_code == 409
    assert bills.post(f"/payments/{PAID}/void", {"reason": " "}).status_code == 422


def test_an_invoice_says_its_lines_and_what_settles_it(bills, cast):
    given_up = write_off(Invoice.objects.get(number=FIRST), by=cast.bill, reason="Small", amount=Decimal("9.00"))
    told = bills.get(f"/invoices/{FIRST}").json()
    assert (told["status"], told["total"], told["balance"]) == ("part_paid", "119.00", "10.00")
    assert [(one["description"], one["amount"], one["tax_rate"]) for one in told["lines"]] == [
        ("Skip exchange", "100.00", "19.00")
    ]
    assert [(one["kind"], one["number"], one["amount"]) for one in told["settled_by"]] == [
        ("write_off", given_up.number, "9.00"),
        ("payment", PAID, "100.00"),
    ]
    assert bills.get(f"/invoices/{told['reference']}").json() == told


def test_the_same_key_again_puts_nothing_to_an_invoice_twice(bills):
    body_of = {"allocations": [{"invoice": SECOND, "amount": "20.00"}]}
    for _n in range(2):
        answer = bills.post(f"/payments/{PAID}/allocations", body_of, **{"Idempotency-Key": "put-1"})
        assert (answer.status_code, answer.json()["allocated"]) == (200, "120.00")
    assert Payment.objects.get(number=PAID).allocated == Decimal("120.00") and not broken()


def test_a_dispatcher_reads_invoices_and_not_what_was_paid(program, cast, world):
    told = program(cast.dana).get(f"/invoices/{FIRST}").json()
    assert (told["balance"], told["settled_by"]) == ("19.00", [])
    assert program(cast.dana).get(f"/payments/{PAID}").status_code == 403


def test_orders_are_named_to_those_who_see_them(program, cast, bills):
    [line] = bills.get(f"/invoices/{FIRST}").json()["lines"]
    assert line["job"] == Invoice.objects.get(number=FIRST).lines.get().job.number
    reader = make_user("pia@office.example", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    [line] = program(reader).get(f"/invoices/{FIRST}").json()["lines"]
    assert line["job"] is None


def test_lists_are_filtered(bills, cast):
    record_payment(cast.cedar, Decimal(7), by=cast.bill)

    def numbers(path):
        return [one["number"] for one in bills.get(path).json()["items"]]

    assert numbers("/payments") == ["P-2026-000002", PAID]
    assert numbers("/payments?customer=external:C-17") == numbers("/payments?q=acme") == [PAID]
    assert numbers("/payments?since=2026-11-24") == []
    assert numbers("/invoices?status=part_paid") == [FIRST]
    assert numbers("/invoices?kind=credit_note") == numbers("/invoices?since=2026-11-24") == []
    assert numbers(f"/invoices?customer={cast.acme.pk}&q=skip") == numbers("/invoices?q=nothing") == []
    assert numbers(f"/invoices?customer={cast.acme.pk}&q=mill") == [SECOND, FIRST]
    assert bills.get("/payments?customer=external:nobody").status_code == 404


def test_an_account_adds_up_in_each_currency(bills, cast, time_machine):
    record_payment(cast.acme, Decimal("5.00"), by=cast.bill, currency="CHF")
    time_machine.move_to("2026-12-20T09:00:00Z", tick=False)
    told = bills.get("/customers/external:C-17/account").json()
    assert told["customer"]["name"] == "Acme Builders"
    assert told["accounts"] == [
        {"currency": "CHF", "balance": "-5.00", "open": "0.00", "overdue": "0.00", "credit": "5.00"},
        {"currency": "EUR", "balance": "88.00", "open": "138.00", "overdue": "138.00", "credit": "50.00"},
    ]
    for one in CustomerAccount.objects.filter(customer=cast.acme):
        [row] = [row for row in told["accounts"] if row["currency"] == one.currency]
        assert one.balance == Decimal(row["open"]) - Decimal(row["credit"])


@pytest.fixture
def holding(cast, world, program):
    """``holding("view_payment")``: a program of somebody with those rights in billing alone, who sees customers."""

    def _holding(*codes):
        user = make_user("rita@example.com", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=codes))
        user.user_permissions.add(Permission.objects.get(codename="view_customer"))
        return program(user)

    return _holding


ACTS = {
    "record_payment": ("/payments", body()),
    "allocate_payment": (f"/payments/{PAID}/allocations", {"oldest_first": True}),
    "refund_payment": (f"/payments/{PAID}/refund", {"amount": "1.00", "reason": "x"}),
    "void_payment": (f"/payments/{PAID}/void", {"reason": "x"}),
}


@pytest.mark.parametrize("held", ACTS)
def test_each_act_has_its_own_right(holding, held):
    rita = holding("view_payment", held)
    answers = {code: rita.post(path, sent).status_code for code, (path, sent) in ACTS.items() if code != held}
    assert set(answers.values()) == {403}
    path, sent = ACTS[held]
    assert rita.post(path, sent).status_code in (200, 201)


def test_whoever_may_only_record_puts_nothing_to_invoices(holding):
    assert holding("record_payment").post("/payments", body(oldest_first=True)).status_code == 403
    assert Payment.objects.count() == 1


def test_who_may_record_and_see_none_is_told_of_her_own(holding):
    rita = holding("record_payment")
    answer = rita.post("/payments", body())
    assert answer.status_code == 201 and answer.json()["number"] == "P-2026-000002"
    assert rita.get("/payments/P-2026-000002").status_code == 403


def test_who_was_granted_another_customer_finds_nothing(cast, world, program):
    user = make_user("rolf@example.com", is_staff=True)
    give_role(user, Role.BILLING_CLERK, by=None)
    narrow(user, cast.cedar, action="change")
    rolf = program(user)
    for path in (f"/payments/{PAID}", f"/invoices/{FIRST}", "/customers/external:C-17/account"):
        assert rolf.get(path).status_code == 404
    assert rolf.get("/payments").json()["items"] == rolf.get("/invoices").json()["items"] == []
    for code, (path, sent) in ACTS.items():
        assert rolf.post(path, sent).status_code == (422 if code == "record_payment" else 404)
    theirs = {"customer": str(cast.cedar.pk), "allocations": [{"invoice": FIRST, "amount": "1.00"}]}
    assert rolf.post("/payments", body(**theirs)).status_code == 422


def test_nobody_elses_invoice_takes_the_money(bills, cast):
    answer = bills.post(
        "/payments", body(customer=str(cast.cedar.pk), allocations=[{"invoice": FIRST, "amount": "1.00"}])
    )
    assert answer.status_code == 409 and "not of this customer" in answer.json()["detail"]


def test_pages_cost_the_same_for_two_and_for_two_hundred(bills, cast):
    paths = ("/payments?limit=200", f"/payments/{PAID}", "/invoices?limit=200", "/customers/external:C-17/account")

    def queries():
        counts = {}
        for path in paths:
            bills.get(path)
            with CaptureQueriesContext(connection) as caught:
                assert bills.get(path).status_code == 200
            counts[path] = len(caught)
        return counts

    few = queries()
    for _n in range(200):
        record_payment(cast.acme, Decimal("0.50"), by=cast.bill, oldest_first=True)
    like = Invoice.objects.get(number=SECOND)
    for n in range(200):
        like.pk, like.reference, like.number, like.counter = None, f"r{n}", f"X-{n}", 1000 + n
        like.save(force_insert=True)
    assert queries() == few
    assert len(bills.get("/payments?limit=200").json()["items"]) == 200
