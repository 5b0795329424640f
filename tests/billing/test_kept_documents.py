"""A posted document is printed once: everybody gets the same bytes, also when the file was lost."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from billing.documents import document_of, invoice_pdf, keep_posted_documents, paper_of, storing
from billing.models import Document, Invoice
from billing.services import make_invoices, post_invoice
from console.errors import NotAllowed, Refused
from console.storage import NoRoom, sweep_files
from permissions.models import CustomerGrant
from permissions.services.merging import merge_customers
from tests.billing.making import bill_to, order, set_up_billing
from tests.billing.papers import reader
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    [pending] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    return post_invoice(pending, by=cast.bill)


def content_of(invoice: Invoice, *, by: Any) -> bytes:
    """What is stored, once it is."""
    with default_storage.open(str(document_of(invoice, by=by).file.name)) as file:
        return bytes(file.read())


def files() -> list[Path]:
    return list(Path(default_storage.path("documents")).rglob("*.pdf"))


def test_it_is_rendered_once(cast: Cast, invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    document = document_of(invoice, by=cast.bill)
    first = content_of(invoice, by=cast.bill)
    assert (document.kind, document.language, document.pages, document.size) == ("invoice", "en", 1, len(first))
    assert document.profile == "pdf/a-3a+ua-1" and document.remade_words == ""
    assert len(reader(first).pages) == 1
    monkeypatch.setattr(storing, "rendered_invoice", None)
    assert content_of(invoice, by=None) == first
    assert document_of(invoice, by=cast.olivia) == document
    assert document.download_name == f"{invoice.number}.pdf"


def test_a_pending_one_is_not_kept(cast: Cast) -> None:
    set_up_billing()
    [pending] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    with pytest.raises(Refused, match="not posted yet"):
        document_of(pending, by=cast.bill)
    assert not Document.objects.exists()


@pytest.mark.parametrize("how", ["gone", "altered"])
def test_a_lost_file_is_made_anew_and_its_row_says_so(cast: Cast, invoice: Invoice, how: str) -> None:
    first = content_of(invoice, by=cast.bill)
    path = Path(default_storage.path(Document.objects.get().file.name))
    path.unlink() if how == "gone" else path.write_bytes(b"%PDF-1.4 another")
    document = document_of(invoice, by=cast.bill)
    assert Document.objects.get() == document and document.remade_at is not None
    assert content_of(invoice, by=cast.bill) == first, "the same data, the same bytes"
    assert "the same, byte by byte" in document.remade_words


def test_one_that_differs_from_the_lost_one_says_so(cast: Cast, invoice: Invoice, monkeypatch: Any) -> None:
    document = document_of(invoice, by=cast.bill)
    first = document.sha256
    for _time in range(2):
        Path(default_storage.path(Document.objects.get().file.name)).unlink()
        Invoice.objects.filter(pk=invoice.pk).update(settled=1, balance=invoice.total - 1)
        invoice.refresh_from_db()
        document = document_of(invoice, by=cast.bill)
    assert document.lost_sha256 == first and not document.is_as_first_made
    assert "differs from the first" in document.remade_words


def test_a_full_disk_is_a_sentence(cast: Cast, invoice: Invoice, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.write_text("a file")
    with pytest.raises(NoRoom, match="no room for files"):
        document_of(invoice, by=cast.bill)
    assert not Document.objects.exists()


def test_no_file_stays_without_its_row(cast: Cast, invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files()

    def fails(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Document, "save", fails)
    with pytest.raises(RuntimeError):
        document_of(invoice, by=cast.bill)
    assert files() == before


def test_the_sweep_takes_what_was_rolled_back_and_leaves_documents(cast: Cast, invoice: Invoice) -> None:
    before = set(files())
    with transaction.atomic():
        document_of(invoice, by=cast.bill)
        transaction.set_rollback(True)
    [orphan] = set(files()) - before
    kept = Path(default_storage.path(document_of(invoice, by=cast.bill).file.name))
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (orphan, kept):
        os.utime(path, (old, old))
    sweep_files()
    assert not orphan.exists() and kept.exists()


def test_who_was_granted_others_gets_none(cast: Cast, invoice: Invoice) -> None:
    document_of(invoice, by=None)
    User.objects.filter(pk=cast.bill.pk).update(only_granted_customers=True)
    view = Permission.objects.get(codename="view_customer")
    CustomerGrant.objects.create(user=cast.bill, permission=view, content_object=cast.birch)
    bill = User.objects.get(pk=cast.bill.pk)
    with pytest.raises(NotAllowed):
        document_of(invoice, by=bill)
    assert not Document.objects.visible_to(bill).exists()
    CustomerGrant.objects.create(user=cast.bill, permission=view, content_object=cast.acme)
    assert Document.objects.visible_to(User.objects.get(pk=cast.bill.pk)).exists()


def test_it_goes_along_when_customers_are_merged(cast: Cast, invoice: Invoice) -> None:
    document = document_of(invoice, by=cast.bill)
    before = content_of(invoice, by=cast.bill)
    merge_customers(cast.birch, cast.acme, by=cast.olivia)
    document.refresh_from_db()
    assert document.invoice.customer == cast.birch
    assert content_of(Invoice.objects.get(pk=invoice.pk), by=cast.bill) == before, "it names the buyer it had"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_two_at_once_make_one(cast: Cast, invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    before, both = len(files()), Barrier(2)
    render = storing.rendered_invoice

    def rendered_together(one: Invoice) -> Any:
        made = render(one)
        both.wait(20)
        return made

    monkeypatch.setattr(storing, "rendered_invoice", rendered_together)

    def ask() -> bytes:
        try:
            return content_of(Invoice.objects.get(pk=invoice.pk), by=cast.bill)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _n: ask(), range(2))
    assert first == second == invoice_pdf(invoice)
    assert Document.objects.count() == 1 and len(files()) == before + 1


def test_who_reads_one_whose_file_is_gone_has_it_made_anew(cast: Cast, invoice: Invoice, monkeypatch: Any) -> None:
    document, woken = document_of(invoice, by=cast.bill), []
    Path(default_storage.path(document.file.name)).unlink()
    monkeypatch.setattr(storing, "wake", lambda task, *args: woken.append((task, *args)))
    assert paper_of(invoice).startswith(b"%PDF-")
    document.refresh_from_db()
    assert document.remade_at is None and woken == [("billing.tasks.keep_documents", [invoice.pk])]
    assert keep_posted_documents([invoice.pk]) == 1
    document.refresh_from_db()
    assert document.remade_at is not None and len(files()) == 1
