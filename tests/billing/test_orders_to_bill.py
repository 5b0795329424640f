"""Orders that are done wait in a list until they are on an invoice; Bill makes invoices of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.billable import BillingProblem, blocked, blocks, having, problems_of, profiles_of
from billing.choices import TaxTreatment
from billing.models import Invoice, OrderToBill
from jobs.models import Job
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.new_records import said
from tests.console.people import narrow

pytestmark = pytest.mark.django_db
LIST = "/admin/billing/ordertobill/"


def tick(*jobs: Job, **more: str) -> dict[str, Any]:
    return {"action": "bill_many", "_selected_action": [str(job.pk) for job in jobs], "index": "0", **more}


def test_it_lists_what_is_done_and_on_no_invoice(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    waiting, open_one = order(cast.acme), order(cast.acme, done=False)
    unpriced = order(cast.birch, amount=None)
    page = sign_in(cast.bill).get(LIST).content.decode()
    assert waiting.number in page and "€120.00" in page
    assert open_one.number not in page
    assert unpriced.number in page and "No price" in page and "No invoice address" in page


def test_bill_is_told_in_numbers_and_makes_one_for_each_customer(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    jobs = [order(cast.acme), order(cast.acme), order(cast.birch), order(cast.birch, amount=None)]
    bill = sign_in(cast.bill)
    question = bill.post(LIST, tick(*jobs)).content.decode()
    assert "2 invoices of €360.00 before tax. 1 order is left out: It has no price." in question
    assert "3 invoices of €360.00 before tax." in question
    answer = bill.post(LIST, tick(*jobs, _form_submitted="1", each="customer"))
    assert answer.status_code == 302 and answer.url.endswith("/admin/billing/invoice/?status__exact=pending")
    assert said(answer) == ["2 invoices were prepared.", "1 order is left out: It has no price."]
    assert Invoice.objects.pending().count() == 2
    assert jobs[0].number not in bill.get(LIST).content.decode()


def test_one_for_each_order(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    jobs = [order(cast.acme), order(cast.acme)]
    sign_in(cast.bill).post(LIST, tick(*jobs, _form_submitted="1", each="order"))
    assert Invoice.objects.pending().count() == 2


def test_what_is_refused_is_said_in_the_question(cast: Cast, sign_in: Any) -> None:
    # Without a country there are no taxes.
    job = order(cast.acme)
    answer = sign_in(cast.bill).post(LIST, tick(job, _form_submitted="1", each="customer"))
    assert answer.status_code == 200 and "There is no tax code" in answer.content.decode()
    assert not Invoice.objects.exists()


def test_a_job_says_its_invoice_and_bill_makes_it_there(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    job = order(cast.acme)
    bill = sign_in(cast.bill)
    page = reverse("admin:jobs_job_change", args=[job.pk])
    button = reverse("admin:billing_ordertobill_bill_one", args=[job.pk])
    assert button in bill.get(page).content.decode()
    assert "1 invoice of €120.00 before tax." in bill.get(button).content.decode()
    bill.post(button, {"_form_submitted": "1"})
    invoice = Invoice.objects.get()
    shown = bill.get(page).content.decode()
    assert reverse("admin:billing_invoice_change", args=[invoice.pk]) in shown and button not in shown


def test_dana_and_sam_make_none(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    job = order(cast.acme)
    assert sign_in(cast.sam).get(LIST).status_code == 200
    assert sign_in(cast.dana).get(LIST).status_code == 403
    for person in (cast.sam, cast.dana, cast.nell):
        client = sign_in(person)
        client.post(LIST, tick(job, _form_submitted="1", each="customer"))
        client.post(reverse("admin:billing_ordertobill_bill_one", args=[job.pk]), {"_form_submitted": "1"})
    assert not Invoice.objects.exists()


def test_who_works_for_birch_alone_sees_and_bills_its_orders_only(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    theirs, other = order(cast.birch), order(cast.acme)
    narrow(cast.bill, cast.birch)
    bill = sign_in(cast.bill)
    page = bill.get(LIST).content.decode()
    assert theirs.number in page and other.number not in page
    bill.post(LIST, tick(theirs, other, _form_submitted="1", each="customer"))
    assert [invoice.customer for invoice in Invoice.objects.all()] == [cast.birch]
    assert bill.get(reverse("admin:billing_ordertobill_bill_one", args=[other.pk])).status_code == 404


def world_of_problems(cast: Cast) -> None:
    set_up_billing()
    bill_to(cast.acme, po_required=True)
    bill_to(cast.birch, hold_reason="In talks", tax_treatment=TaxTreatment.NORMAL, po_required=True, standing_po="4500")
    order(cast.acme)
    order(cast.birch)
    order(cast.cedar, amount=None)
    order(cast.cedar, ("Hour", "1", "10"), ("Discount", "1", "-50"))
    yen = order(cast.cedar)
    Job.objects.filter(pk=yen.pk).update(currency="JPY")
    old = order(cast.acme)
    Job.objects.filter(pk=old.pk).update(completed_at="2020-01-01T12:00:00Z")


@pytest.mark.parametrize("problem", list(BillingProblem))
def test_a_filter_says_of_many_what_is_said_of_one(cast: Cast, problem: BillingProblem) -> None:
    world_of_problems(cast)
    profiles = profiles_of([cast.acme.pk, cast.birch.pk, cast.cedar.pk])
    jobs = list(Job.objects.all())
    found = {job.pk for job in jobs if problem in problems_of(job, profiles.get(job.customer_id))}
    assert set(Job.objects.filter(having(problem)).values_list("pk", flat=True)) == found
    stuck = {job.pk for job in jobs if blocks(problems_of(job, profiles.get(job.customer_id)))}
    assert set(Job.objects.filter(blocked()).values_list("pk", flat=True)) == stuck


def test_a_list_costs_the_same_for_two_orders_and_for_many(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill = sign_in(cast.bill)
    job = order(cast.acme, amount=Decimal("10.00"))
    bill.get(LIST)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert bill.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    rows = []
    for number in range(60):
        row = Job.objects.get(pk=job.pk)
        row.pk, row.number, row.external_id = None, f"J-9{number:05}", None
        rows.append(row)
    Job.objects.bulk_create(rows)
    assert OrderToBill.objects.to_bill().count() == 61
    assert queries() == few
