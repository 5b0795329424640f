"""One uploaded file, what was said about it, and what became of each of its rows."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.file_names import file_name_for
from audit.history import History
from audit.keyless import KeylessJSON
from audit.one_line import OneLine
from audit.take_back import TakeBack, never_taken_back
from background.claims import CLAIM_COLUMNS, Claimed
from console.scope import Scope, ScopedQuerySet
from imports.choices import OVER, PREPARING, WORKING, Existing, RecordKind, RowState, RunState

if TYPE_CHECKING:
    from accounts.models import User


class ImportMapping(models.Model):
    """Which column is which, remembered by name for the next file of the same make.

    ``columns``: {column key: {"from": [header, ...]} or {"fixed": text}, either with "values": {theirs: ours}}.
    ``formats``: {"dates": one of Dates, "decimal": one of DecimalMark}.
    """

    name = OneLine(_("name"), max_length=80, unique=True, help_text=_("What you call files of this make."))
    kind = models.CharField(_("kind"), max_length=12, choices=RecordKind.choices, default=RecordKind.JOBS)
    columns = models.JSONField(_("columns"), default=dict)
    formats = models.JSONField(_("formats"), default=dict, blank=True)
    # What was corrected of how such files are read (imports.reading.Corrections).
    reading = models.JSONField(_("how it is read"), default=dict, blank=True, editable=False)
    # Of the header it was made for: a file with the same header gets this mapping by itself.
    header_digest = models.CharField(max_length=64, blank=True, default="", editable=False, db_index=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    # Whoever is limited sees their own: what values mean names customers and templates.
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("saved by"),
        editable=False,
    )

    # For whom its page is shown; not kept.
    reader: User | None = None

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(owner="saved_by")

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def _where_files_lie(run: ImportRun, name: str) -> str:
    """Under a name nobody can guess; the file's own name is kept in the row."""
    return f"imports/{uuid.uuid4().hex}{PurePath(name).suffix.lower()[:10]}"


class ImportRunQuerySet(ScopedQuerySet["ImportRun"]):
    def abandoned(self, at: datetime | None = None) -> ImportRunQuerySet:
        """Runs the worker should have in hand and nobody has: never taken up, or its worker fell silent."""
        return self.filter(ImportRun.silent(at), state__in=WORKING)


