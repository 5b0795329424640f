"""The fixed vocabularies of imports, each state with its badge colour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordKind(models.TextChoices):
    """What a file holds."""

    JOBS = "jobs", _("Jobs")
    CUSTOMERS = "customers", _("Customers")
    PORTAL_USERS = "people", _("Portal users")


class RunState(models.TextChoices):
    """Where a run stands."""

    UPLOADED = "uploaded", _("Waiting for its columns")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    QUEUED = "queued", _("Waiting for the worker")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


# Unfold's label variants in the console.
RUN_STATE_COLOURS = {
    RunState.UPLOADED: "warning",
    RunState.CHECKING: "info",
    RunState.CHECKED: "warning",
    RunState.QUEUED: "info",
    RunState.RUNNING: "info",
    RunState.FINISHED: "success",
    RunState.FAILED: "danger",
    RunState.CANCELLED: "danger",
    RunState.UNDOING: "info",
    RunState.UNDONE: "default",
}

# States in which the person still prepares the run, the worker has it, and it is over.
PREPARING = (RunState.UPLOADED, RunState.CHECKING, RunState.CHECKED)
WORKING = (RunState.CHECKING, RunState.QUEUED, RunState.RUNNING, RunState.UNDOING)
OVER = (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED, RunState.UNDONE)


class RowState(models.TextChoices):
    """What became, or would become, of a row."""

    MADE = "made", _("Made")
    CHANGED = "changed", _("Changed")
    SKIPPED = "skipped", _("Left as it was")
    FAILED = "failed", _("Failed")


ROW_STATE_COLOURS = {
    RowState.MADE: "success",
    RowState.CHANGED: "info",
    RowState.SKIPPED: "default",
    RowState.FAILED: "danger",
}


class Existing(models.TextChoices):
    """What to do with a row that is in Portico already."""

    SKIP = "skip", _("Leave it as it is")
    UPDATE = "update", _("Change it to what the file says")


class Repeats(models.TextChoices):
    """What to do with a row whose external ID stands further up in the same file."""

    LEAVE = "leave", _("Leave them out: they are the same job")
    NUMBER = "number", _("Make each a job of its own: its external ID gets -2, -3, …")


class Widths(models.TextChoices):
    """What to do with a row of a text file that has more or fewer cells than there are columns."""

    ASK = "ask", _("They are problems: something is missing or too much")
    FILL = "fill", _("Cells that are missing at the end are empty, empty ones too many are nothing")


class Spelling(models.TextChoices):
    """What to do with texts in which characters were converted wrongly before."""

    ASK = "ask", _("They are problems, each with what was probably meant")
    MEND = "mend", _("Read each as what was probably meant")


class Dates(models.TextChoices):
    """How a file writes its dates."""

    AUTO = "auto", _("Only where it is clear")
    DMY = "dmy", _("Day first: 31.12.2026, 31/12/2026")
    MDY = "mdy", _("Month first: 12/31/2026")
    YMD = "ymd", _("Year first: 2026-12-31")
    EPOCH = "epoch", _("Seconds since 1970: 1798675200")


class DecimalMark(models.TextChoices):
    """How a file writes its numbers."""

    AUTO = "auto", _("Only where it is clear")
    POINT = "point", _("Point: 1,234.50")
    COMMA = "comma", _("Comma: 1.234,50")
