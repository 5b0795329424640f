"""The kinds of a template's field: each says how a value is checked, how it reads, and how it is asked for.

One class each, in one table (``KINDS``). To add one: ``templates_app.choices.FieldKind``, a class here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.excerpts import excerpt, in_a_row
from audit.expressions import IGNORECASE, Expression
from audit.normal_form import normal_form
from audit.wall_clock import NotOneMoment, can_be_kept, moment_at
from console.moments import MomentWidget
from money import in_cents
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition, Value
from templates_app.yes_and_no import yes_or_no

# What a number may look like: a point or a comma before the decimals, nothing between the thousands.
_NUMBER = Expression(r"[+-]?([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,3})?", IGNORECASE, longest=60)
# Beyond this a floating number in JSON no longer tells neighbours apart.
_NUMBER_LIMIT = Decimal(10) ** 15
_MONEY_LIMIT = Decimal(10) ** 10
_YEARS = range(1900, 2200)
# No number, no moment and no word for yes is written longer; no list of choices is longer.
WORD_LIMIT, CHOICES_LIMIT = 60, 1000
# Up to so many choices are shown to a customer all at once.
FEW_CHOICES = 6
ACCEPTED_FILES = "image/jpeg,image/png,image/webp,image/gif,application/pdf"


@dataclass(frozen=True)
class Wording:
    """How a page says values: its words for yes and no, its way with a moment (aware) and with a sum of money."""

    yes: str
    no: str
    moment: Callable[[datetime], str]
    money: Callable[[str], str]


@dataclass(frozen=True)
class Limit:
    """What minimum and maximum are about, in the sentences of those who break them: "%(label)s", "%(limit)s"."""

    too_small: str | Promise
    too_large: str | Promise


_AMOUNT = Limit(
    gettext_lazy("“%(label)s” must be at least %(limit)s."), gettext_lazy("“%(label)s” must be at most %(limit)s.")
)
_CHOICES = Limit(
    gettext_lazy("“%(label)s” needs at least %(limit)s choices."),
    gettext_lazy("“%(label)s” takes at most %(limit)s choices."),
)
_LENGTH = Limit(
    gettext_lazy("“%(label)s” needs at least %(limit)s characters."),
    gettext_lazy("“%(label)s” takes at most %(limit)s characters."),
)


class BaseKind:
    """One kind of field; this one takes text.

    ``widget``: what the office fills it in with, in Django's plain shape, which each page dresses in its own
    (``templates_app.forms.Widgets``); None where it is asked for elsewhere or not at all.
    """

    limit: ClassVar[Limit | None] = None
    widget: ClassVar[type[forms.Widget] | None] = forms.TextInput
    widget_attrs: ClassVar[dict[str, str]] = {}
    portal_attrs: ClassVar[dict[str, str]] = {}
    help: ClassVar[str | Promise] = ""
    portal_help: ClassVar[str | Promise] = ""
    # Can an office form require it? An empty checkbox is an answer.
    can_be_empty: ClassVar[bool] = False

    # --- its check

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        """The value as it is stored, of what somebody gave: not None, on one line. Raises ValidationError."""
        if not isinstance(raw, str | int | float | Decimal | date):
            raise refusal(field, _("“%(label)s” must be text, not “%(value)s”."), raw)
        return str(raw)

    def size(self, value: Value) -> Decimal:
        """What ``minimum`` and ``maximum`` are compared with, of a stored value, where there is a ``limit``."""
        return Decimal(len(str(value)))

    # --- its words

    def words(self, value: Value, wording: Wording) -> str:
        """A stored value, not empty, as a person reads it."""
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    # --- its form fields

    def choices(self, field: FieldDefinition) -> list[tuple[str, str | Promise]]:
        """What the office picks from, where it does."""
        return []

    def shown(self, value: object, field: FieldDefinition) -> object:
        """A stored value, or a default, as a widget shows it."""
        return value

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        """What a customer fills it in with. What the value must be is checked by ``clean`` alone."""
        return forms.CharField(
            label=field.label,
            help_text=self.help_for_customers(field),
            required=False,
            widget=forms.TextInput(attrs=self.portal_attrs),
        )

    def help_for_customers(self, field: FieldDefinition) -> str:
        """What stands beside it on the companion site."""
        return field.help or str(self.portal_help)


class TextKind(BaseKind):
    """A line of text."""

    limit = _LENGTH


class NumberKind(BaseKind):
    """A number: whole ones are stored as such."""

    limit = _AMOUNT
    widget = forms.NumberInput
    widget_attrs = {"step": "any"}
    portal_attrs = {"inputmode": "decimal"}

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        number = decimal_from(raw)
        if number is None:
            raise refusal(field, _("“%(label)s” must be a number, not “%(value)s”."), raw)
        if abs(number) >= _NUMBER_LIMIT:
            raise refusal(field, _("“%(label)s” is too large a number: “%(value)s”."), raw)
        return int(number) if number == number.to_integral_value() else float(number)

    def size(self, value: Value) -> Decimal:
        return Decimal(str(value))

    def words(self, value: Value, wording: Wording) -> str:
        return number_format(value) if isinstance(value, int | float) else str(value)


class MoneyKind(BaseKind):
    """A sum, stored as text with two decimals."""

    limit = _AMOUNT
    widget = forms.NumberInput
    widget_attrs = {"step": "0.01"}
    portal_attrs = {"inputmode": "decimal"}

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        amount = decimal_from(raw)
        if amount is None:
            raise refusal(field, _("“%(label)s” must be an amount such as 120.50, not “%(value)s”."), raw)
        if abs(amount) >= _MONEY_LIMIT:
            raise refusal(field, _("“%(label)s” is too large an amount: “%(value)s”."), raw)
        cents = in_cents(amount)
        # 1,234 may be one thousand or one and a bit: never guess with money. A float is a sum somebody computed.
        if cents != amount and not isinstance(raw, float):
            raise refusal(field, _("“%(label)s” must have two decimals at most, such as 120.50, not “%(value)s”."), raw)
        return str(cents or abs(cents))  # never “-0.00”

    def size(self, value: Value) -> Decimal:
        return Decimal(str(value))

    def words(self, value: Value, wording: Wording) -> str:
        return wording.money(str(value))


class MomentKind(BaseKind):
    """A date and a time, stored as ISO text with its offset."""

    widget = MomentWidget

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        try:
            moment = raw if isinstance(raw, datetime) else parse_datetime(_word(raw))
        except ValueError:
            moment = None
        if moment is None or moment.year not in _YEARS or (timezone.is_aware(moment) and not can_be_kept(moment)):
            raise refusal(
                field, _("“%(label)s” must be a date and time such as 2026-11-22 08:30, not “%(value)s”."), raw
            )
        try:
            return (moment if timezone.is_aware(moment) else moment_at(moment)).isoformat()
        except NotOneMoment as problem:
            sentence = _("“%(label)s”: %(problem)s")
            raise ValidationError(sentence % {"label": field.label, "problem": problem.sentence}) from None

    def words(self, value: Value, wording: Wording) -> str:
        moment = moment_from(value)
        return wording.moment(moment) if moment else str(value)

    def shown(self, value: object, field: FieldDefinition) -> object:
        moment = value if isinstance(value, datetime) else moment_from(value)
        if moment is None or (timezone.is_aware(moment) and not can_be_kept(moment)):
            return value
        return timezone.localtime(moment) if timezone.is_aware(moment) else moment

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        return forms.CharField(label=field.label, help_text=field.help, required=False, widget=MomentWidget())


class CheckboxKind(BaseKind):
    """Yes or no."""

    widget = forms.CheckboxInput
    can_be_empty = True

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        answer = raw if isinstance(raw, bool) else yes_or_no(_word(raw))
        if answer is None:
            raise refusal(field, _("“%(label)s” must be yes or no, not “%(value)s”."), raw)
        return answer

    def words(self, value: Value, wording: Wording) -> str:
        return wording.yes if value else wording.no

    def shown(self, value: object, field: FieldDefinition) -> object:
        # An empty default means no box is ticked.
        return bool(value.strip() and self.clean(field, value.strip())) if isinstance(value, str) else value

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        return forms.BooleanField(label=field.label, help_text=field.help, required=False)


class PickKind(BaseKind):
    """One of the choices."""

    widget = forms.Select

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        return _one_of(field, raw)

    def choices(self, field: FieldDefinition) -> list[tuple[str, str | Promise]]:
        return [("", "—"), *((choice, choice) for choice in field.choices)]

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        choices = [(choice, choice) for choice in field.choices]
        widget: forms.Widget = forms.RadioSelect(choices=choices)
        if len(choices) > FEW_CHOICES:
            widget = forms.Select(choices=[("", _("Please choose")), *choices])
        return forms.CharField(label=field.label, help_text=field.help, required=False, widget=widget)


class MultiPickKind(BaseKind):
    """Some of the choices, stored as a list."""

    limit = _CHOICES
    widget = forms.CheckboxSelectMultiple

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        if isinstance(raw, list | tuple):
            wanted = list(raw)
        elif any(normal_form(choice) == normal_form(str(raw)) for choice in field.choices):
            wanted = [raw]  # one choice that holds a comma itself
        else:
            wanted = [*str(raw).replace(";", ",").split(",")[: CHOICES_LIMIT + 1]]
        return list(dict.fromkeys(_one_of(field, item) for item in wanted if str(item).strip()))

    def size(self, value: Value) -> Decimal:
        return Decimal(len(value) if isinstance(value, list) else 1)

    def choices(self, field: FieldDefinition) -> list[tuple[str, str | Promise]]:
        return [(choice, choice) for choice in field.choices]

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        return forms.MultipleChoiceField(
            label=field.label,
            help_text=field.help,
            required=False,
            choices=[(choice, choice) for choice in field.choices],
            widget=forms.CheckboxSelectMultiple,
        )


class LinkKind(BaseKind):
    """A web address."""

    limit = _LENGTH
    widget = forms.URLInput
    portal_attrs = {"inputmode": "url", "placeholder": "https://"}

    def clean(self, field: FieldDefinition, raw: object) -> Value:
        try:
            URLValidator(schemes=["http", "https"])(str(raw))
        except ValidationError:
            sentence = _("“%(label)s” must be a web address that begins with https://, not “%(value)s”.")
            raise refusal(field, sentence, raw) from None
        return str(raw)


class PlaceKind(BaseKind):
    """A location, in words."""

    limit = _LENGTH
    portal_attrs = {"autocomplete": "street-address"}


class FileKind(BaseKind):
    """A picture or a document: the name of it is the value, the content is a file of the job."""

    widget = None
    portal_help = gettext_lazy("A picture or a PDF, 10 MB at most.")

    def portal_field(self, field: FieldDefinition) -> forms.Field:
        return forms.FileField(
            label=field.label,
            help_text=self.help_for_customers(field),
            required=False,
            widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        )


class SignatureKind(BaseKind):
    """The name of whoever signed."""

    help = gettext_lazy("The full name of whoever signed. A picture of the signature goes under Files.")
    portal_attrs = {"autocomplete": "name"}
    portal_help = gettext_lazy("Write your full name. It counts as your signature.")


class HeaderKind(BaseKind):
    """The heading of a section: nothing to fill in."""

    widget = None


KINDS: dict[FieldKind, BaseKind] = {
    FieldKind.TEXT: TextKind(),
    FieldKind.NUMBER: NumberKind(),
    FieldKind.CURRENCY: MoneyKind(),
    FieldKind.DATETIME: MomentKind(),
    FieldKind.CHECKBOX: CheckboxKind(),
    FieldKind.PICK: PickKind(),
    FieldKind.MULTI_PICK: MultiPickKind(),
    FieldKind.LINK: LinkKind(),
    FieldKind.LOCATION: PlaceKind(),
    FieldKind.FILE: FileKind(),
    FieldKind.SIGNATURE: SignatureKind(),
    FieldKind.HEADER: HeaderKind(),
}


def value_in_words(field: FieldDefinition, value: Value, wording: Wording) -> str:
    """The value of a field as a person reads it; empty for none."""
    return "" if value is None or value in ("", []) else KINDS[field.kind].words(value, wording)


def refusal(field: FieldDefinition, sentence: str, raw: object) -> ValidationError:
    """The error that says why a field does not take something. ``sentence``: with "%(label)s", "%(value)s"."""
    return ValidationError(sentence % {"label": field.label, "value": excerpt(raw)})


def decimal_from(raw: object) -> Decimal | None:
    """A finite number in one of the ways people write one, or None. Yes and no are none."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    written = str(raw)
    return Decimal(written.replace(",", ".")) if _NUMBER.fullmatch(written) else None


def moment_from(stored: object) -> datetime | None:
    """The moment that a text in JSON says; None where it says none."""
    try:
        return parse_datetime(stored) if isinstance(stored, str) else None
    except ValueError:
        return None


def _word(raw: object) -> str:
    """Something as text, cut where no date and no word for yes or no goes on."""
    return excerpt(raw, WORD_LIMIT)


def _one_of(field: FieldDefinition, raw: object) -> str:
    wanted = str(raw).strip()
    for choice in field.choices:
        if normal_form(choice) == normal_form(wanted):
            return choice
    raise ValidationError(
        _("“%(label)s” must be one of: %(choices)s; not “%(value)s”.")
        % {"label": field.label, "choices": in_a_row(field.choices), "value": excerpt(wanted)}
    )
