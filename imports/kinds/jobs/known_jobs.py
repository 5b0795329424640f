"""The jobs that are there already: which they are, and what a row says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from console.reach import keys_beyond_reach
from imports.choices import Existing, RecordKind, RowState
from imports.columns import COLUMNS, Target, says_the_same
from imports.columns.identifiers import lost_its_zeros, zeros_stay
from imports.columns.jobs import FIELD, JobDraft
from imports.kinds.jobs.references import Row
from jobs.link_in_text import names_link
from jobs.models import Job
from jobs.querysets import JobQuerySet


class Unchangeable(Enum):
    """Why no row of this person's file can be about a job that is there."""

    # She does not see it: nothing is said of it but that the ID is taken.
    HIDDEN = "hidden"
    SEEN_ONLY = "seen only"


class Passed(NamedTuple):
    """A job that is there and stays as it is."""

    key: int
    number: str


# A job as far as this person's file can be about it.
There = Job | Passed | Unchangeable


class KnownJobs:
    """Jobs by external ID and by our number, as far as a chunk names them; and those that stand further up."""

    def __init__(self, by: User, existing: str) -> None:
        self.by, self.existing = by, existing
        self._there: dict[str, There] = {}
        self._numbered: dict[str, There] = {}
        self._seen: set[int] = set()
        self._seen_numbers: set[str] = set()

    def remember(self, external_id: str) -> None:
        """That ID stands further up in the file."""
        self._seen.add(hash(external_id))

    def remember_own(self, number: str) -> None:
        """That number of ours stands further up in the file."""
        self._seen_numbers.add(number)

    def load(self, rows: Sequence[Row]) -> None:
        """Asks the database for the jobs that the chunk names."""
        ids = {str(row.values["external_id"]) for row in rows if "external_id" in row.values}
        numbers = {str(row.values["number"]) for row in rows if "number" in row.values}
        self._there = self._found(Job.objects.filter(external_id__in_set=ids), "external_id") if ids else {}
        self._numbered = self._found(Job.objects.filter(number__in_set=numbers), "number") if numbers else {}

    def _found(self, found: JobQuerySet, name: str) -> dict[str, There]:
        """Jobs by what that column says of them."""
        there: dict[str, There] = {}
        if self.existing == Existing.SKIP:
            taken = list(found.values_list(name, "pk", "number"))
            hidden = keys_beyond_reach(self.by, Job, (pk for _key, pk, _number in taken), "view")
            for key, pk, number in taken:
                there[str(key)] = Unchangeable.HIDDEN if pk in hidden else Passed(pk, number)
            return there
        mine = set(found.visible_to(self.by, "change").values_list("pk", flat=True))
        jobs = list(found.select_related("customer", "template", "blueprint", "worker"))
        hidden = keys_beyond_reach(self.by, Job, (job.pk for job in jobs if job.pk not in mine), "view")
        for job in jobs:
            not_mine = Unchangeable.HIDDEN if job.pk in hidden else Unchangeable.SEEN_ONLY
            there[str(getattr(job, name))] = job if job.pk in mine else not_mine
        return there

    def recognise(self, row: Row) -> None:
        """Says on the row which job it is about, if that is made already: by our number, or else by external ID."""
        number, external_id = row.text("number"), row.text("external_id")
        if number is not None:
            self._recognise_by_number(row, number)
        elif external_id is not None:
            self._recognise_by_external_id(row, external_id)

    def _recognise_by_number(self, row: Row, number: str) -> None:
        if number in self._seen_numbers:
            row.leave(_("stands in the file twice"))
            return
        job = self._numbered.get(number)
        if job is None or job is Unchangeable.HIDDEN:
            row.fail("number", number, _("is the number of none of your jobs"), "no_job")
        elif job is Unchangeable.SEEN_ONLY:
            row.fail("number", number, _("belongs to a job that you may not change"), "out_of_reach")
        else:
            self._is_about(row, job)
            self._take_external_id(row, job)
            self._seen_numbers.add(number)

    def _take_external_id(self, row: Row, job: Job | Passed) -> None:
        """Fails a row that gives its job an external ID that another job has, or another row."""
        external_id = row.text("external_id")
        if external_id is None:
            return
        other = self._there.get(external_id)
        key = job.pk if isinstance(job, Job) else job.key
        is_own = (isinstance(other, Job) and other.pk == key) or (isinstance(other, Passed) and other.key == key)
        now = job.external_id if isinstance(job, Job) else None
        if lost_its_zeros(now, external_id):
            return
        if row.state != RowState.SKIPPED and not is_own and (other is not None or hash(external_id) in self._seen):
            row.fail("external_id", external_id, _("is taken already: give the job another"), "taken")
        self._seen.add(hash(external_id))

    def _recognise_by_external_id(self, row: Row, external_id: str) -> None:
        again = hash(external_id)
        if again in self._seen:
            row.leave(_("repeats an external ID that stands earlier in this file"))
            row.repeats = True
            return
        job = self._there.get(external_id)
        if job is None:
            return
        if job is Unchangeable.HIDDEN:
            row.fail("external_id", external_id, _("is taken already: give the job another"), "taken")
        elif job is Unchangeable.SEEN_ONLY:
            row.fail("external_id", external_id, _("belongs to a job that you may not change"), "out_of_reach")
        else:
            self._is_about(row, job)
        self._seen.add(again)

    @staticmethod
    def _is_about(row: Row, job: Job | Passed) -> None:
        if isinstance(job, Passed):
            row.object_id, row.label = job
            row.leave(_("is in Portico already"))
        else:
            row.object_id, row.label, row.existing = job.pk, job.number, job


