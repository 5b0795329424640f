"""The columns of customers, and where their values go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.addresses import join_address, split_address
from accounts.choices import PaymentTerms
from accounts.models import Customer
from accounts.services.customer_sheets import CustomerSheet
from audit.expressions import Expression
from audit.languages import in_every_language
from audit.normal_form import normal_form, tidy
from imports.columns.base import MORE, WHAT, WHERE, WHO, Column, Formats, Target, Value, Words, clean_text, same_words
from imports.columns.cells import Code, Email
from imports.columns.pairs import (
    CONTACTS_FIRST_AND_LAST_NAME,
    CUSTOMER_FIRST_AND_LAST_NAME,
    FIRST_AND_LAST_NAME,
    STREET_AND_NUMBER,
)

_DAYS = Expression(r"(?:net )?(\d{1,3})(?: days| tage)?", longest=40)
_BETWEEN_LABELS = Expression(r"[,;|]", longest=10_000)
INVOICES = gettext_lazy("Invoices")


@dataclass(slots=True)
class CustomerDraft:
    """What a row says of a customer: her own ``fields``, those of her contacts and of a location, by name; labels.

    ``corrects``: the row is of our own file, so that its location is the customer's first."""

    fields: dict[str, object] = field(default_factory=dict)
    site: dict[str, str] = field(default_factory=dict)
    billing: dict[str, str] = field(default_factory=dict)
    location: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    corrects: bool = False

    def as_sheet(self) -> CustomerSheet:
        """The same as the services take it. Without a street there is no location."""
        location = self.location if "street" in self.location else {}
        return CustomerSheet(self.fields, self.site, self.billing, location, self.labels, self.corrects)


@dataclass(frozen=True)
class CustomerField(Target[Customer, CustomerDraft]):
    """A field of the customer's own."""

    name: str

    def read(self, record: Customer) -> object:
        return getattr(record, self.name)

    def assign(self, draft: CustomerDraft, value: object) -> None:
        draft.fields[self.name] = value


@dataclass(frozen=True)
class ContactField(Target[Customer, CustomerDraft]):
    """A field of the contact for the site, or for invoices."""

    role: Literal["site", "billing"]
    name: str

    def read(self, record: Customer) -> object:
        contacts = record.contacts.all()
        return next((getattr(one, self.name) for one in contacts if getattr(one, f"is_{self.role}_contact")), "")

    def assign(self, draft: CustomerDraft, value: object) -> None:
        (draft.site if self.role == "site" else draft.billing)[self.name] = str(value)


@dataclass(frozen=True)
class LocationField(Target[Customer, CustomerDraft]):
    """A field of the customer's location; of the first, where she has several."""

    name: str

    def read(self, record: Customer) -> object:
        return next((getattr(one, self.name) for one in record.locations.all()), "")

    def assign(self, draft: CustomerDraft, value: object) -> None:
        draft.location[self.name] = str(value)


class CustomerLabels(Target[Customer, CustomerDraft]):
    """The customer's labels, by name."""

    def read(self, record: Customer) -> object:
        return [label.name for label in record.labels.all()]

    def assign(self, draft: CustomerDraft, value: object) -> None:
        draft.labels = [str(name) for name in value] if isinstance(value, Iterable) else []


class TermsColumn(Column[Customer, CustomerDraft]):
    """Payment terms, in days or as COD."""

    def clean(self, raw: str, formats: Formats) -> int:
        words = same_words(raw)
        days = _DAYS.fullmatch(words)
        value = int(days[1]) if days else PaymentTerms.COD if words in ("cod", "cash on delivery", "cash") else None
        if value is None:
            spoken = {same_words(name): term for term in PaymentTerms for name in in_every_language(term.label)}
            value = spoken.get(words)
        if value is None or value not in PaymentTerms.values:
            raise ValidationError(_("is none of our payment terms: 0, 7, 14, 30, 45, 60 days or COD"), code="unknown")
        return int(value)


class LabelsColumn(Column[Customer, CustomerDraft]):
    """Names of labels, between commas, semicolons or bars."""

    def clean(self, raw: str, formats: Formats) -> list[str]:
        names = self.parts_of(raw)
        if any(len(name) > 40 for name in names):
            raise ValidationError(_("holds a label longer than 40 characters"), code="too_long")
        # The same label once, as it is written first.
        return list({normal_form(name): name for name in reversed(names)}.values())[::-1]

    def parts_of(self, raw: str) -> list[str]:
        return [name for part in _BETWEEN_LABELS.split(raw) if (name := tidy(clean_text(part)))]


class StreetColumn(Column[Customer, CustomerDraft]):
    """Street and number; or an address that stands in one cell."""

    splits: ClassVar[Sequence[str]] = ("postcode", "city")
    left_whole: ClassVar[Words] = gettext_lazy("has an address whose parts cannot be told apart: it stays whole")

    def join(self, parts: Sequence[str]) -> str:
        return join_address(parts, self.joins)

    def take_apart(self, value: Value) -> dict[str, Value]:
        street, postcode, town = split_address(str(value))
        parts = {"street": street, "postcode": postcode, "city": town}
        return {key: part for key, part in parts.items() if part}


