"""An order that is on an invoice is not deleted, and its price is not taken back, whoever tries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.act import acting
from audit.restore import Hindered, restore_request
from billing.invariants import broken
from billing.services import make_invoices, post_invoice
from console.errors import Refused
from console.taking_back import StaffJudge
from jobs.models import Job
from jobs.services import complete_job, delete_job, start_job, update_job
from jobs.services.undoing import touched_since
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def billed(cast: Cast) -> Job:
    set_up_billing()
    bill_to(cast.acme)
    job = order(cast.acme)
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    post_invoice(invoice, by=cast.bill)
    job.refresh_from_db()
    return job


def test_it_is_not_deleted(cast: Cast, billed: Job) -> None:
    with pytest.raises(Refused, match="hang on it"):
        delete_job(billed, by=cast.olivia)
    assert not broken()


def test_the_undo_of_its_import_leaves_it(cast: Cast, billed: Job) -> None:
    made = billed.history.earliest("history_id")
    assert billed.pk in touched_since([billed.pk], made.request_id)


def test_its_price_is_not_taken_back(cast: Cast) -> None:
    set_up_billing()
    job = make_job(cast.acme, amount=Decimal("120.00"))
    with acting() as act:
        update_job(job, {"amount": Decimal("150.00")}, by=cast.dana)
    job = complete_job(start_job(job, by=None), by=None)
    make_invoices([job.pk], by=cast.bill)
    with pytest.raises(Hindered):
        restore_request(act.request_id, by=cast.olivia, judge=StaffJudge(cast.olivia))
    job.refresh_from_db()
    assert job.amount == Decimal("150.00")


@pytest.mark.parametrize("change", [{"amount": Decimal(1)}, {"price_lines": []}, {"prices_include_tax": True}])
def test_its_price_is_not_changed(cast: Cast, billed: Job, change: dict[str, object]) -> None:
    with pytest.raises(Refused, match=billed.billed_as):
        update_job(billed, change | ({"amount": Decimal(1)} if "price_lines" in change else {}), by=cast.olivia)
