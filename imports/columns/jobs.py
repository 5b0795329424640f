"""The columns of jobs, and where their values go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.addresses import join_address
from audit.languages import in_every_language
from imports.columns.base import (
    MORE,
    WHAT,
    WHEN,
    WHERE,
    WHO,
    Column,
    Formats,
    Span,
    Target,
    Value,
    clean_text,
    same_words,
)
from imports.columns.cells import Code, DateTime, Degrees, Email, EndOfWindow, Minutes, Money, YesOrNo
from imports.columns.moments import read_span
from imports.columns.pairs import (
    CONTACTS_FIRST_AND_LAST_NAME,
    CUSTOMER_FIRST_AND_LAST_NAME,
    DATE_AND_TIME,
    REQUESTED_DATE_AND_TIME,
    STREET_AND_NUMBER,
    WORKERS_FIRST_AND_LAST_NAME,
)
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.services import NewJob
from templates_app.choices import FieldKind

# What the keys of columns of the templates' own fields begin with.
FIELD = "field:"
# The longest address of a job.
LONGEST_ADDRESS = 300


@dataclass(slots=True)
class JobDraft:
    """What a row says of a job: ``fields`` of NewJob by name, the ``address`` by its parts, and ``values`` of the
    template's own fields by key. What the row does not say is not there. ``new``: the job to be made of it."""

    fields: dict[str, Any] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    new: NewJob | None = None

    def as_fields(self) -> dict[str, Any]:
        """The same as NewJob takes it, and ``update_job``. To be called once the draft is filled."""
        if self.address:
            self.fields["address"] = self._address_line()
        if self.values:
            self.fields["values"] = self.values
        return self.fields

    def _address_line(self) -> str:
        parts = self.address
        town = " ".join(filter(None, (parts.get("postcode"), parts.get("city"))))
        return ", ".join(filter(None, (parts.get("address"), town)))[:LONGEST_ADDRESS]


@dataclass(frozen=True)
class JobFieldTarget(Target[Job, JobDraft]):
    """A field that NewJob and Job call alike."""

    name: str

    def read(self, record: Job) -> object:
        return getattr(record, self.name)

    def assign(self, draft: JobDraft, value: object) -> None:
        draft.fields[self.name] = value


@dataclass(frozen=True)
class JobReference(JobFieldTarget):
    """A record that the job refers to, and that the file names by ``by``. Assigned is the record itself."""

    by: str = field(default="name", compare=False)

    def read(self, record: Job) -> object:
        return getattr(getattr(record, self.name), self.by, None)

    def holds(self, record: Job, value: object) -> bool:
        return bool(getattr(record, self.name) == value)


@dataclass(frozen=True)
class JobEnd(JobFieldTarget):
    """When a job was completed or cancelled: one moment of NewJob, two fields of Job."""

    def read(self, record: Job) -> object:
        return record.completed_at or record.cancelled_at


@dataclass(frozen=True)
class AddressPart(Target[Job, JobDraft]):
    """A part of the address, which is one line of the job."""

    name: str

    def read(self, record: Job) -> object:
        return record.address

    def assign(self, draft: JobDraft, value: object) -> None:
        draft.address[self.name] = str(value)


@dataclass(frozen=True)
class TemplateValue(Target[Job, JobDraft]):
    """The value of a field of the job's template."""

    key: str

    def read(self, record: Job) -> object:
        return record.values.get(self.key)

    def assign(self, draft: JobDraft, value: object) -> None:
        draft.values[self.key] = value


class AddressColumn(Column[Job, JobDraft]):
    """An address, whose street and number may stand in two columns of the file."""

    def join(self, parts: Sequence[str]) -> str:
        return join_address(parts, self.joins)


@cache
def _states() -> dict[str, str]:
    """Each state of a job by its words, in every language; looked up for each cell, and worked out once."""
    return {
        same_words(words): str(status.value)
        for status in JobStatus
        for words in (status.value, *in_every_language(status.label))
    }


class StateColumn(Column[Job, JobDraft]):
    """A state of jobs, by its word or its label."""

    def clean(self, raw: str, formats: Formats) -> str:
        if status := _states().get(same_words(raw)):
            return status
        raise ValidationError(_("is not a state of a job"), code="unknown")


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedStart(DateTime[Job, JobDraft]):
    """When a job is planned; the cell may say the window of time that the customer was promised."""

    also_fills: ClassVar[Sequence[str]] = ("window_end",)

    def clean(self, raw: str, formats: Formats) -> datetime | Span:
        span = read_span(clean_text(raw), formats)
        return span.start if span.end is None else span

    def take_apart(self, value: Value) -> dict[str, Value]:
        if isinstance(value, Span) and value.end is not None:
            return {"planned_start": value.start, "window_end": value.end}
        return super().take_apart(value)


