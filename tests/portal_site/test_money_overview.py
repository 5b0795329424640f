"""What is to pay, on the overview, on the first page and in the bar."""

from __future__ import annotations

import datetime as dt

import pytest

from billing.models import BillingProfile
from jobs.models import Job
from permissions.models import PermissionOverride
from tests.billing.making import order
from tests.portal_site.money_world import allow, billed, bills

TODAY = dt.date(2026, 11, 28)


@pytest.fixture
def owing(cast, time_machine):
    """Acme owes 119 since 2 November and 238 until 12 December; Cedar something else."""
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    bills(cast, cast.acme, cast.birch, cast.cedar)
    old = billed(cast, cast.acme, on=dt.date(2026, 10, 18))
    new = billed(cast, cast.acme, ("Skip", "2", "100.00"), on=TODAY)
    billed(cast, cast.cedar, ("Else", "1", "777.00"), on=TODAY)
    allow(cast.cora)
    return old, new


def test_it_says_how_much_how_many_and_what_is_overdue(cast, owing, sign_in):
    page = sign_in(cast.cora).get("/billing/")
    [one] = page.context["owed"]
    assert (one.count, str(one.balance), one.overdue_count, str(one.overdue)) == (2, "357.00", 1, "119.00")
    words = page.content.decode()
    assert "€357.00" in words and "1 invoice, since 2 November" in words and "12 December" in words
    assert f"/billing/invoices/{owing[1].number}/" in words
    assert "777" not in words and "924" not in words


def test_each_currency_stands_by_itself(cast, owing, sign_in):
    BillingProfile.objects.filter(customer=cast.birch).update(currency="CHF")
    billed(cast, cast.birch, currency="CHF", on=TODAY)
    page = sign_in(cast.cora).get("/billing/")
    assert [(one.currency, one.count) for one in page.context["owed"]] == [("CHF", 1), ("EUR", 2)]


def test_only_of_the_account_she_switched_to(cast, owing, sign_in):
    billed(cast, cast.birch, on=TODAY)
    cora = sign_in(cast.cora)
    assert cora.get("/billing/").context["owed"][0].count == 3
    cora.post("/accounts/switch/", {"account": cast.birch.pk})
    assert cora.get("/billing/").context["owed"][0].count == 1


def test_of_an_account_whose_invoices_she_may_not_see_nothing_counts(cast, owing, sign_in):
    billed(cast, cast.birch, on=TODAY)
    order(cast.birch, template=cast.exchange)
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="view_invoices", effect="deny")
    page = sign_in(cast.cora).get("/billing/")
    assert (page.context["owed"][0].count, page.context["not_billed"][0].count) == (1, 1)


def test_what_is_done_and_not_billed_yet(cast, owing, sign_in):
    order(cast.acme, ("Skip", "1", "80.00"), template=cast.exchange)
    Job.objects.filter(pk=order(cast.acme, template=cast.exchange).pk).update(amount=None)
    # Being prepared is not billed yet; of another kind, still to come, and a stranger's are not hers.
    billed(cast, cast.acme, ("Skip", "1", "20.00"), post=False)
    order(cast.acme, ("Look", "1", "5.00"), template=cast.inspection)
    order(cast.acme, ("Later", "1", "6.00"), template=cast.exchange, done=False)
    order(cast.cedar, ("Else", "1", "7.00"), template=cast.exchange)
    page = sign_in(cast.cora).get("/billing/")
    [one] = page.context["not_billed"]
    assert (one.count, one.amount, one.unpriced) == (3, 100, 1)
    assert "1 has no price yet" in page.content.decode()
    found = sign_in(cast.cora).get("/billing/orders/?when=done&billed=no").context["page"].paginator.count
    assert found == 3


def test_without_the_right_to_see_jobs_there_is_nothing_of_orders(cast, owing, sign_in):
    order(cast.acme, ("Skip", "1", "80.00"), template=cast.exchange)
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_jobs", effect="deny")
    page = sign_in(cast.cora).get("/billing/").content.decode()
    assert "not billed yet" not in page and "/billing/orders/" not in page


def test_on_the_first_page_stands_one_card(cast, owing, sign_in):
    cora = sign_in(cast.cora)
    assert "2 invoices, €357.00, overdue since 2 November" in cora.get("/").content.decode()


def test_the_card_names_the_next_day_where_nothing_is_overdue(cast, time_machine, sign_in):
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    bills(cast, cast.acme)
    billed(cast, cast.acme, on=TODAY)
    allow(cast.cora)
    assert "1 invoice, €119.00, due 12 December" in sign_in(cast.cora).get("/").content.decode()


def test_whoever_may_not_see_invoices_reads_nothing_of_money(cast, owing, sign_in):
    colm = sign_in(cast.colm)
    home = colm.get("/").content.decode()
    assert "/billing/" not in home and "357" not in home
    assert colm.get("/billing/").status_code == 403
    assert "/billing/" in sign_in(cast.cora).get("/").content.decode()


def test_nothing_to_pay_is_said(cast, sign_in):
    allow(cast.cora)
    assert "There is nothing to pay at the moment." in sign_in(cast.cora).get("/billing/").content.decode()


def test_due_is_a_day_of_the_business_and_not_of_her_clock(cast, time_machine, sign_in):
    """At ten in the evening in Hamburg it is tomorrow in Tokyo: nothing is overdue yet."""
    time_machine.move_to("2026-11-28T20:00:00Z", tick=False)
    bills(cast, cast.acme)
    billed(cast, cast.acme, on=dt.date(2026, 11, 14))
    allow(cast.cora)
    cast.cora.user.time_zone = "Asia/Tokyo"
    cast.cora.user.save()
    assert sign_in(cast.cora).get("/billing/").context["owed"][0].overdue_count == 0
    assert "Overdue" not in sign_in(cast.cora).get("/billing/invoices/?q=R-").content.decode().split("results")[-1]
