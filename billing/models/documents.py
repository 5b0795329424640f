"""What was printed: each posted document as the file that people have."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language
from billing.choices import DocumentKind
from billing.models.invoices import Invoice
from console.scope import Scope, ScopedQuerySet


def where_to(document: Document, name: str) -> str:
    """Below the media folder, by a name that nobody guesses."""
    return f"documents/{timezone.now():%Y/%m}/{secrets.token_urlsafe(16)}.pdf"


class Document(models.Model):
    """A posted invoice or credit note as PDF: rendered once, and from then on the same bytes.

    Written by ``billing.documents.document_of`` alone. Views hand its file out, no public folder does.
    ``sha256``, ``size``, ``pages``, ``profile``: of the file that is there. Where a file was lost or altered, the
    document is rendered anew, and ``remade_at`` and ``lost_sha256`` say so.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind.choices)
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="documents", verbose_name=_("invoice"), db_index=False
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    file = models.FileField(_("file"), upload_to=where_to, max_length=200, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    size = models.PositiveIntegerField(_("size"), help_text=_("Bytes."), editable=False)
    pages = models.PositiveSmallIntegerField(_("pages"), editable=False)
    profile = models.CharField(_("profile"), max_length=40, editable=False)
    remade_at = models.DateTimeField(_("made anew"), null=True, editable=False)
    lost_sha256 = models.CharField(_("SHA-256 of the lost file"), max_length=64, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="invoice__customer")

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "kind", "language"],
                name="one_document_a_language",
                violation_error_message=_("This document was made already."),
            )
        ]

    def __str__(self) -> str:
        return self.download_name

    @property
    def download_name(self) -> str:
        """The name under which it leaves."""
        return f"{self.invoice.number}.pdf"

    @property
    def is_as_first_made(self) -> bool:
        """Are these the bytes of the first time?"""
        return not self.lost_sha256 or self.lost_sha256 == self.sha256

    @property
    def remade_words(self) -> str:
        """What is to be said of a file that was lost; empty where none was."""
        if self.remade_at is None:
            return ""
        day = date_format(timezone.localtime(self.remade_at), "DATE_FORMAT")
        if self.is_as_first_made:
            return _t("The file was lost and made anew on %s. It is the same, byte by byte.") % day
        return _t("The file was lost and made anew on %s. It differs from the first one.") % day