class ImportRun(Claimed):
    """One uploaded file on its way through mapping, check, commit, and perhaps undo.

    Everything the run does carries its ``request_id`` in history and events, so that what came of it can be told from
    what people did since. ``rows_done`` is the number of the last row dealt with; it is saved in the transaction that
    wrote the rows up to it, so that a run taken up again goes on exactly there.
    """

    # The task that a worker is woken for, with the run's key.
    TASK = "imports.tasks.work"
    SILENCE = timedelta(seconds=30)
    # A file that kills its worker each time does so this often. Written rows count anew.
    TRIES = 20

    kind = models.CharField(_("kind"), max_length=12, choices=RecordKind.choices, default=RecordKind.JOBS)
    state = models.CharField(_("state"), max_length=12, choices=RunState.choices, default=RunState.UPLOADED)
    file = models.FileField(_("file"), upload_to=_where_files_lie, editable=False)
    file_name = models.CharField(_("file name"), max_length=200, editable=False)
    size = models.PositiveBigIntegerField(_("size"), default=0, editable=False)
    digest = models.CharField(_("fingerprint"), max_length=64, editable=False, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="import_runs",
        verbose_name=_("uploaded by"),
        editable=False,
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    request_id = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)

    # How the file is read, and which column is which (as in ImportMapping).
    reading = models.JSONField(_("how it is read"), default=dict, blank=True)
    mapping_name = OneLine(_("mapping"), max_length=80, blank=True)
    header_digest = models.CharField(max_length=64, blank=True, default="", editable=False, db_index=True)
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    formats = models.JSONField(_("formats"), default=dict, blank=True)
    # Keys of columns whose dates may lie outside the usual span, because the person looked at them and said so.
    accepted_dates = models.JSONField(_("dates accepted in"), default=list, blank=True, editable=False)
    existing = models.CharField(
        _("rows that are here already"), max_length=6, choices=Existing.choices, default=Existing.SKIP
    )
    announce = models.BooleanField(_("send messages"), default=True)
    change_open_jobs = models.BooleanField(_("open jobs follow their contact"), default=False)
    all_or_nothing = models.BooleanField(_("all or nothing"), default=False)

    # What the check found: counts, grouped problems, samples (imports.plan.Report).
    report = KeylessJSON(_("check"), default=dict, blank=True)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("last row done"), default=0)
    made = models.PositiveIntegerField(_("made"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    skipped = models.PositiveIntegerField(_("left"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    problem = models.TextField(_("what went wrong"), blank=True)

    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("committed by")
    )
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    cancel_requested = models.BooleanField(_("cancellation asked for"), default=False)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    # {"removed": n, "restored": n, "kept": n, "why": [[label, reason], ...]}; and of what was made along and went too:
    # "customers": n, "templates": n
    undo_report = models.JSONField(_("undo"), default=dict, blank=True)

    objects = ImportRunQuerySet.as_manager()
    history = History(
        excluded_fields=[
            *CLAIM_COLUMNS,
            "rows_done",
            "report",
            "undo_report",
            "digest",
            "header_digest",
            "request_id",
            "file",
            "size",
            "reading",
            "columns",
            "formats",
            "accepted_dates",
        ]
    )
    scope = Scope(owner="uploaded_by")
    take_back = TakeBack(
        never=never_taken_back(_("%(what)s: an import is changed, discarded or undone on its own page."))
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name

    def let_go(self) -> None:
        """Nobody works on it any more, and nobody asks for an end of it. To be saved by the caller."""
        super().let_go()
        self.tries, self.cancel_requested = 0, False

    @property
    def download_name(self) -> str:
        """The name under which the uploaded file leaves: with the extension of what was found in it."""
        packed = self.reading.get("packed", "")
        if packed:
            return file_name_for(self.file_name, ".gz" if packed == "gzip" else ".zip")
        if self.reading.get("format") == "xlsx":
            return file_name_for(self.file_name, ".xlsx", ".xlsm")
        return file_name_for(self.file_name, ".csv", ".txt", ".tsv")

    @property
    def is_being_prepared(self) -> bool:
        """Has nothing been written yet, and may the person still change her mind about everything?"""
        return self.state in PREPARING

    @property
    def is_with_worker(self) -> bool:
        """Is something going on in the background?"""
        return self.state in WORKING

    @property
    def is_over(self) -> bool:
        """Is there nothing more to wait for?"""
        return self.state in OVER

    @property
    def seconds(self) -> float:
        """How long it ran, or has been running, in seconds."""
        if self.started_at is None:
            return 0.0
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()


class ImportRow(models.Model):
    """What became of one row, written in the transaction that made its record.

    ``number`` is the row's number in the spreadsheet, the header being row 1 as a rule. ``object_id`` is the key of
    the record the row made or changed (of the run's kind), ``label`` its name. ``problems``: [[column, value, reason],
    ...]. ``raw``: the cells, kept of failed rows only.
    """

    run = models.ForeignKey(
        ImportRun,
        models.CASCADE,
        related_name="rows",
        verbose_name=_("import"),
        db_index=False,  # the constraint below begins with it
        db_constraint=False,  # rows are written while their run is locked, and a run that has rows stays
    )
    number = models.PositiveIntegerField(_("row"))
    state = models.CharField(_("result"), max_length=8, choices=RowState.choices)
    object_id = models.BigIntegerField(null=True, editable=False)
    label = models.CharField(_("record"), max_length=120, blank=True)
    problems = KeylessJSON(_("problems"), null=True)
    raw = KeylessJSON(_("cells"), null=True)

    objects = ScopedQuerySet.as_manager()
    scope = Scope(owner="run__uploaded_by")

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"],
                name="one_result_per_row",
                violation_error_message=_("This row already has a result."),
            )
        ]

    def __str__(self) -> str:
        return str(_("Row %d") % self.number)
