"""Bill posts and discards from the page and from the list, and is told in numbers before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice
from billing.services import make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.new_records import said

pytestmark = pytest.mark.django_db
LIST = "/admin/billing/invoice/"


@pytest.fixture
def pending(cast: Cast) -> list[Invoice]:
    """One that can be posted, and one whose customer has no address."""
    set_up_billing()
    bill_to(cast.acme)
    return make_invoices([order(cast.acme).pk, order(cast.birch).pk], by=cast.bill).invoices


def button(name: str, invoice: Invoice) -> str:
    return reverse(f"admin:billing_invoice_{name}", args=[invoice.pk])


def today() -> str:
    return timezone.localdate().isoformat()


def test_posting_tells_total_and_number_before(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    bill = sign_in(cast.bill)
    number = f"R-{timezone.localdate().year}-000001"
    question = bill.get(button("post", pending[0])).content.decode()
    assert "€142.80 for Acme Builders." in question and f"It becomes {number}" in question
    answer = bill.post(button("post", pending[0]), {"_form_submitted": "1", "day": today()})
    assert said(answer)[0].startswith(f"{number} is posted: €142.80, due on ")
    pending[0].refresh_from_db()
    assert pending[0].number == number


def test_what_is_missing_is_said_before_and_refused(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    bill = sign_in(cast.bill)
    assert "Birch Hotel has no invoice address." in bill.get(button("post", pending[1])).content.decode()
    answer = bill.post(button("post", pending[1]), {"_form_submitted": "1", "day": today()})
    assert answer.status_code == 200
    pending[1].refresh_from_db()
    assert pending[1].is_pending


def test_discarding_says_how_many_orders_become_free(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    bill = sign_in(cast.bill)
    assert "1 order can be billed again." in bill.get(button("discard", pending[0])).content.decode()
    bill.post(button("discard", pending[0]), {"_form_submitted": "1"})
    assert not Invoice.objects.filter(pk=pending[0].pk).exists()


def test_of_several_each_refusal_is_named(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    bill = sign_in(cast.bill)
    ticked = {"action": "post_many", "index": "0", "_selected_action": [one.pk for one in pending]}
    assert "2 invoices of €285.60." in bill.post(LIST, ticked).content.decode()
    told = " ".join(said(bill.post(LIST, ticked | {"_form_submitted": "1", "day": today()})))
    assert "1 invoice is posted." in told and "Birch Hotel has no invoice address." in told


def test_what_is_overdue_is_red_and_counted(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    day = timezone.localdate() - timedelta(days=60)
    post_invoice(pending[0], by=cast.bill, issue_on=day)
    bill = sign_in(cast.bill)
    page = bill.get(LIST, {"due": "overdue"}).content.decode()
    assert "Acme Builders" in page and "Overdue" in page and "Birch Hotel" not in page
    cards = {str(card.label): card.count for card in bill.get("/admin/").context["cards"]}
    assert cards["Overdue invoices: €142.80"] == 1 and cards["Pending invoices"] == 1


def test_the_palette_finds_it_for_who_may_see_it(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    number = post_invoice(pending[0], by=cast.bill).number
    for person, finds in ((cast.dana, True), (cast.nell, False)):
        page = sign_in(person).get("/admin/search/", {"s": number}).content.decode()
        assert (f"/admin/billing/invoice/{pending[0].pk}/" in page) is finds


def test_a_list_costs_the_same_for_two_invoices_and_for_many(cast: Cast, sign_in: Any, pending: list[Invoice]) -> None:
    bill = sign_in(cast.bill)
    bill.get(LIST)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert bill.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    Invoice.objects.bulk_create(
        [Invoice(customer=cast.acme, currency="EUR", created_by=cast.bill) for _number in range(200)]
    )
    assert queries() == few
