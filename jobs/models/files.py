"""A picture or a document that belongs to a job."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.declarations import LazyFunction
from audit.file_names import file_name_for
from audit.history import History
from audit.one_line import OneLine
from audit.take_back import TakeBack
from console.scope import Scope, ScopedQuerySet
from jobs.models.jobs import Job

PDF = "application/pdf"
# content type -> the extensions of its files, the usual one first
EXTENSIONS = {
    PDF: (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
}


def new_reference() -> str:
    """16 characters that name a file in an address; no secret, but not to be counted through."""
    return secrets.token_urlsafe(12)


def where_to(file: JobFile, name: str) -> str:
    """Below the media folder; nothing of the name a person chose becomes part of a path."""
    return f"jobs/{timezone.now():%Y/%m}/{file.reference}"


class JobFile(models.Model):
    """One file of one job. Its content was checked before it came here; views hand it out, no public folder does.

    ``key``: the template field it answers, empty for none. ``kind``: the content type that was found in it.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="files", verbose_name=_("job"))
    key = models.CharField(_("field"), max_length=60, blank=True)
    reference = models.CharField(_("reference"), max_length=24, unique=True, default=new_reference, editable=False)
    name = OneLine(_("name"), max_length=120)
    kind = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size"), help_text=_("Bytes."))
    content = models.FileField(_("content"), upload_to=where_to, max_length=200)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )

    objects = ScopedQuerySet.as_manager()
    history = History(excluded_fields=["content"])
    scope = Scope(customer="job__customer", template="job__template")
    take_back = TakeBack(
        remove=LazyFunction("jobs.services.files.remove_file"),
        never={"recreate": _("%(what)s was deleted for good and can't come back.")},
    )

    class Meta:
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def history_customer_id(self) -> int | None:
        return self.job.customer_id

    @property
    def download_name(self) -> str:
        """The name under which it leaves: with the extension of what is in it, whatever it was called once."""
        return file_name_for(self.name, *EXTENSIONS.get(self.kind, (".bin",)))

    @property
    def is_picture(self) -> bool:
        """Can a page show it?"""
        return self.kind.startswith("image/")
