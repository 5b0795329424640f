"""What was posted is stored as paper by a worker; until then, and afterwards, everybody reads the same."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from billing.documents import keep_posted_documents, paper_of
from billing.models import Document, Invoice
from billing.services import make_invoices, post_invoice
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def test_a_worker_stores_it_once(posted: Invoice) -> None:
    assert keep_posted_documents() == 1
    assert keep_posted_documents() == 0
    assert Document.objects.get().invoice == posted


def test_reading_stores_nothing(posted: Invoice) -> None:
    assert paper_of(posted)[:5] == b"%PDF-"
    assert not Document.objects.exists()


def test_what_is_stored_is_what_is_read(posted: Invoice) -> None:
    keep_posted_documents()
    with default_storage.open(str(Document.objects.get().file.name)) as file:
        assert paper_of(posted) == file.read()


def test_a_pending_one_is_not_stored(cast: Cast, posted: Invoice) -> None:
    make_invoices([order(cast.acme).pk], by=cast.bill)
    assert keep_posted_documents() == 1