CUSTOMER_COLUMNS: tuple[Column[Customer, CustomerDraft], ...] = (
    Column(
        key="name",
        joins=" ",
        pairs=(*CUSTOMER_FIRST_AND_LAST_NAME, *FIRST_AND_LAST_NAME),
        label=gettext_lazy("Name"),
        group=WHO,
        target=CustomerField("name"),
        aliases=(
            "customer", "customer name", "client", "client name", "company", "company name", "account", "kunde",
            "firma",
        ),
        sample="Acme Builders",
        max_length=160,
    ),
    Code(
        key="external_id",
        label=gettext_lazy("External ID"),
        group=WHAT,
        target=CustomerField("external_id"),
        help=gettext_lazy(
            "The customer's number in your other system. A row is recognised by it, or else by its name."
        ),
        aliases=(
            "id", "customer id", "customer number", "customer no", "client id", "account number", "kundennummer",
        ),
        sample="C-204",
        max_length=80,
        changeable=False,
    ),
    Column(
        key="site_name",
        joins=" ",
        pairs=CONTACTS_FIRST_AND_LAST_NAME,
        label=gettext_lazy("Site contact"),
        group=WHO,
        target=ContactField("site", "name"),
        help=gettext_lazy("Gets the messages about jobs."),
        aliases=("contact", "contact name", "contact person", "ansprechpartner"),
        sample="Pat Rowe",
        max_length=120,
    ),
    Email(
        key="site_email",
        label=gettext_lazy("Site contact's e-mail"),
        group=WHO,
        target=ContactField("site", "email"),
        aliases=("contact email", "email", "e-mail", "email address", "mail", "site contact email"),
        sample="pat@acme.example",
    ),
    Code(
        key="site_phone",
        joins=" ",
        label=gettext_lazy("Site contact's telephone"),
        group=WHO,
        target=ContactField("site", "phone"),
        aliases=(
            "contact phone", "phone", "mobile", "telephone", "phone number", "mobile number", "telefon", "handy",
        ),
        sample="+49 151 5550133",
        max_length=40,
    ),
    StreetColumn(
        key="street",
        pairs=STREET_AND_NUMBER,
        label=gettext_lazy("Street and number"),
        group=WHERE,
        target=LocationField("street"),
        help=gettext_lazy("A location is made of it, unless the customer has it already."),
        aliases=("address", "street", "street address", "site address", "adresse", "anschrift", "strasse"),
        sample="12 Harbour Road",
        max_length=200,
        joins=", ",
    ),
    Code(
        key="postcode",
        label=gettext_lazy("Postcode"),
        group=WHERE,
        target=LocationField("postcode"),
        aliases=("zip", "zip code", "postal code", "post code", "plz"),
        sample="20457",
        max_length=20,
    ),
    Column(
        key="city",
        label=gettext_lazy("Town"),
        group=WHERE,
        target=LocationField("city"),
        aliases=("city", "suburb", "place", "ort", "stadt"),
        sample="Hamburg",
        max_length=100,
    ),
    Column(
        key="billing_name",
        joins=" ",
        label=gettext_lazy("Billing contact"),
        group=INVOICES,
        target=ContactField("billing", "name"),
        help=gettext_lazy("Gets the messages about invoices."),
        aliases=("billing contact name", "accounts contact", "accounts payable"),
        sample="Kim Rowe",
        max_length=120,
    ),
    Email(
        key="billing_email",
        label=gettext_lazy("Billing contact's e-mail"),
        group=INVOICES,
        target=ContactField("billing", "email"),
        aliases=("billing email", "invoice email", "accounts email"),
        sample="accounts@acme.example",
    ),
    Code(
        key="billing_phone",
        joins=" ",
        label=gettext_lazy("Billing contact's telephone"),
        group=INVOICES,
        target=ContactField("billing", "phone"),
        aliases=("billing phone", "accounts phone"),
        sample="+49 40 5550144",
        max_length=40,
    ),
    TermsColumn(
        key="payment_terms",
        label=gettext_lazy("Payment terms"),
        group=MORE,
        target=CustomerField("payment_terms"),
        help=gettext_lazy("Days until an invoice is due (0, 7, 14, 30, 45, 60), or COD."),
        aliases=("terms", "net days", "payment", "zahlungsziel"),
        sample="14",
    ),
    LabelsColumn(
        key="labels",
        label=gettext_lazy("Labels"),
        group=MORE,
        target=CustomerLabels(),
        help=gettext_lazy("Separated by commas. Put on new customers; a label that is not known is made."),
        aliases=("label", "tags", "tag", "groups", "segment"),
        sample="builder, monthly",
        joins=", ",
        changeable=False,
    ),
    Column(
        key="notes",
        label=gettext_lazy("Notes"),
        group=MORE,
        target=CustomerField("notes"),
        help=gettext_lazy("For the office only. Customers never see this."),
        aliases=("note", "description", "comment", "comments", "instructions", "bemerkung", "hinweis"),
        sample="Pays late in August.",
        max_length=10_000,
        has_lines=True,
        joins="\n",
    ),
)  # fmt: skip
