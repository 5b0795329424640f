"""Who may see an invoice, but not each order on it, reads neither the numbers of those nor a way to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from billing.models import InvoiceLine
from billing.services import make_invoices, post_invoice
from permissions.models import TemplateGrant
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_posted", [False, True])
def test_bill_who_was_granted_one_template(cast: Cast, sign_in: Any, is_posted: bool) -> None:
    set_up_billing()
    bill_to(cast.acme)
    jobs = [order(cast.acme, template=cast.exchange), order(cast.acme, template=cast.inspection)]
    invoice = make_invoices([job.pk for job in jobs], by=cast.olivia).invoices[0]
    if is_posted:
        post_invoice(invoice, by=cast.olivia)
    # What is printed names both; what leads to them is asked for here.
    if not is_posted:
        InvoiceLine.objects.filter(invoice=invoice).update(heading="")
    permission = Permission.objects.get(codename="view_jobtemplate")
    cast.bill.only_granted_templates = True
    cast.bill.save()
    TemplateGrant.objects.create(user=cast.bill, permission=permission, content_object=cast.exchange)
    bill = sign_in(User.objects.get(pk=cast.bill.pk))
    page = bill.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    links = [reverse("admin:jobs_job_change", args=[job.pk]) in page for job in jobs]
    assert links == [True, False]
    if not is_posted:
        assert jobs[0].number in page and jobs[1].number not in page