def compare(row: Row, job: Job, draft: JobDraft, fixed: dict[Target[Job, JobDraft], object]) -> None:
    """What becomes of a row whose job is there.

    ``draft``: what it says in columns that a file may change. ``fixed``: in those that it may not, by where it belongs.
    """
    new = draft.as_fields()
    values = new.pop("values", {})
    if "notes" in new:
        new["notes"] = _notes(job, new["notes"])
    now = {name: getattr(job, name) for name in new}
    row.changes = {name: (now[name], value) for name, value in new.items() if not _is_so(name, now[name], value)}
    ruined = [name for name, (old, value) in row.changes.items() if lost_its_zeros(old, value)]
    for name in ruined:
        del row.changes[name]
    for key, value in values.items():
        if job.values.get(key) != value:
            row.changes[f"{FIELD}{key}"] = (job.values.get(key), value)
    untouched = _untouched(job, fixed)
    if ruined:
        labels = [str(column.label) for column in COLUMNS[RecordKind.JOBS] if column.key in ruined]
        untouched = "; ".join(filter(None, (untouched, zeros_stay(", ".join(labels)))))
    if row.changes:
        row.state, row.note = RowState.CHANGED, untouched
    else:
        row.leave(untouched or _("says what Portico says already"))


def _is_so(name: str, now: object, value: object) -> bool:
    """Is that what the job says in that field already? Addresses of mail are read in small letters."""
    if name == "contact_email" and isinstance(now, str):
        now = now.lower()
    return says_the_same(now, value)


def changes_for_service(row: Row) -> dict[str, object]:
    """The row's changes as ``update_job`` takes them: {field: new value}, fields of the template under "values"."""
    changes: dict[str, object] = {}
    values: dict[str, object] = {}
    for name, (_old, new) in row.changes.items():
        if name.startswith(FIELD):
            values[name.removeprefix(FIELD)] = new
        else:
            changes[name] = new
    return changes | {"values": values} if values else changes


def _notes(job: Job, notes: str) -> str:
    """The notes a job gets: its own if they say it already, otherwise the file's with the lines that hold its link."""
    if notes in job.notes:
        return job.notes
    return "\n".join([notes, *(line for line in job.notes.splitlines() if names_link(line))])


def _untouched(job: Job, fixed: dict[Target[Job, JobDraft], object]) -> str:
    """What the file says of a job otherwise than Portico, though it is not changed by files; in a sentence."""
    differs = {
        target
        for target, value in fixed.items()
        if not (target.holds(job, value) or says_the_same(target.read(job), value))
    }
    if not differs:
        return ""
    labels: dict[Target[Job, JobDraft], str] = {}
    for column in COLUMNS[RecordKind.JOBS]:
        if column.target in differs:
            labels.setdefault(column.target, str(column.label))
    return _("differs in what no file changes, only people at the job: %s") % ", ".join(labels.values())
