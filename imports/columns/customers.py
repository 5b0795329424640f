"""The columns of customers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import PaymentTerms
from audit.expressions import Expression
from imports.columns.addresses import split_address
from imports.columns.base import MORE, WHO, Column, Formats, clean_text, same_words
from imports.columns.cells import Mail
from imports.columns.jobs import Address, City, ContactMail, ContactName, ContactPhone, ExternalId, Notes, Postcode

_DAYS = Expression(r"(?:net )?(\d{1,3})(?: days| tage)?", longest=40)
_BETWEEN_LABELS = Expression(r"[,;|]", longest=10_000)


class OwnExternalId(ExternalId):
    help = gettext_lazy("The customer's number in your other system. A row is recognised by it, or else by its name.")
    aliases = ("id", "customer id", "customer number", "customer no", "client id", "account number", "kundennummer")  # type: ignore[assignment]
    sample = "C-204"


class OwnName(Column):
    key, label, group = "name", gettext_lazy("Name"), WHO
    aliases = (
        "customer",
        "customer name",
        "client",
        "client name",
        "company",
        "company name",
        "account",
        "kunde",
        "firma",
    )
    sample, max_length = "Acme Builders", 160


class Terms(Column):
    key, label, group = "payment_terms", gettext_lazy("Payment terms"), MORE
    help = gettext_lazy("Days until an invoice is due (0, 7, 14, 30, 45, 60), or COD.")
    aliases = ("terms", "net days", "payment", "zahlungsziel")
    sample, names_something = "14", True

    def clean(self, raw: str, formats: Formats) -> int:
        words = same_words(raw)
        days = _DAYS.fullmatch(words)
        value = int(days[1]) if days else PaymentTerms.COD if words in ("cod", "cash on delivery", "cash") else None
        if value not in PaymentTerms.values:
            raise ValidationError(_("is none of our payment terms: 0, 7, 14, 30, 45, 60 days or COD"), code="unknown")
        return int(value)  # type: ignore[arg-type]


class Labels(Column):
    key, label, group, joins = "labels", gettext_lazy("Labels"), MORE, ", "
    help = gettext_lazy("Separated by commas. Put on new customers; a label that is not known is made.")
    aliases = ("label", "tags", "tag", "groups", "segment")
    sample = "builder, monthly"

    def clean(self, raw: str, formats: Formats) -> list[str]:  # type: ignore[override]
        names = [clean_text(name) for name in _BETWEEN_LABELS.split(raw)]
        if any(len(name) > 40 for name in names):
            raise ValidationError(_("holds a label longer than 40 characters"), code="too_long")
        return list(dict.fromkeys(name for name in names if name))


class OwnNotes(Notes):
    help = gettext_lazy("For the office only. Customers never see this.")
    sample = "Pays late in August."


class SiteName(ContactName):
    key, label = "site_name", gettext_lazy("Site contact")
    help = gettext_lazy("Gets the messages about jobs.")
    aliases = ("contact", "contact name", "contact person", "ansprechpartner")  # type: ignore[assignment]


class SiteMail(ContactMail):
    key, label, help = "site_email", gettext_lazy("Site contact's e-mail"), ""  # type: ignore[assignment]


class SitePhone(ContactPhone):
    key, label = "site_phone", gettext_lazy("Site contact's telephone")


class BillingName(ContactName):
    key, label, group = "billing_name", gettext_lazy("Billing contact"), gettext_lazy("Invoices")
    help = gettext_lazy("Gets the messages about invoices.")
    aliases = ("billing contact name", "accounts contact", "accounts payable")  # type: ignore[assignment]
    sample = "Kim Rowe"


class BillingMail(Mail):
    key, label, group = "billing_email", gettext_lazy("Billing contact's e-mail"), gettext_lazy("Invoices")
    aliases = ("billing email", "invoice email", "accounts email")
    sample = "accounts@acme.example"


class BillingPhone(Column):
    key, label, group = "billing_phone", gettext_lazy("Billing contact's telephone"), gettext_lazy("Invoices")
    aliases = ("billing phone", "accounts phone")
    sample, max_length = "+49 40 5550144", 40


class Street(Address):
    key, label, max_length = "street", gettext_lazy("Street and number"), 200
    help = gettext_lazy("A location is made of it, unless the customer has it already.")
    aliases = ("address", "street", "street address", "site address", "adresse", "anschrift", "strasse")  # type: ignore[assignment]

    splits = ("postcode", "city")

    def take_apart(self, value: str) -> dict[str, str]:
        street, postcode, town = split_address(value)
        parts = {"street": street, "postcode": postcode, "city": town}
        return {key: part for key, part in parts.items() if part}


class OwnPostcode(Postcode):
    help = ""  # type: ignore[assignment]


class OwnCity(City):
    help = ""  # type: ignore[assignment]
