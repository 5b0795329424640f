"""Jobs from a file."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Customer, Worker
from accounts.services.named_customers import NewCustomer, delete_unused_customers, find_or_create_customers
from audit.act import Road
from business.models import PortalSettings
from console.reach import keys_beyond_reach, limits_of, only_within_reach
from imports.choices import Existing, Kind, RowState
from imports.columns import FIELD, Column, FieldColumn
from imports.kinds.base import ImportKind, Undone, UndoneAlong, WrittenRow, beyond_reach, only_to_look_at
from imports.plan import MEMORY, Planned, shown
from jobs.choices import JobStatus
from jobs.link_in_text import names_link
from jobs.models import Job
from jobs.services import NewJob, create_jobs, delete_jobs, lock_jobs, restore_before, touched_since, update_job
from templates_app.choices import FieldKind
from templates_app.models import JobTemplate, TemplateField
from templates_app.services import FIELD_FACTS, delete_unused_templates
from templates_app.values import clean_value

# Columns of the file that are fields of the job, word for word.
PLAIN = (
    "contact_name", "contact_email", "contact_phone", "latitude", "longitude", "requested_start", "planned_start",
    "duration_minutes", "asset_id", "amount",
)  # fmt: skip
# Of those, what an import may change on a job that is there. Its time is the dispatcher's.
CHANGEABLE = tuple(name for name in PLAIN if name != "planned_start")
# What an unknown name is remembered as.
AMBIGUOUS: Any = object()
# What an external ID stands for that a job has which this person can't see.
TAKEN: Any = object()


def _is_named(worker: Worker | None, name: str) -> bool:
    return worker is not None and name.casefold() in (worker.name.casefold(), worker.email.casefold())


class Jobs(ImportKind):
    """Each row a job, found again by its external ID."""

    kind, model = Kind.JOBS, Job
    add_permission, change_permission = "jobs.add_job", "jobs.change_job"
    numbers_repeats = True

    def __init__(self, *, by: Any, existing: str = Existing.SKIP, announce: bool = True) -> None:
        super().__init__(by=by, existing=existing, announce=announce)
        self.settings = PortalSettings.load()
        self.new_customers: set[tuple[str, str]] = set()
        self._templates: dict[str, JobTemplate] | None = None
        self._workers: dict[str, Any] | None = None
        self._fields: dict[int, dict[str, dict[str, Any]]] = {}
        self._cleaned: dict[tuple[int | None, str, str], Any] = {}
        self._labels: dict[str, str] | None = None
        self._customers: dict[tuple[str, str], Any] = {}
        self._seen: set[int] = set()
        limits = limits_of(by)
        limited = limits is not None and limits.customers_limited
        self.may_make_customers = not limited and by.has_perm("accounts.add_customer")
        # Keys of customers and templates that this person may see, but not work with.
        self._only_seen: dict[type[models.Model], set[int]] = {Customer: set(), JobTemplate: set()}

    # --- columns

    def columns(self) -> list[Column]:
        return [*super().columns(), *self._field_columns()]

    def _field_columns(self) -> list[Column]:
        fields = (
            TemplateField.objects.filter(template__in=JobTemplate.objects.visible_to(self.by).current())
            .exclude(kind=FieldKind.HEADER)
            .order_by("key", "template__name")
            .values_list("key", "label", "kind", "template__name")
        )
        found: dict[str, tuple[str, str, list[str]]] = {}
        for key, label, kind, template in fields:
            found.setdefault(key, (label, kind, []))[2].append(template)
        return [
            FieldColumn(key, label, FieldKind(kind).label, templates) for key, (label, kind, templates) in found.items()
        ]

    @property
    def plans_ahead(self) -> bool:
        return self.existing == Existing.SKIP

    @property
    def needs_template(self) -> bool:
        """Must each job of this person have a template?"""
        return self.settings.mandatory_templates and not self.by.is_superuser

    def required(self) -> list[str]:
        return ["customer", "template"] if self.needs_template else ["customer"]

    def missing(self, mapped: Collection[str]) -> list[str]:
        sentences = []
        if not {"customer", "customer_id"} & set(mapped):
            sentences.append(_("Say for whom the jobs are: choose a column for the customer, or a fixed customer."))
        if self.needs_template and "template" not in mapped:
            sentences.append(_("Say which template the jobs are made from: choose a column, or a fixed template."))
        if self.existing == Existing.UPDATE and "external_id" not in mapped:
            sentences.append(_("Jobs can be changed only if the file has their external ID: choose its column."))
        return sentences

    def choices(self, key: str) -> list[str]:
        if key == "template":
            offered = only_within_reach(self.by, JobTemplate.objects.visible_to(self.by).current())
            return [template.name for template in offered]
        if key == "job_state":
            return [str(label) for label in JobStatus.labels]
        return [worker.name for worker in Worker.objects.filter(is_active=True)] if key == "worker" else []

    def sample_of(self, column: Column) -> str:
        if column.key in ("template", "worker"):
            return next(iter(self.choices(column.key)), "")
        return super().sample_of(column)

    def new_records(self) -> int:
        return len(self.new_customers)

    # --- judging

    def remember(self, external_id: str) -> None:
        self._seen.add(hash(external_id))

    def judge(self, rows: Sequence[Planned]) -> None:
        # Somebody may have archived a template or changed its fields since the last chunk.
        self._templates, self._workers, self._fields, self._cleaned = None, None, {}, {}
        self._look_customers_up(rows)
        there = self._jobs_there(rows)
        templates, workers = self._templates_by_name(), self._workers_by_name()
        own = [key for key in self.mapped if key.startswith(FIELD)]
        for row in rows:
            external_id = row.values.get("external_id")
            template = self._template_of(row, templates)
            customer = self._customer_of(row)
            if (name := row.values.get("worker")) is not None:
                self._worker_of(row, name, workers)
            self._state_of(row)
            fields = self._fields_of(row, template, own) if own else {}
            if external_id is not None and self._is_there(row, external_id, there):
                if row.existing is not None and row.state != RowState.FAILED:
                    self._compare(row, fields, customer, template)
                continue
            if row.state != RowState.FAILED:
                row.made = (customer, template, fields)

    def _jobs_there(self, rows: Sequence[Planned]) -> dict[str, Any]:
        ids = {row.values["external_id"] for row in rows if "external_id" in row.values}
        if not ids:
            return {}
        found = Job.objects.filter(external_id__among=ids)
        if self.existing == Existing.SKIP:
            taken = list(found.values_list("external_id", "pk", "number"))
            hidden = keys_beyond_reach(self.by, Job, (pk for _key, pk, _number in taken), "view")
            return {str(key): TAKEN if pk in hidden else (pk, number) for key, pk, number in taken}
        mine = set(found.visible_to(self.by, "change").values_list("pk", flat=True))
        jobs = list(found.select_related("customer", "template", "blueprint", "worker"))
        hidden = keys_beyond_reach(self.by, Job, (job.pk for job in jobs if job.pk not in mine), "view")
        return {job.external_id: TAKEN if job.pk in hidden else job if job.pk in mine else None for job in jobs}

    def _is_there(self, row: Planned, external_id: str, there: dict[str, Any]) -> bool:
        """Is the row's job made already, in an earlier run or further up in this file?"""
        again = hash(external_id)
        if again in self._seen:
            self._leave(row, _("repeats an external ID that stands earlier in this file"))
            row.repeats = True
            return True
        if external_id in there:
            job = there[external_id]
            if job is TAKEN:
                row.fail(_("External ID"), external_id, _("is taken already: give the job another"), "taken")
            elif job is None:
                row.fail(_("External ID"), external_id, _("belongs to a job that you may not change"), "out_of_reach")
            elif isinstance(job, tuple):
                row.object_id, row.label = job
                self._leave(row, _("is in Portico already"))
            else:
                row.object_id, row.label, row.existing = job.pk, job.number, job
            self._seen.add(again)
            return True
        if row.state != RowState.FAILED:
            self._seen.add(again)
        return False

    @staticmethod
    def _leave(row: Planned, why: str) -> None:
        row.state, row.note = RowState.SKIPPED, why
        row.problems.clear()

    def _template_of(self, row: Planned, templates: dict[str, JobTemplate]) -> JobTemplate | None:
        name = row.values.get("template")
        if name is None:
            if self.needs_template and not any(problem.column == _("Template") for problem in row.problems):
                row.fail(_("Template"), "", _("is empty: each job needs a template"), "empty")
            return None
        template = templates.get(name.casefold()) or templates.get(slugify(name))
        if template is None:
            row.fail(_("Template"), name, _("is not a template"), "unknown")
        elif template.archived_at:
            row.fail(_("Template"), name, _("is an archived template"), "archived")
        elif template.pk in self._only_seen[JobTemplate]:
            row.fail(_("Template"), name, only_to_look_at(), "out_of_reach")
        return template

    def _templates_by_name(self) -> dict[str, JobTemplate]:
        if self._templates is None:
            self._templates = {}
            for template in JobTemplate.objects.visible_to(self.by):
                self._templates[template.name.casefold()] = template
                self._templates.setdefault(template.slug, template)
            self._only_seen[JobTemplate] = self._not_to_work_with(JobTemplate, self._templates.values())
        return self._templates

    def _not_to_work_with(self, model: type[models.Model], records: Iterable[Any]) -> set[int]:
        keys = {record.pk for record in records if isinstance(record, model)}
        return set(keys_beyond_reach(self.by, model, keys))

    def _workers_by_name(self) -> dict[str, Any]:
        if self._workers is None:
            self._workers = {}
            for worker in Worker.objects.filter(is_active=True):
                for name in filter(None, (worker.name.casefold(), worker.email.casefold())):
                    self._workers[name] = AMBIGUOUS if name in self._workers else worker
        return self._workers

    def _worker_of(self, row: Planned, name: str, workers: dict[str, Any]) -> None:
        worker = workers.get(name.casefold())
        if worker is None:
            row.fail(_("Worker"), name, _("is not a worker"), "unknown")
        elif worker is AMBIGUOUS:
            row.fail(_("Worker"), name, _("is the name of several workers: use the e-mail address"), "ambiguous")

    @staticmethod
    def _state_of(row: Planned) -> None:
        status, ended_at = row.values.get("job_state"), row.values.get("ended_at")
        if status == JobStatus.SCHEDULED and "planned_start" not in row.values:
            row.fail(_("State of the job"), JobStatus.SCHEDULED.label, _("needs a planned start"), "state")
        if ended_at is None:
            return
        if status not in (JobStatus.COMPLETED, JobStatus.CANCELLED):
            row.fail(
                _("Ended"), shown(ended_at), _("is given, but the job is neither completed nor cancelled"), "state"
            )
        elif ended_at > timezone.now():
            row.fail(_("Ended"), shown(ended_at), _("lies in the future"), "state")

    def _look_customers_up(self, rows: Iterable[Planned]) -> None:
        """One query for all customers of the chunk that no earlier chunk named."""
        ids, names = set(), set()
        for row in rows:
            external_id, name = row.values.get("customer_id"), row.values.get("customer")
            if external_id is not None and (external_id, "") not in self._customers:
                ids.add(external_id)
            if name is not None and ("", name.casefold()) not in self._customers:
                names.add(name)
        if not ids and not names:
            return
        found = Customer.objects.visible_to(self.by).annotate(low=Lower("name"))
        found = found.filter(Q(external_id__in=ids) | Q(name__in=names) | Q(low__in={n.lower() for n in names}))
        fresh: dict[tuple[str, str], Any] = {(key, ""): None for key in ids}
        fresh |= {("", name.casefold()): None for name in names}
        for customer in found.order_by("id"):
            if customer.external_id and (customer.external_id, "") in fresh:
                fresh[customer.external_id, ""] = customer
            key = ("", customer.name.casefold())
            if key in fresh:
                fresh[key] = AMBIGUOUS if fresh[key] is not None else customer
        self._customers |= fresh
        self._only_seen[Customer] |= self._not_to_work_with(Customer, fresh.values())

    def _customer_of(self, row: Planned) -> Customer | NewCustomer | None:
        external_id, name = row.values.get("customer_id"), row.values.get("customer")
        if external_id is None and name is None:
            if not any(problem.column == _("Customer") for problem in row.problems):
                row.fail(_("Customer"), "", _("is empty: each job needs a customer"), "empty")
            return None
        key = (external_id, "") if external_id is not None else ("", str(name).casefold())
        customer = self._customers.get(key)
        shown = name or external_id
        if customer is AMBIGUOUS:
            row.fail(_("Customer"), shown, _("is the name of several customers: use the external ID"), "ambiguous")
            return None
        if customer is not None:
            if customer.archived_at:
                row.fail(_("Customer"), shown, _("is an archived customer"), "archived")
            elif customer.pk in self._only_seen[Customer]:
                row.fail(_("Customer"), shown, only_to_look_at(), "out_of_reach")
            return customer
        if name is None:
            row.fail(
                _("Customer's external ID"), external_id, _("is not known, and the row names no customer"), "unknown"
            )
            return None
        if not self.may_make_customers:
            row.fail(_("Customer"), shown, _("is not one of your customers, and you may not add any"), "out_of_reach")
            return None
        if row.state != RowState.FAILED:
            self.new_customers.add(key)
        return NewCustomer(
            name=name,
            external_id=external_id or "",
            contact_name=row.values.get("contact_name", ""),
            contact_email=row.values.get("contact_email", ""),
            contact_phone=row.values.get("contact_phone", ""),
        )

    def _fields_of(self, row: Planned, template: JobTemplate | None, own: Sequence[str]) -> dict[str, Any]:
        """The values of the template's own fields, each checked by its type. ``own``: keys of such columns."""
        values: dict[str, Any] = {}
        definitions = self._definitions(template)
        for key in own:
            value = row.values.get(key)
            if value is None:
                continue
            definition = definitions.get(key.removeprefix(FIELD))
            if definition is None:
                row.fail(
                    self._label_of(key), value, _("belongs to a field this row's template does not have"), "no_field"
                )
                continue
            known = (template.id if template else None, key, value)
            if known in self._cleaned:
                values[definition["key"]] = self._cleaned[known]
                continue
            try:
                values[definition["key"]] = cleaned = clean_value(definition, value)
            except ValidationError as fault:
                row.fail(definition["label"], value, fault.messages[0], "field")
                continue
            if isinstance(cleaned, str | bool) and len(self._cleaned) < MEMORY:
                self._cleaned[known] = cleaned
        return values

    def _label_of(self, key: str) -> str:
        """A template's field as people know it, by the key of its column."""
        if self._labels is None:
            self._labels = {column.key: str(column.label) for column in self._field_columns()}
        return self._labels.get(key, key.removeprefix(FIELD))

    def _definitions(self, template: JobTemplate | None) -> dict[str, dict[str, Any]]:
        if template is None:
            return {}
        if template.id not in self._fields:
            self._fields[template.id] = {row["key"]: row for row in template.fields.values(*FIELD_FACTS)}
        return self._fields[template.id]

    # --- comparing with the job that is there

    def _compare(
        self,
        row: Planned,
        fields: dict[str, Any],
        customer: Customer | NewCustomer | None,
        template: JobTemplate | None,
    ) -> None:
        job: Job = row.existing
        new: dict[str, Any] = {name: row.values[name] for name in CHANGEABLE if name in row.values}
        if address := self._address(row.values):
            new["address"] = address
        if (notes := row.values.get("notes")) is not None and notes not in job.notes:
            kept = [line for line in job.notes.splitlines() if names_link(line)]
            new["notes"] = "\n".join([notes, *kept])
        row.changes = {name: (getattr(job, name), value) for name, value in new.items() if getattr(job, name) != value}
        for key, value in fields.items():
            if job.values.get(key) != value:
                row.changes[f"{FIELD}{key}"] = (job.values.get(key), value)
        untouched = self._not_by_file(row, customer, template)
        if row.changes:
            row.state, row.note = RowState.CHANGED, untouched
        else:
            self._leave(row, untouched or _("says what Portico says already"))

    def _not_by_file(self, row: Planned, customer: Customer | NewCustomer | None, template: JobTemplate | None) -> str:
        """What the file says of a job otherwise than Portico, though it is not changed by files; in a sentence."""
        job: Job = row.existing
        values = row.values
        differs = {
            "customer": customer is not None and getattr(customer, "pk", None) != job.customer_id,
            "template": template is not None and template.pk != job.template_id,
            "planned_start": "planned_start" in values and values["planned_start"] != job.planned_start,
            "worker": "worker" in values and not _is_named(job.worker, values["worker"]),
            "job_state": "job_state" in values and values["job_state"] != job.status,
        }
        if not any(differs.values()):
            return ""
        labels = [str(column.label) for column in super().columns() if differs.get(column.key)]
        return _("differs in what no file changes, only people at the job: %s") % ", ".join(labels)

    @staticmethod
    def _address(values: dict[str, Any]) -> str:
        town = " ".join(filter(None, (values.get("postcode"), values.get("city"))))
        return ", ".join(filter(None, (values.get("address"), town)))[:300]

    # --- writing

    def prepare(self, rows: Sequence[Planned]) -> None:
        workers = self._workers_by_name()
        for row in rows:
            if row.state != RowState.MADE:
                continue
            customer, template, fields = row.made
            values = row.values
            row.made = NewJob(
                customer=customer,
                template=template,
                address=self._address(values),
                external_id=values.get("external_id"),
                worker=workers[values["worker"].casefold()] if "worker" in values else None,
                notes=values.get("notes", ""),
                values=fields,
                status=values.get("job_state", ""),
                ended_at=values.get("ended_at"),
                **{name: values[name] for name in PLAIN if name in values},
            )

    def write(self, rows: Sequence[Planned]) -> None:
        # First the changes: they lock jobs, as everybody does before numbers, and until numbers are taken nobody else
        # waits with a new job.
        for row in rows:
            if row.state == RowState.CHANGED:
                self._change(row)
        made = [row for row in rows if row.state == RowState.MADE]
        if made:
            new_jobs = [row.made for row in made]
            self._make_customers(new_jobs)
            road = Road.IMPORT
            jobs = create_jobs(new_jobs, by=self.by, road=road, announce=self.announce, meanwhile=self.meanwhile)
            for row, job in zip(made, jobs, strict=True):
                row.object_id, row.label = job.pk, job.number

    def _make_customers(self, new_jobs: Sequence[NewJob]) -> None:
        """Gives each job whose customer the file only names the customer herself."""
        without: list[tuple[NewJob, Any]] = [(new, new.customer) for new in new_jobs]
        without = [(new, named) for new, named in without if isinstance(named, NewCustomer)]
        wanted = {named.identity: named for _new, named in without}
        if not wanted:
            return
        customers = dict(zip(wanted, find_or_create_customers(list(wanted.values()), by=self.by), strict=True))
        self._customers |= customers
        for new, named in without:
            new.customer = customers[named.identity]

    def _change(self, row: Planned) -> None:
        changes = {name: new for name, (_old, new) in row.changes.items() if not name.startswith(FIELD)}
        values = {name.removeprefix(FIELD): new for name, (_old, new) in row.changes.items() if name.startswith(FIELD)}
        if values:
            changes["values"] = values
        update_job(row.existing, changes, by=self.by)

    # --- undoing

    def undo(self, rows: Sequence[WrittenRow], request_id: uuid.UUID) -> Undone:
        undone = Undone()
        by_job = {row.object_id: row for row in rows if row.object_id is not None}
        there = lock_jobs(by_job.keys())
        beyond = keys_beyond_reach(self.by, Job, there)
        touched = touched_since(there - beyond, request_id) | dict.fromkeys(beyond, beyond_reach())
        undone.done += [row.pk for key, row in by_job.items() if key not in there]
        numbers = self.names_of_kept(touched)
        gone: list[int] = []
        back: list[int] = []
        for key in there:
            if key in touched:
                undone.kept.append((numbers[key], touched[key]))
            else:
                (gone if by_job[key].state == RowState.MADE else back).append(key)
        delete_jobs(gone, by=self.by)
        for job in Job.objects.filter(pk__in=back).select_related("blueprint", "customer") if back else ():
            restore_before(job, request_id, by=self.by)
        undone.removed, undone.restored = len(gone), len(back)
        undone.done += [by_job[key].pk for key in (*gone, *back)]
        return undone

    def kept(self, keys: Sequence[int], request_id: uuid.UUID) -> int:
        beyond = keys_beyond_reach(self.by, Job, keys)
        return len(touched_since(set(keys) - beyond, request_id)) + len(beyond)

    def undo_rest(self, request_id: uuid.UUID) -> UndoneAlong:
        customers = delete_unused_customers(request_id, by=self.by)
        templates, kept = delete_unused_templates(request_id, by=self.by)
        return UndoneAlong({"customers": customers, "templates": templates}, kept)
