"""The columns of jobs."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.columns.base import MORE, WHAT, WHEN, WHERE, WHO, Column, Formats, Words, same_words
from imports.columns.cells import Degrees, Integer, Mail, Moment, Money
from jobs.choices import JobStatus


class ExternalId(Column):
    key, label, group = "external_id", gettext_lazy("External ID"), WHAT
    help = gettext_lazy("The job's number in your other system. A row is recognised by it: no job is made twice.")
    aliases = (
        "id", "job id", "order id", "order number", "order no", "order", "job number", "job no", "reference", "ref",
        "ticket", "ticket number", "request id", "service request id", "auftragsnummer", "nummer",
    )  # fmt: skip
    sample, max_length = "ORD-1001", 80


class Template(Column):
    key, label, group = "template", gettext_lazy("Template"), WHAT
    help = gettext_lazy("The kind of job, by the name of its template.")
    aliases = (
        "job template",
        "job type",
        "service",
        "service type",
        "type",
        "kind",
        "title",
        "category",
        "leistung",
        "art",
        "auftragsart",
    )
    sample, names_something = "Skip exchange", True


class CustomerName(Column):
    key, label, group = "customer", gettext_lazy("Customer"), WHO
    help = gettext_lazy("The customer's name. A name that is not known makes a new customer.")
    aliases = ("customer name", "client", "client name", "account", "account name", "company", "kunde", "firma")
    sample, max_length, names_something = "Acme Builders", 160, True


class CustomerId(Column):
    key, label, group = "customer_id", gettext_lazy("Customer's external ID"), WHO
    help = gettext_lazy("The customer's number in your other system. It counts before the name.")
    aliases = ("customer id", "customer number", "customer no", "client id", "account number", "kundennummer")
    sample, max_length, names_something = "C-204", 80, True


class ContactName(Column):
    key, label, group = "contact_name", gettext_lazy("Contact"), WHO
    help = gettext_lazy("Whom the worker asks for.")
    aliases = ("contact name", "site contact", "contact person", "attention", "ansprechpartner")
    sample, max_length = "Pat Rowe", 120


class ContactMail(Mail):
    key, label, group = "contact_email", gettext_lazy("Contact's e-mail"), WHO
    help = gettext_lazy("Gets the messages about the job, and opens its portal link.")
    aliases = ("contact email", "email", "e-mail", "email address", "mail", "site contact email")
    sample = "pat@acme.example"


class ContactPhone(Column):
    key, label, group = "contact_phone", gettext_lazy("Contact's mobile"), WHO
    aliases = ("contact phone", "phone", "mobile", "telephone", "phone number", "mobile number", "telefon", "handy")
    sample, max_length = "+49 151 5550133", 40


class Address(Column):
    key, label, group, joins = "address", gettext_lazy("Address"), WHERE, ", "
    help = gettext_lazy("Where the work is done. Several columns of the file can be joined.")
    aliases = (
        "site address",
        "service address",
        "street",
        "street address",
        "location",
        "adresse",
        "anschrift",
        "strasse",
    )
    sample, max_length = "12 Harbour Road", 300


class Postcode(Column):
    key, label, group = "postcode", gettext_lazy("Postcode"), WHERE
    help = gettext_lazy("Added to the address.")
    aliases = ("zip", "zip code", "postal code", "post code", "plz")
    sample, max_length = "20457", 20


class City(Column):
    key, label, group = "city", gettext_lazy("Town"), WHERE
    help = gettext_lazy("Added to the address.")
    aliases = ("city", "suburb", "place", "ort", "stadt")
    sample, max_length = "Hamburg", 100


class Latitude(Degrees):
    key, label, group, most = "latitude", gettext_lazy("Latitude"), WHERE, 90
    aliases = ("lat", "breite")
    sample = "53.543764"


class Longitude(Degrees):
    key, label, group = "longitude", gettext_lazy("Longitude"), WHERE
    aliases = ("lng", "lon", "long", "laenge")
    sample = "9.966271"


class PlannedStart(Moment):
    key, label, group = "planned_start", gettext_lazy("Planned start"), WHEN
    help = gettext_lazy("Date and time. A job that has it is scheduled; a date alone means eight in the morning.")
    aliases = (
        "start",
        "start time",
        "scheduled",
        "scheduled start",
        "service date",
        "date",
        "due",
        "due date",
        "termin",
    )
    sample = "2026-12-01 08:30"


class RequestedStart(Moment):
    key, label, group = "requested_start", gettext_lazy("Asked for"), WHEN
    help = gettext_lazy("When the customer would like it. Not a promise.")
    aliases = ("requested start", "requested date", "preferred date", "wish date", "wunschtermin")
    sample = "2026-12-01"


class State(Column):
    key, label, group = "job_state", gettext_lazy("State of the job"), WHEN
    help = gettext_lazy(
        "Of a new job that was begun elsewhere. Without it the planned start says. Say what values mean."
    )
    # Not guessed from "status": whoever takes it wants to look at its words first.
    aliases = ("job status", "job state")
    sample, names_something = "", True

    def clean(self, raw: str, formats: Formats) -> str:
        words = same_words(raw)
        for value, label in JobStatus.choices:
            if words in (same_words(value), same_words(str(label))):
                return str(value)
        raise ValidationError(_("is not a state of a job"), code="unknown")


class EndedAt(Moment):
    key, label, group = "ended_at", gettext_lazy("Ended"), WHEN
    help = gettext_lazy("When it was completed or cancelled. Without it: when it is imported.")
    aliases = ("completed at", "finished at", "cancelled at", "date completed")
    sample = ""


class Duration(Integer):
    key, label, group = "duration_minutes", gettext_lazy("Planned duration"), WHEN
    help = gettext_lazy("Minutes. Without it the template says.")
    aliases = ("duration", "minutes", "dauer")
    least, most = 1, 60 * 24 * 30
    sample = "45"


class WorkerName(Column):
    key, label, group = "worker", gettext_lazy("Worker"), WHEN
    help = gettext_lazy("Who does it, by name or e-mail.")
    aliases = ("driver", "technician", "assigned to", "assignee", "fahrer", "mitarbeiter")
    names_something = True


class Notes(Column):
    key, label, group, joins = "notes", gettext_lazy("Notes"), MORE, "\n"
    has_lines = True
    aliases = ("note", "description", "comment", "comments", "instructions", "bemerkung", "hinweis")
    sample, max_length = "Gate code 4711", 10_000


class AssetId(Column):
    key, label, group = "asset_id", gettext_lazy("Asset ID"), MORE
    help = gettext_lazy("The bin, skip or machine it is about.")
    aliases = ("asset", "asset number", "bin", "bin number", "container", "skip number", "serial number")
    sample, max_length = "SK-0817", 80


class Amount(Money):
    key, label, group = "amount", gettext_lazy("Amount"), MORE
    help = gettext_lazy("Before tax. Without it the template says.")
    aliases = ("price", "net", "net amount", "total", "betrag", "preis")
    sample = "120.00"


# What the keys of these columns begin with.
FIELD = "field:"


class FieldColumn(Column):
    """A field of the templates. Its type is the template's, so it is checked when the row's template is known."""

    group = gettext_lazy("Fields of the template")
    joins = ", "

    def __init__(self, key: str, label: str, kind_label: Words, templates: Iterable[str]) -> None:
        self.key = f"{FIELD}{key}"  # type: ignore[misc]
        self.label = label
        self.aliases = (key, f"field {label}")
        self.help = f"{kind_label} · {', '.join(templates)}"
