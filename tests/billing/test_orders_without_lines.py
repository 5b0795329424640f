"""An order of which no line is left on a prepared invoice can be billed again, and whoever saved is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from billing.invariants import broken
from billing.services import make_invoices
from tests.billing.making import bill_to, order, set_up_billing
from tests.billing.test_invoice_page import form_of
from tests.conftest import Cast
from tests.console.new_records import said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("removed", "freed"), [((0, 1), True), ((1,), False)])
def test_bill_removes_lines_and_is_told_which_orders_are_free(
    cast: Cast, sign_in: Any, removed: tuple[int, ...], freed: bool
) -> None:
    set_up_billing()
    bill_to(cast.acme)
    jobs = [order(cast.acme, ("Hour", "1", "60"), ("Visit", "1", "10")), order(cast.acme)]
    [invoice] = make_invoices([job.pk for job in jobs], by=cast.bill).invoices
    bill = sign_in(cast.bill)
    address = reverse("admin:billing_invoice_change", args=[invoice.pk])
    data = form_of(bill.get(address)) | {f"lines-{place}-DELETE": "on" for place in removed}
    answer = bill.post(address, data)
    told = "1 order has no line on it any more and can be billed again."
    assert answer.status_code == 302 and (told in said(answer)) is freed
    for job in jobs:
        job.refresh_from_db()
    assert [job.is_billed for job in jobs] == [not freed, True]
    assert invoice.invoice_jobs.count() == (1 if freed else 2)
    assert not broken()
