"""The columns a file may have, one class each: the only list.

A column says what it is called, by which header it is recognised, whether it is needed, and what its text means. The
mapping page, the check, the blank file, the command, the API's input and the docs all read it from here. To add a
column, add a class and name it in ``COLUMNS`` (CONTRIBUTING.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import PaymentTerms
from imports.choices import Dates, Decimal, Kind

Words = str | Promise

# A date without a time means this hour of the business's day.
START_OF_DAY = time(8)

# Characters that no text of ours holds: control characters, and marks that turn the direction of the text around.
_UNWANTED = dict.fromkeys(
    [*(n for n in range(32) if chr(n) not in "\n\t"), 0x7F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


@dataclass(frozen=True)
class Formats:
    """How the file writes dates and numbers: what is clear is understood in any case."""

    dates: str = Dates.AUTO
    decimal: str = Decimal.AUTO
    # A time without a zone is the business's own; looked up once, not for each cell.
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)


def clean_text(raw: str) -> str:
    """Text without surrounding blanks, control characters and direction marks; line ends as \\n.

    The apostrophe that defuses a formula (permissions.exporting) is taken away again.
    """
    text = raw.strip()
    if text[:1] == "'" and text[1:2] in _FORMULA:
        text = text[1:]
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED).strip()
    return text


_FORMULA = ("=", "+", "-", "@")


def same_words(text: str) -> str:
    """Two headers or names that differ only in case, blanks and punctuation are the same."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


class Column:
    """One column. Subclasses say what; ``clean`` turns text into a value or raises ValidationError with a sentence."""

    key: ClassVar[str] = ""
    label: Words = ""
    help: Words = ""
    # Headers by which it is recognised, besides its label and key.
    aliases: Sequence[str] = ()
    # Several columns of the file may be joined into it.
    joins: ClassVar[str] = ""
    sample: str = ""
    group: Words = ""
    max_length = 0
    # Its values name records of ours, or are words of a list: equal wrong values are one problem of many rows.
    names_something = False

    def clean(self, raw: str, formats: Formats) -> Any:
        """The value of a cell. ``raw`` is not blank. Raises ValidationError."""
        text = clean_text(raw)
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(_("is longer than %(most)d characters") % {"most": self.max_length}, code="too_long")
        return text

    def recognises(self, header: str) -> int:
        """How well a header fits: 0 not at all, the higher the better."""
        words = same_words(header)
        names = [same_words(str(self.label)), same_words(self.key), *map(same_words, self.aliases)]
        if words in names:
            return 100 - names.index(words)
        return 0


# --- what cells can hold ------------------------------------------------------------------------------------


class Mail(Column):
    max_length = 254

    def clean(self, raw: str, formats: Formats) -> str:
        text = super().clean(raw, formats).lower()
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_("is not an e-mail address"), code="email") from None
        return text


class Integer(Column):
    least, most = 0, 2_000_000_000

    def clean(self, raw: str, formats: Formats) -> int:
        number = clean_number(raw, formats)
        if number != number.to_integral_value() or not self.least <= number <= self.most:
            raise ValidationError(
                _("is not a whole number between %(least)d and %(most)d") % {"least": self.least, "most": self.most},
                code="integer",
            )
        return int(number)


class Money(Column):
    def clean(self, raw: str, formats: Formats) -> Number:
        amount = clean_number(re.sub(r"[€$£¥\s]|EUR|USD|GBP|CHF", "", raw), formats)
        if abs(amount) >= Number(10) ** 10:
            raise ValidationError(_("is too large an amount"), code="money")
        return amount.quantize(Number("0.01"))


class Degrees(Column):
    most = 180

    def clean(self, raw: str, formats: Formats) -> Number:
        try:
            degrees = Number(clean_text(raw).replace(",", "."))
            if abs(degrees) > self.most:
                raise InvalidOperation
        except InvalidOperation:
            raise ValidationError(
                _("is not a number of degrees between -%(most)d and %(most)d") % {"most": self.most}, code="degrees"
            ) from None
        return degrees.quantize(Number("0.000001"))


class Moment(Column):
    def clean(self, raw: str, formats: Formats) -> datetime:
        return clean_moment(clean_text(raw), formats)


