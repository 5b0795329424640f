"""Keeping what was printed: a posted document is rendered once, and everybody gets the same bytes."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Collection
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from pypdf import PdfReader

from audit.act import acting
from background.waking import wake
from billing.documents.invoices import document_file_name, invoice_pdf, rendered_invoice
from billing.models import Document, Invoice
from console.errors import Refused
from console.reach import By, require_reach
from paper.pdf import PdfFailed

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Made:
    """A rendering, with what its row says of it."""

    content: bytes
    facts: dict[str, object]


def document_of(invoice: Invoice, *, by: By) -> Document:
    """The stored document of a posted invoice or credit note; made when it is first asked for.

    Two who ask at once get the same. A file that was lost, or is not what it was, is rendered anew, and its row says
    so. Raises Refused for a pending one, NotAllowed where its customer was not granted to ``by``, NoRoom where the
    folder of files takes nothing, PdfFailed.
    """
    require_reach(by, invoice, action="view")
    if invoice.is_pending:
        raise Refused(_("%s is not posted yet, so there is no document of it.") % invoice)
    there = _stored(invoice)
    if there is not None and _bytes_of(there) is not None:
        return there
    # Before anything is locked: rendering takes its time.
    made = _render(invoice)
    with transaction.atomic(), acting(by=by):
        # Whoever comes second waits here, and then finds what the first one made.
        Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
        there = _stored(invoice)
        if there is not None and _bytes_of(there) is not None:
            return there
        return _keep(invoice, there, made)


def paper_of(invoice: Invoice) -> bytes:
    """The document as whoever may see it reads it: the stored one, or before a worker has stored it, what that will be.

    Writes nothing: a worker is told of one whose file is gone. A pending one says that it is a draft. Raises PdfFailed.
    """
    if not invoice.is_pending and (there := _stored(invoice)) is not None:
        if (kept := _bytes_of(there)) is not None:
            return kept
        wake("billing.tasks.keep_documents", [invoice.pk])
    return invoice_pdf(invoice)


# So many documents are made by one task, so that others get their turn.
AT_ONCE = 200


def keep_posted_documents(invoices: Collection[int] | None = None) -> int:
    """See to it that what was posted is stored as a document; returns how many were looked after.

    ``invoices``: primary keys, whose files are looked at; None for whatever has none, newest first, at most
    ``AT_ONCE``. One that cannot be set or stored is logged, and tried again the next time; it keeps no other from its
    turn.
    """
    kept = Document.objects.filter(invoice=OuterRef("pk"), kind=OuterRef("kind"), language=OuterRef("language"))
    posted = Invoice.objects.posted().order_by("-pk")
    made = 0
    for invoice in posted.filter(~Exists(kept))[:AT_ONCE] if invoices is None else posted.filter(pk__in=invoices):
        try:
            document_of(invoice, by=None)
            made += 1
        except (Refused, PdfFailed):
            logger.exception("The document of %s was not made", invoice.pk)
    return made


def _stored(invoice: Invoice) -> Document | None:
    found = Document.objects.filter(invoice=invoice, kind=invoice.kind, language=invoice.language)
    return found.select_related("invoice").first()


def _bytes_of(document: Document) -> bytes | None:
    """The file, if it is there and what it was."""
    try:
        with default_storage.open(str(document.file.name), "rb") as file:
            content = bytes(file.read())
    except OSError:
        logger.warning("The file of document %s is gone", document.pk)
        return None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        logger.error("The file of document %s is not what it was", document.pk)
        return None
    return content


def _render(invoice: Invoice) -> _Made:
    made = rendered_invoice(invoice)
    return _Made(
        made.content,
        {
            "sha256": hashlib.sha256(made.content).hexdigest(),
            "size": len(made.content),
            "pages": len(PdfReader(io.BytesIO(made.content)).pages),
            "profile": made.profile,
        },
    )


def _keep(invoice: Invoice, lost: Document | None, made: _Made) -> Document:
    """Stores a rendering, in the caller's transaction; a file without its row is taken away again."""
    document = lost or Document(invoice=invoice, kind=invoice.kind, language=invoice.language)
    if lost is not None:
        # What the first one was, however often it is lost.
        document.lost_sha256 = lost.lost_sha256 or lost.sha256
        document.remade_at = timezone.now()
    for name, value in made.facts.items():
        setattr(document, name, value)
    document.file.save(document_file_name(invoice), ContentFile(made.content), save=False)
    try:
        with transaction.atomic():
            document.save()
    except BaseException:
        default_storage.delete(str(document.file.name))
        raise
    return document
