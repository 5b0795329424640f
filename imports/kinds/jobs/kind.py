"""Jobs from a file: what is needed, what becomes of each row, and its writing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User, Worker
from accounts.services.named_customers import NewCustomer, find_or_create_customers
from audit.act import Source
from audit.normal_form import normal_form
from audit.wall_clock import NotOneMoment, moment_at
from business.models import PortalSettings
from console.reach import only_within_reach
from imports.choices import Existing, RecordKind, RowState
from imports.columns import Column, Formats, Target, is_own
from imports.columns.jobs import FIELD, JobDraft
from imports.kinds.base import ImportKind, Undone, UndoneAlong, WrittenRow, names_of_customers
from imports.kinds.jobs.known_jobs import KnownJobs, changes_for_service, compare
from imports.kinds.jobs.references import KnownCustomers, KnownTemplates, KnownWorkers, Row
from imports.kinds.jobs.template_fields import TemplateFields, field_columns
from imports.kinds.jobs.undoing import kept_jobs, undo_jobs, undo_rest_of_jobs
from imports.plan import shown_value
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.services import NewJob, create_jobs, update_job
from jobs.windows import end_of_window, why_no_window
from templates_app.models import JobTemplate


class JobImport(ImportKind[Job, JobDraft]):
    """Each row a job, found again by its external ID."""

    kind, model = RecordKind.JOBS, Job
    add_permission, change_permission = "jobs.add_job", "jobs.change_job"
    numbers_repeats = True

    def __init__(
        self, *, by: User, existing: str = Existing.SKIP, announce: bool = True, change_open_jobs: bool = False
    ) -> None:
        super().__init__(by=by, existing=existing, announce=announce, change_open_jobs=change_open_jobs)
        self.needs_template = PortalSettings.load().mandatory_templates and not by.is_superuser
        self._columns: list[Column[Job, JobDraft]] | None = None
        self._customers = KnownCustomers(by, self.fresh)
        self._templates = KnownTemplates(by, needed=self.needs_template)
        self._workers = KnownWorkers()
        self._fields = TemplateFields()
        self._jobs = KnownJobs(by, existing)

    def columns(self) -> list[Column[Job, JobDraft]]:
        if self._columns is None:
            self._columns = [*super().columns(), *field_columns(self.by)]
        return self._columns

    @property
    def can_prefetch(self) -> bool:
        return self.existing == Existing.SKIP

    def required(self) -> list[str]:
        return ["customer", "template"] if self.needs_template else ["customer"]

    def missing(self, mapped: Collection[str]) -> list[str]:
        sentences = []
        is_update = self.existing == Existing.UPDATE
        if is_update and "number" in mapped:
            # Our own file: its jobs have customer and template. A row without a number says itself what it lacks.
            return []
        if not {"customer", "customer_id"} & set(mapped):
            sentences.append(_("Say for whom the jobs are: choose a column for the customer, or a fixed customer."))
        if self.needs_template and "template" not in mapped:
            sentences.append(_("Say which template the jobs are made from: choose a column, or a fixed template."))
        if is_update and "external_id" not in mapped:
            sentences.append(
                _("Jobs can be changed only if the file has our number or their external ID: choose its column.")
            )
        return sentences

    def choices(self, key: str) -> list[str]:
        if key == "template":
            offered = only_within_reach(self.by, JobTemplate.objects.visible_to(self.by).current())
            return [template.name for template in offered]
        if key == "job_state":
            return [str(label) for label in JobStatus.labels]
        return [worker.name for worker in Worker.objects.filter(is_active=True)] if key == "worker" else []

    def known_names(self, key: str) -> list[tuple[str, str]]:
        if key in ("customer", "customer_id"):
            return names_of_customers(self.by, key)
        return [(name, name) for name in self.choices(key)]

    def sample_of(self, column: Column[Job, JobDraft]) -> str:
        if column.key in ("template", "worker"):
            return next(iter(self.choices(column.key)), "")
        return super().sample_of(column)

    def new_records(self) -> int:
        return len(self._customers.new)

    # --- judging

    def remember(self, external_id: str) -> None:
        self._jobs.remember(external_id)

    def remember_own(self, own: str) -> None:
        self._jobs.remember_own(own)

    def judge(self, rows: Sequence[Row]) -> None:
        # Somebody may have archived a template or changed its fields since the last chunk.
        for known in (self._templates, self._workers, self._fields):
            known.forget()
        self._customers.load(rows)
        self._jobs.load(rows)
        self._templates.load()
        self._workers.load()
        fields = {key: how for key, how in self.formats.items() if key.startswith(FIELD)}
        for row in rows:
            self._jobs.recognise(row)
            if row.state == RowState.SKIPPED:
                continue
            if row.existing is not None:
                self._judge_existing(row, row.existing, fields)
                continue
            template = self._templates.find(row)
            customer = self._customers.find(row)
            worker = self._workers.find(row) if "worker" in row.values else None
            _check_state(row)
            if "window_end" in row.values:
                _settle_window(row, row.values.get("planned_start"))
            row.found = {"template": template, "customer": customer, "customer_id": customer, "worker": worker}
            if fields:
                self._fields.find(row, template, fields)
            external_id = row.text("external_id")
            if external_id is not None and row.state != RowState.FAILED:
                self._jobs.remember(external_id)

    def _judge_existing(self, row: Row, job: Job, fields: Mapping[str, Formats]) -> None:
        """A row whose job is there. What no file changes need not be right: a template may be archived since, a worker
        gone; what differs is told."""
        row.found = {key: find(row, job) for key, find in self._references.items() if key in row.values}
        end = row.values.get("window_end")
        if end is not None and not isinstance(end, datetime):
            _settle_window(row, row.values.get("planned_start", job.planned_start))
        if fields:
            self._fields.find(row, job.template, fields)
        if row.state != RowState.FAILED:
            self._compare(row, job)

    @property
    def _references(self) -> dict[str, Callable[[Row, Job], object]]:
        """Which record the row of a job names, by the column's key; the job's own if it is called so."""
        return {
            "template": self._template_of,
            "customer": self._customer_of,
            "customer_id": self._customer_of,
            "worker": self._worker_of,
        }

    def _template_of(self, row: Row, job: Job) -> object:
        name = str(row.text("template"))
        return job.template if job.template and _is_called(job.template, name) else self._templates.named(name)

    def _customer_of(self, row: Row, job: Job) -> object:
        external_id, name = row.text("customer_id"), row.text("customer")
        is_theirs = external_id == job.customer.external_id if external_id else _is_called(job.customer, str(name))
        return job.customer if is_theirs else self._customers.named(external_id, name)

    def _worker_of(self, row: Row, job: Job) -> object:
        name = str(row.text("worker"))
        return job.worker if job.worker and _is_called(job.worker, name) else self._workers.named(name)

    def _compare(self, row: Row, job: Job) -> None:
        said = [column for column in self.mapped if column.key in row.values]
        # Our number says which job it is, so its external ID can be corrected.
        free = {"external_id"} if "number" in row.values else set()
        changing = [column for column in said if column.changeable or column.key in free]
        draft = self.fill(JobDraft(), row, changing)
        fixed: dict[Target[Job, JobDraft], object] = {}
        for column in said:
            if column not in changing and not is_own(column):
                fixed[column.target] = row.found.get(column.key, row.values[column.key])
        compare(row, job, draft, fixed)

    # --- writing

    def prepare(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.state == RowState.MADE:
                row.draft = self.fill(JobDraft(), row, self.mapped)
                row.draft.new = NewJob(**row.draft.as_fields())

    def write(self, rows: Sequence[Row]) -> None:
        # First the changes: they lock jobs, as everybody does before numbers, and until numbers are taken nobody else
        # waits with a new job.
        for row in rows:
            if row.state == RowState.CHANGED and row.existing is not None:
                try:
                    update_job(row.existing, changes_for_service(row), by=self.by)
                except ValidationError as refusal:
                    if "external_id" not in getattr(refusal, "error_dict", {}):
                        raise
                    # Somebody took it since the rows were judged.
                    row.fail("external_id", row.text("external_id"), refusal.messages[0], "taken")
        made = [row for row in rows if row.state == RowState.MADE]
        new_jobs = [row.draft.new for row in made if row.draft is not None and row.draft.new is not None]
        if new_jobs:
            self._make_customers(new_jobs)
            source = Source.IMPORT
            jobs = create_jobs(new_jobs, by=self.by, source=source, announce=self.announce, meanwhile=self.meanwhile)
            for row, job in zip(made, jobs, strict=True):
                row.object_id, row.label = job.pk, job.number

    def _make_customers(self, new_jobs: Iterable[NewJob]) -> None:
        """Gives each job whose customer the file only names the customer herself."""
        without: list[tuple[NewJob, object]] = [(new, new.customer) for new in new_jobs]
        named = [(new, customer) for new, customer in without if isinstance(customer, NewCustomer)]
        wanted = {customer.identity: customer for _new, customer in named}
        if not wanted:
            return
        customers = dict(zip(wanted, find_or_create_customers(list(wanted.values()), by=self.by), strict=True))
        self._customers.were_made(customers)
        for new, customer in named:
            new.customer = customers[customer.identity]

    # --- undoing

    def undo(self, rows: Sequence[WrittenRow], request_id: uuid.UUID) -> Undone:
        return undo_jobs(rows, request_id, by=self.by, names_of_kept=self.names_of_kept)

    def kept(self, keys: Sequence[int], request_id: uuid.UUID) -> int:
        return kept_jobs(keys, request_id, by=self.by)

    def undo_rest(self, request_id: uuid.UUID) -> UndoneAlong:
        return undo_rest_of_jobs(request_id, by=self.by)


def _is_called(record: JobTemplate | Customer | Worker, name: str) -> bool:
    return record.name_key == normal_form(name)


def _check_state(row: Row) -> None:
    """Fails a row whose state and times do not go together."""
    status, ended_at = row.values.get("job_state"), row.values.get("ended_at")
    if status == JobStatus.SCHEDULED and "planned_start" not in row.values:
        row.fail("job_state", JobStatus.SCHEDULED.label, _("needs a planned start"), "state")
    if ended_at is None:
        return
    if status not in (JobStatus.COMPLETED, JobStatus.CANCELLED):
        row.fail(
            "ended_at", shown_value(ended_at), _("is given, but the job is neither completed nor cancelled"), "state"
        )
    elif isinstance(ended_at, datetime) and ended_at > timezone.now():
        row.fail("ended_at", shown_value(ended_at), _("lies in the future"), "state")


def _settle_window(row: Row, start: object) -> None:
    """Makes a moment of a time at which the row's window ends, and fails a row that promises no sensible window.

    ``start``: when it begins, as the row says or as its job has it.
    """
    end = row.values["window_end"]
    if not isinstance(start, datetime):
        if not row.has_problem_in("planned_start"):
            row.fail("window_end", shown_value(end), _("needs a planned start"), "window")
        return
    try:
        if isinstance(end, tuple):
            # Both ends were given: the time of the start is the window's.
            first, end = end
            start = moment_at(datetime.combine(timezone.localtime(start).date(), first))
            if "planned_start" in row.values:
                row.values["planned_start"] = start
        if isinstance(end, time):
            end = end_of_window(start, end)
        fits = isinstance(end, datetime) and not why_no_window(start, end)
    except ValidationError:
        fits = False
    except NotOneMoment as problem:
        row.fail("window_end", shown_value(row.values["window_end"]), problem.written, "window")
        return
    if fits:
        row.values["window_end"] = end
    else:
        what = shown_value(row.values["window_end"])
        row.fail("window_end", what, _("is no end of a window that begins at the planned start"), "window")