# Cells by which other programs say that there is nothing. Case counts: Nan is a name.
NOTHING = frozenset({"", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", "nan", "-", "--"})

_ONE_MARK = re.compile(r"^[-+]?\d{1,3}[.,]\d{3}$")
_NUMBER = re.compile(r"^[-+]?\d[\d.,'’\s]*$|^[-+]?[.,]\d+$")


def clean_number(raw: str, formats: Formats) -> Number:
    """A number as people write it: 1234.5, 1,234.50, 1.234,50, 1 234,50. Raises ValidationError where it is unclear."""
    text = clean_text(raw)
    if not _NUMBER.match(text) or len(text) > 40:
        raise ValidationError(_("is not a number"), code="number")
    text = re.sub(r"['’\s]", "", text)
    point, comma = text.rfind("."), text.rfind(",")
    if formats.decimal == Decimal.POINT or (formats.decimal == Decimal.AUTO and comma < 0):
        decimal = "."
        unclear = formats.decimal == Decimal.AUTO and text.count(".") > 1
    elif formats.decimal == Decimal.COMMA or (formats.decimal == Decimal.AUTO and comma > point):
        decimal = ","
        unclear = formats.decimal == Decimal.AUTO and point < 0 and bool(_ONE_MARK.match(text))
    else:
        decimal, unclear = ".", False
    if unclear and text.count(".") > 1:
        decimal, unclear = ",", False
    if unclear:
        raise ValidationError(
            _("can be two numbers: say in step 2 how the file writes its numbers"), code="unclear_number"
        )
    text = text.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    try:
        return Number(text)
    except InvalidOperation:
        raise ValidationError(_("is not a number"), code="number") from None


_PARTS = re.compile(
    r"""^\s*(?P<a>\d{1,4})\s*(?P<mark>[./\-\s])\s*(?P<b>\d{1,2}|[^\W\d_]{3,12}\.?)\s*[./\-\s,]\s*(?P<c>\d{1,4})\.?
        (?:[T,\s]+(?P<h>\d{1,2})[:.h](?P<m>\d{2})?(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?
        \s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?\s*(?:Uhr|h)?)?\s*$""",
    re.VERBOSE,
)
# How most programs write it.
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier", "feb february februar fevrier", "mar march mär märz mrz mars",
            "apr april avril", "may mai", "jun june juni juin", "jul july juli juillet", "aug august aout",
            "sep sept september septembre", "oct october okt oktober octobre", "nov november novembre",
            "dec december dez dezember decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


def clean_moment(text: str, formats: Formats) -> datetime:
    """A date, with or without a time, as an aware moment; a time without a zone is the business's own.

    Raises ValidationError where it is none, or could be two.
    """
    if iso := _ISO.match(text):
        y, m, d, h, minutes = (int(part) for part in iso.groups())
        return _moment(formats.zone, y, m, d, h, minutes, 0)
    if formats.dates == Dates.EPOCH or (formats.dates == Dates.AUTO and re.fullmatch(r"1\d{9}(\d{3})?", text)):
        return _from_epoch(text)
    if compact := _COMPACT.match(text):
        year, month, day, hour, minute, second = (int(part) if part else None for part in compact.groups())
        return _moment(formats.zone, year, month, day, hour, minute, second)  # type: ignore[arg-type]
    parts = _PARTS.match(text)
    not_one = _("is not a date")
    if parts is None:
        raise ValidationError(not_one, code="date")
    first, middle, last = parts["a"], parts["b"].rstrip(".").casefold(), parts["c"]
    if not middle.isdigit():
        if middle not in _MONTHS:
            raise ValidationError(not_one, code="date")
        year, month, day = int(last), _MONTHS[middle], int(first)
        if len(first) == 4:
            year, day = int(first), int(last)
    elif len(first) > 2:
        year, month, day = int(first), int(middle), int(last)
    else:
        day, month = _day_and_month(int(first), int(middle), parts["mark"], formats)
        year = int(last)
    if year < 100:
        year += 2000
    hour = int(parts["h"]) if parts["h"] else None
    if hour is not None and parts["half"]:
        hour = hour % 12 + (12 if parts["half"][0] in "Pp" else 0)
    return _moment(formats.zone, year, month, day, hour, int(parts["m"] or 0), int(parts["s"] or 0), parts["zone"])


def _day_and_month(first: int, second: int, mark: str, formats: Formats) -> tuple[int, int]:
    if formats.dates == Dates.DMY:
        return first, second
    if formats.dates == Dates.MDY:
        return second, first
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    # Points are how day-first countries write; nobody writes months first with them.
    if mark == ".":
        return first, second
    raise ValidationError(_("can be two dates: say in step 2 how the file writes its dates"), code="unclear_date")


def _from_epoch(text: str) -> datetime:
    try:
        seconds = float(text)
        if abs(seconds) > 1e11:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValidationError(_("is not a number of seconds since 1970"), code="date") from None


def _moment(
    ours: tzinfo,
    year: int,
    month: int,
    day: int,
    hour: int | None,
    minute: int | None,
    second: int | None,
    zone: str | None = None,
) -> datetime:
    try:
        when = date(year, month, day)
        at = START_OF_DAY if hour is None else time(hour, minute or 0, second or 0)
        if not 1900 <= year <= 2200:
            raise ValueError
        naive = datetime.combine(when, at)
        if zone:
            return datetime.fromisoformat(naive.isoformat() + ("+00:00" if zone in ("Z", "UTC") else zone))
        return naive.replace(tzinfo=ours)
    except (ValueError, OverflowError):
        raise ValidationError(_("is not a date"), code="date") from None


# --- the columns of jobs ------------------------------------------------------------------------------------

WHAT, WHO, WHERE, WHEN, MORE = (
    gettext_lazy("What"), gettext_lazy("For whom"), gettext_lazy("Where"), gettext_lazy("When"), gettext_lazy("More")
)  # fmt: skip


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
    aliases = ("job template", "job type", "service", "service type", "type", "kind", "title", "category", "leistung")
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
    aliases = ("site address", "service address", "street", "street address", "location", "adresse", "strasse")
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
    sample, names_something = "Theo", True


class Notes(Column):
    key, label, group, joins = "notes", gettext_lazy("Notes"), MORE, "\n"
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


class FieldColumn(Column):
    """A field of the templates. Its type is the template's, so it is checked when the row's template is known."""

    group = gettext_lazy("Fields of the template")
    joins = ", "

    def __init__(self, key: str, label: str, kind_label: Words, templates: Iterable[str]) -> None:
        self.key = f"{FIELD}{key}"  # type: ignore[misc]
        self.label = label
        self.aliases = (key, f"field {label}")
        self.help = f"{kind_label} · {', '.join(templates)}"


FIELD = "field:"


# --- the columns of customers -------------------------------------------------------------------------------


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
        days = re.fullmatch(r"(?:net )?(\d+)(?: days| tage)?", words)
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
        names = [clean_text(name) for name in re.split(r"[,;|]", raw)]
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
    aliases = ("address", "street", "street address", "site address", "adresse", "strasse")  # type: ignore[assignment]


class OwnPostcode(Postcode):
    help = ""  # type: ignore[assignment]


class OwnCity(City):
    help = ""  # type: ignore[assignment]


# --- the columns of portal users ----------------------------------------------------------------------------


class LoginMail(Mail):
    key, label, group = "email", gettext_lazy("E-mail"), WHO
    help = gettext_lazy("She signs in with it, and gets her invitation there.")
    aliases = ("email", "e-mail", "email address", "login", "mail", "user")
    sample = "cora@acme.example"


class FullName(Column):
    key, label, group = "full_name", gettext_lazy("Name"), WHO
    aliases = ("full name", "person", "contact", "contact name", "user name", "ansprechpartner")
    sample, max_length = "Cora Lind", 120


class Phone(Column):
    key, label, group = "phone", gettext_lazy("Telephone"), WHO
    aliases = ("mobile", "telephone", "phone number", "mobile number", "telefon", "handy")
    sample, max_length = "+49 151 5550133", 40


class ForCustomer(CustomerName):
    label = gettext_lazy("Customer")
    help = gettext_lazy("For whom she acts. A person of several customers has a row for each.")


COLUMNS: dict[str, tuple[type[Column], ...]] = {
    Kind.JOBS: (
        ExternalId, Template, CustomerName, CustomerId, ContactName, ContactMail, ContactPhone, Address, Postcode, City,
        Latitude, Longitude, PlannedStart, RequestedStart, Duration, WorkerName, Notes, AssetId, Amount,
    ),
    Kind.CUSTOMERS: (
        OwnName, OwnExternalId, SiteName, SiteMail, SitePhone, Street, OwnPostcode, OwnCity, BillingName, BillingMail,
        BillingPhone, Terms, Labels, OwnNotes,
    ),
    Kind.PORTAL_USERS: (LoginMail, FullName, Phone, ForCustomer, CustomerId),
}  # fmt: skip


def guess(columns: Sequence[Column], header: Sequence[str]) -> dict[str, list[str]]:
    """Which header is which column, as far as the names say: {column key: [header]}. No header is given twice."""
    fits = sorted(
        (
            (-column.recognises(name), order, index, column.key, name)
            for order, column in enumerate(columns)
            for index, name in enumerate(header)
            if column.recognises(name)
        ),
    )
    guessed: dict[str, list[str]] = {}
    given: set[str] = set()
    for _fit, _order, _index, key, name in fits:
        if key not in guessed and name not in given:
            guessed[key] = [name]
            given.add(name)
    return guessed
