"""The office reads a customer's statement as the customer does, and nobody reads it who may not see the ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Location
from billing.services import make_invoices, post_invoice, record_payment, void_payment
from console.roles import Role, give_role
from permissions.models import CustomerGrant
from tests.billing.making import bill_to, order, set_up_billing
from tests.billing.papers import squeezed, text_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

TIME = "?from=2026-10-01&to=2026-11-30"


@pytest.fixture
def owing(cast, time_machine):
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    set_up_billing()
    bill_to(cast.acme)
    places = [Location.objects.create(customer=cast.acme, street=f"Yard {number}") for number in (1, 2)]
    jobs = [order(cast.acme, ("Skip", "1", "100.00"), location=place) for place in places]
    [invoice] = make_invoices([job.pk for job in jobs], by=None).invoices
    post_invoice(invoice, by=None, issue_on=dt.date(2026, 10, 18))
    return record_payment(cast.acme, Decimal("38.00"), by=None, oldest_first=True)


def address(cast, name="statement"):
    return reverse(f"admin:accounts_customer_{name}", args=[cast.acme.pk])


def words(page):
    return " ".join(page.content.decode().split())


def test_bill_finds_it_on_the_customers_page(cast, owing, sign_in):
    bill = sign_in(cast.bill)
    assert address(cast) in words(bill.get(reverse("admin:accounts_customer_change", args=[cast.acme.pk])))
    page = words(bill.get(address(cast) + TIME))
    for said in (
        f'{reverse("admin:billing_payment_change", args=[owing.pk])}">Payment {owing.number}</a>',
        "€238.00",
        "€200.00",
        "31 to 60 days overdue",
        "1 to 30 days overdue",
        "Yard 1",
    ):
        assert said in page, said
    place = bill.get(address(cast) + TIME + "&place=Yard+1").context["statement"]
    assert str(place.closing) == "100.00"


def test_as_a_table_and_on_paper(cast, owing, sign_in):
    bill = sign_in(cast.bill)
    table = bill.get(address(cast, "statement_csv") + TIME).getvalue().decode("utf-8-sig").splitlines()
    assert table[0].startswith("Date,What,Number") and table[-1].startswith(",More than 90 days overdue")
    paper = bill.get(address(cast, "statement_pdf") + TIME)
    assert squeezed("Closing balance €200.00") in squeezed(text_of(paper.content))
    for name in ("statement_csv", "statement_pdf"):
        assert bill.get(address(cast, name) + "?from=x").status_code == 302
    assert "is no date" in words(bill.get(address(cast) + "?from=x"))


@pytest.mark.parametrize("name", ["statement", "statement_csv", "statement_pdf"])
def test_who_may_read_it(cast, owing, sign_in, name):
    requested = {who: sign_in(who).get(address(cast, name)).status_code for who in (cast.olivia, cast.bill, cast.sam)}
    assert set(requested.values()) == {200}
    assert [sign_in(who).get(address(cast, name)).status_code for who in (cast.dana, cast.ines, cast.nell)] == [403] * 3
    assert sign_in(cast.cora).get(address(cast, name)).status_code in (302, 403)
    assert address(cast) not in words(
        sign_in(cast.dana).get(reverse("admin:accounts_customer_change", args=[cast.acme.pk]))
    )


@pytest.mark.parametrize("name", ["statement", "statement_csv", "statement_pdf"])
def test_of_a_customer_that_was_not_granted_there_is_none(cast, owing, sign_in, name):
    clerk = make_user("clerk@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(clerk, Role.BILLING_CLERK, by=None)
    view = Permission.objects.get(content_type__app_label="accounts", codename="view_customer")
    CustomerGrant.objects.create(user=clerk, permission=view, content_object=cast.cedar)
    requested = sign_in(clerk)
    assert requested.get(address(cast, name)).status_code == 404
    assert requested.get(reverse(f"admin:accounts_customer_{name}", args=[cast.cedar.pk])).status_code == 200
    assert sign_in(cast.bill).get(address(cast, name) + "?place=Far").status_code == 404


def test_two_hundred_rows_cost_no_more_than_two(cast, owing, sign_in):
    bill = sign_in(cast.bill)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert bill.get(address(cast) + TIME).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for _number in range(105):
        void_payment(record_payment(cast.acme, Decimal("1.00"), by=None), by=None, reason="-")
    page = words(bill.get(address(cast) + TIME))
    assert "Page 1 of 2" in page and queries() == few