def field_column(key: str, label: str, kind: FieldKind, templates: Iterable[str]) -> Column[Job, JobDraft]:
    """The column of a field of the templates. Its type is the template's, so it is checked when the row's template is
    known."""
    return Column(
        key=f"{FIELD}{key}",
        label=label,
        group=gettext_lazy("Fields of the template"),
        target=TemplateValue(key),
        help=f"{kind.label} · {', '.join(templates)}",
        aliases=(key, f"field {label}"),
        joins=", ",
        infers_decimal=kind in (FieldKind.NUMBER, FieldKind.CURRENCY),
        not_exported="Each template has fields of its own; the list is of jobs of all of them.",
    )


JOB_COLUMNS: tuple[Column[Job, JobDraft], ...] = (
    Code(
        key="external_id",
        label=gettext_lazy("External ID"),
        group=WHAT,
        target=JobFieldTarget("external_id"),
        help=gettext_lazy("The job's number in your other system. A row is recognised by it: no job is made twice."),
        aliases=(
            "id", "job id", "order id", "order number", "order no", "order", "job number", "job no", "reference", "ref",
            "ticket", "ticket number", "request id", "service request id", "auftragsnummer", "nummer",
        ),
        sample="ORD-1001",
        max_length=80,
        changeable=False,
    ),
    Column(
        key="template",
        label=gettext_lazy("Template"),
        group=WHAT,
        target=JobReference("template"),
        help=gettext_lazy("The kind of job, by the name of its template."),
        aliases=(
            "job template", "job type", "service", "service type", "type", "kind", "title", "category", "leistung",
            "art", "auftragsart",
        ),
        sample="Skip exchange",
        changeable=False,
    ),
    Column(
        key="customer",
        label=gettext_lazy("Customer"),
        group=WHO,
        joins=" ",
        pairs=CUSTOMER_FIRST_AND_LAST_NAME,
        target=JobReference("customer"),
        help=gettext_lazy("The customer's name. A name that is not known makes a new customer."),
        aliases=(
            "customer name", "client", "client name", "account", "account name", "company", "kunde", "firma",
        ),
        sample="Acme Builders",
        max_length=160,
        changeable=False,
    ),
    Code(
        key="customer_id",
        label=gettext_lazy("Customer's external ID"),
        group=WHO,
        target=JobReference("customer", by="external_id"),
        help=gettext_lazy("The customer's number in your other system. It counts before the name."),
        aliases=("customer id", "customer number", "customer no", "client id", "account number", "kundennummer"),
        sample="C-204",
        max_length=80,
        changeable=False,
        not_exported="The list names the customer; the file of customers has their IDs.",
    ),
    Column(
        key="contact_name",
        label=gettext_lazy("Contact"),
        group=WHO,
        joins=" ",
        pairs=CONTACTS_FIRST_AND_LAST_NAME,
        target=JobFieldTarget("contact_name"),
        help=gettext_lazy("Whom the worker asks for."),
        aliases=("contact name", "site contact", "contact person", "attention", "ansprechpartner"),
        sample="Pat Rowe",
        max_length=120,
    ),
    Email(
        key="contact_email",
        label=gettext_lazy("Contact's e-mail"),
        group=WHO,
        target=JobFieldTarget("contact_email"),
        help=gettext_lazy("Gets the messages about the job, and opens its portal link."),
        aliases=("contact email", "email", "e-mail", "email address", "mail", "site contact email"),
        sample="pat@acme.example",
    ),
    Code(
        key="contact_phone",
        joins=" ",
        label=gettext_lazy("Contact's mobile"),
        group=WHO,
        target=JobFieldTarget("contact_phone"),
        aliases=(
            "contact phone", "phone", "mobile", "telephone", "phone number", "mobile number", "telefon", "handy",
        ),
        sample="+49 151 5550133",
        max_length=40,
    ),
    AddressColumn(
        key="address",
        pairs=STREET_AND_NUMBER,
        label=gettext_lazy("Address"),
        group=WHERE,
        target=AddressPart("address"),
        help=gettext_lazy("Where the work is done. Several columns of the file can be joined."),
        aliases=(
            "site address", "service address", "street", "street address", "location", "adresse", "anschrift",
            "strasse",
        ),
        sample="12 Harbour Road",
        max_length=LONGEST_ADDRESS,
        joins=", ",
    ),
    Code(
        key="postcode",
        label=gettext_lazy("Postcode"),
        group=WHERE,
        target=AddressPart("postcode"),
        help=gettext_lazy("Added to the address."),
        aliases=("zip", "zip code", "postal code", "post code", "plz"),
        sample="20457",
        max_length=20,
    ),
    Column(
        key="city",
        label=gettext_lazy("Town"),
        group=WHERE,
        target=AddressPart("city"),
        help=gettext_lazy("Added to the address."),
        aliases=("city", "suburb", "place", "ort", "stadt"),
        sample="Hamburg",
        max_length=100,
    ),
    Degrees(
        key="latitude",
        label=gettext_lazy("Latitude"),
        group=WHERE,
        target=JobFieldTarget("latitude"),
        aliases=("lat", "breite"),
        sample="53.543764",
        most=90,
        not_exported="The list has the address that people read.",
    ),
    Degrees(
        key="longitude",
        label=gettext_lazy("Longitude"),
        group=WHERE,
        target=JobFieldTarget("longitude"),
        aliases=("lng", "lon", "long", "laenge"),
        sample="9.966271",
        not_exported="The list has the address that people read.",
    ),
    PlannedStart(
        key="planned_start",
        pairs=DATE_AND_TIME,
        label=gettext_lazy("Planned start"),
        group=WHEN,
        target=JobFieldTarget("planned_start"),
        help=gettext_lazy(
            "Date and time, or a window: 10.12.2026 08:00-10:00. A job that has it is scheduled; a date alone means"
            " eight in the morning."
        ),
        aliases=(
            "start", "start time", "scheduled", "scheduled start", "service date", "date", "due", "due date", "termin",
        ),
        sample="2026-12-01 08:30",
        # The time of a job that is there is the dispatcher's.
        changeable=False,
    ),
    EndOfWindow(
        key="window_end",
        label=gettext_lazy("End of the window"),
        group=WHEN,
        target=JobFieldTarget("window_end"),
        help=gettext_lazy("If the customer is promised a window of time: when it ends, or both of its ends."),
        aliases=(
            "window", "time window", "arrival window", "until", "latest start", "zeitfenster", "ende des zeitfensters",
            "bis",
        ),
        sample="2026-12-01 10:30",
        # The time of a job that is there is the dispatcher's.
        changeable=False,
    ),
    DateTime(
        key="requested_start",
        pairs=REQUESTED_DATE_AND_TIME,
        label=gettext_lazy("Asked for"),
        group=WHEN,
        target=JobFieldTarget("requested_start"),
        help=gettext_lazy("When the customer would like it. Not a promise."),
        aliases=("requested start", "requested date", "preferred date", "wish date", "wunschtermin"),
        sample="2026-12-01",
    ),
    StateColumn(
        key="job_state",
        label=gettext_lazy("State of the job"),
        group=WHEN,
        target=JobFieldTarget("status"),
        help=gettext_lazy(
            "Of a new job that was begun elsewhere. Without it the planned start says. Say what values mean."
        ),
        # Not guessed from "status": whoever takes it wants to look at its words first.
        aliases=("job status", "job state"),
        own_names=(gettext_lazy("Status"),),
        changeable=False,
    ),
    DateTime(
        key="ended_at",
        label=gettext_lazy("Ended"),
        group=WHEN,
        target=JobEnd("ended_at"),
        help=gettext_lazy("When it was completed or cancelled. Without it: when it is imported."),
        aliases=("completed at", "finished at", "cancelled at", "date completed"),
        own_names=(gettext_lazy("Completed"),),
        changeable=False,
    ),
    Minutes(
        key="duration_minutes",
        label=gettext_lazy("Planned duration"),
        group=WHEN,
        target=JobFieldTarget("duration_minutes"),
        help=gettext_lazy("Minutes, or hours and minutes: 90, 1:30. Without it the template says."),
        aliases=("duration", "minutes", "dauer"),
        least=1,
        most=60 * 24 * 30,
        sample="45",
    ),
    Column(
        key="worker",
        joins=" ",
        pairs=WORKERS_FIRST_AND_LAST_NAME,
        label=gettext_lazy("Worker"),
        group=WHEN,
        target=JobReference("worker"),
        help=gettext_lazy("Who does it, by name or e-mail."),
        aliases=("driver", "technician", "assigned to", "assignee", "fahrer", "mitarbeiter"),
        changeable=False,
    ),
    Column(
        key="notes",
        label=gettext_lazy("Notes"),
        group=MORE,
        target=JobFieldTarget("notes"),
        aliases=("note", "description", "comment", "comments", "instructions", "bemerkung", "hinweis"),
        sample="Gate code 4711",
        max_length=10_000,
        has_lines=True,
        joins="\n",
        not_exported="Notes of jobs hold the codes of gates and what opens doors: they stay at the job.",
    ),
    Code(
        key="asset_id",
        label=gettext_lazy("Asset ID"),
        group=MORE,
        target=JobFieldTarget("asset_id"),
        help=gettext_lazy("The bin, skip or machine it is about."),
        aliases=("asset", "asset number", "bin", "bin number", "container", "skip number", "serial number"),
        sample="SK-0817",
        max_length=80,
    ),
    Money(
        key="amount",
        label=gettext_lazy("Amount"),
        group=MORE,
        target=JobFieldTarget("amount"),
        help=gettext_lazy(
            "Before tax, unless “Prices include tax” or the template says otherwise. Without it the template says."
        ),
        aliases=("price", "net", "net amount", "total", "betrag", "preis"),
        sample="120.00",
    ),
    YesOrNo(
        key="prices_include_tax",
        label=gettext_lazy("Prices include tax"),
        group=MORE,
        target=JobFieldTarget("prices_include_tax"),
        help=gettext_lazy("Yes: the amount is with tax. No: before tax. Without it the template says."),
        aliases=("includes tax", "tax included", "preise mit steuer"),
        sample="yes",
    ),
)  # fmt: skip
