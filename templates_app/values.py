"""The values of template fields: checked by one table, on every road in (form, API, import, series)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit.excerpts import excerpt, in_a_row, not_named
from audit.expressions import IGNORECASE, Expression
from audit.one_line import is_storable, one_line
from money import in_cents
from templates_app.choices import FieldKind, Use

Definition = Mapping[str, Any]
# What a number may look like: a point or a comma before the decimals, nothing between the thousands.
_NUMBER = Expression(r"[+-]?([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,3})?", IGNORECASE, longest=60)
# Beyond this a floating number in JSON no longer tells neighbours apart.
_NUMBER_LIMIT = Decimal(10) ** 15
_MONEY_LIMIT = Decimal(10) ** 10
_YEARS = range(1900, 2200)
TEXT_LIMIT = 10_000
# No number, no moment and no word for yes is written longer; no list of choices is longer.
WORD_LIMIT, CHOICES_LIMIT = 60, 1000
# Of the fields that a template does not have, so many are named.
UNKNOWN_NAMED = 20
YES, NO = {"1", "true", "yes", "y", "on", "ja", "x"}, {"0", "false", "no", "n", "off", "nein", ""}


def clean_value(field: Definition, raw: Any) -> Any:
    """The value of one field as it is stored (JSON), from what somebody gave.

    ``field`` is one entry of ``TemplateVersion.fields``. Returns None for nothing given. Raises ValidationError
    with a sentence that names the field and what would do.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        return None
    given = raw if isinstance(raw, list | tuple) else [raw]
    if len(given) > CHOICES_LIMIT:
        raise _refuse(field, _("“%(label)s” takes fewer values than that."), "")
    for text in given:
        if isinstance(text, str) and len(text) > TEXT_LIMIT:
            raise _refuse(field, _("“%(label)s” is longer than 10,000 characters: “%(value)s”."), text)
        if isinstance(text, str) and not is_storable(text):
            raise _refuse(field, _("“%(label)s” holds characters that are not text."), "")
    # Every kind is one line: forms, sheets and files show it so.
    raw = [_folded(one) for one in raw] if isinstance(raw, list | tuple) else _folded(raw)
    value = _CLEANERS[FieldKind(field["kind"])](field, raw.strip() if isinstance(raw, str) else raw)
    if value in ("", []):
        return None
    _check_limits(field, value)
    return value


def _folded(raw: Any) -> Any:
    return one_line(raw) if isinstance(raw, str) else raw


def _check_limits(field: Definition, value: Any) -> None:
    """Raises ValidationError when a value is smaller or larger, shorter or longer than its field allows."""
    least, most = field.get("minimum"), field.get("maximum")
    if least is None and most is None:
        return
    kind = field["kind"]
    if kind in (FieldKind.NUMBER, FieldKind.CURRENCY):
        size, too_small, too_large = (
            Decimal(str(value)),
            _("“%(label)s” must be at least %(limit)s."),
            _("“%(label)s” must be at most %(limit)s."),
        )
    elif kind == FieldKind.MULTI_PICK:
        size, too_small, too_large = (
            Decimal(len(value)),
            _("“%(label)s” needs at least %(limit)s choices."),
            _("“%(label)s” takes at most %(limit)s choices."),
        )
    elif kind in (FieldKind.TEXT, FieldKind.LOCATION, FieldKind.LINK):
        size, too_small, too_large = (
            Decimal(len(value)),
            _("“%(label)s” needs at least %(limit)s characters."),
            _("“%(label)s” takes at most %(limit)s characters."),
        )
    else:
        return
    for limit, sentence, broken in (
        (least, too_small, least is not None and size < Decimal(str(least))),
        (most, too_large, most is not None and size > Decimal(str(most))),
    ):
        if broken:
            raise ValidationError(sentence % {"label": field["label"], "limit": f"{limit:g}"})


def is_shown(field: Definition, values: Mapping[str, Any]) -> bool:
    """Does the field's condition hold, given the stored values of the other fields?"""
    other = field.get("shown_when")
    if not other:
        return True
    value, wanted = values.get(other), str(field.get("shown_value") or "").strip().casefold()
    if isinstance(value, bool):
        return value == (wanted in YES if wanted else True)
    if value is None:
        return wanted in NO - {""}
    if not wanted:
        return True
    return wanted in {str(one).casefold() for one in (value if isinstance(value, list) else [value])}


def clean_values(
    fields: list[dict[str, Any]],
    given: Mapping[str, Any],
    *,
    use: str = "",
    others: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All values of a job: {key: value}, defaults filled in, nothing unknown, nothing that its condition hides.

    ``others``: values that stand already, for the conditions of fields that are shown when another has a value.

    What somebody gives for a field that is hidden from her, or read only, counts as not given.
    ``use`` names whose duties count: "portal_use" or "worker_use"; empty for the office, which may leave anything
    open. Raises ValidationError {key: sentence} with every fault at once.
    """
    problems: dict[str, Any] = {}
    values: dict[str, Any] = {}
    known = {field["key"] for field in fields}
    unknown = [key for key in given if key not in known]
    for key in unknown[:UNKNOWN_NAMED]:
        problems[excerpt(key)] = _("This template has no field “%(key)s”.") % {"key": excerpt(key)}
    if len(unknown) > UNKNOWN_NAMED:
        problems[NON_FIELD_ERRORS] = not_named(len(unknown) - UNKNOWN_NAMED)
    for field in fields:
        if field["kind"] == FieldKind.HEADER:
            continue
        key = field["key"]
        may_set = not use or field[use] in (Use.OPTIONAL, Use.REQUIRED)
        was_given = may_set and key in given
        try:
            value = clean_value(field, given[key]) if was_given else None
            if not was_given:
                value = clean_value(field, field.get("default"))
        except ValidationError as problem:
            problems[key] = problem.messages[0]
            continue
        if value is None and use and field[use] == Use.REQUIRED:
            problems[key] = _("“%(label)s” is needed.") % {"label": field["label"]}
        if value is not None:
            values[key] = value
    hidden = {field["key"] for field in fields if not is_shown(field, {**(others or {}), **values})}
    values = {key: value for key, value in values.items() if key not in hidden}
    problems = {key: sentence for key, sentence in problems.items() if key not in hidden}
    if problems:
        raise ValidationError(problems)
    return values


def _refuse(field: Definition, sentence: str, raw: Any) -> ValidationError:
    return ValidationError(sentence % {"label": field["label"], "value": excerpt(raw)})


def _text(field: Definition, raw: Any) -> str:
    if not isinstance(raw, str | int | float | Decimal | date):
        raise _refuse(field, _("“%(label)s” must be text, not “%(value)s”."), raw)
    return str(raw)


def decimal_from(raw: Any) -> Decimal | None:
    """A finite number in one of the ways people write one, or None. Yes and no are none."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        return None
    written = str(raw)
    return Decimal(written.replace(",", ".")) if _NUMBER.fullmatch(written) else None


def _number(field: Definition, raw: Any) -> float | int:
    number = decimal_from(raw)
    if number is None:
        raise _refuse(field, _("“%(label)s” must be a number, not “%(value)s”."), raw)
    if abs(number) >= _NUMBER_LIMIT:
        raise _refuse(field, _("“%(label)s” is too large a number: “%(value)s”."), raw)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(field: Definition, raw: Any) -> str:
    amount = decimal_from(raw)
    if amount is None:
        raise _refuse(field, _("“%(label)s” must be an amount such as 120.50, not “%(value)s”."), raw)
    if abs(amount) >= _MONEY_LIMIT:
        raise _refuse(field, _("“%(label)s” is too large an amount: “%(value)s”."), raw)
    cents = in_cents(amount)
    # 1,234 may be one thousand or one and a bit: never guess with money. A float is a sum somebody computed.
    if cents != amount and not isinstance(raw, float):
        raise _refuse(field, _("“%(label)s” must have two decimals at most, such as 120.50, not “%(value)s”."), raw)
    return str(cents or abs(cents))  # never “-0.00”


def _moment(field: Definition, raw: Any) -> str:
    try:
        moment = raw if isinstance(raw, datetime) else parse_datetime(_word(raw))
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise _refuse(field, _("“%(label)s” must be a date and time such as 2026-11-22 08:30, not “%(value)s”."), raw)
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).isoformat()


def _word(raw: Any) -> str:
    """Something as text, cut where no date and no word for yes or no goes on."""
    return excerpt(raw, WORD_LIMIT)


def _yes_or_no(field: Definition, raw: Any) -> bool:
    word = _word(raw).strip().lower()
    if word not in YES | NO:
        raise _refuse(field, _("“%(label)s” must be yes or no, not “%(value)s”."), raw)
    return word in YES


def _one_of(field: Definition, raw: Any) -> str:
    wanted = str(raw).strip()
    for choice in field.get("choices") or []:
        if str(choice).casefold() == wanted.casefold():
            return str(choice)
    raise ValidationError(
        _("“%(label)s” must be one of: %(choices)s; not “%(value)s”.")
        % {"label": field["label"], "choices": in_a_row(field.get("choices") or []), "value": excerpt(wanted)}
    )


def _some_of(field: Definition, raw: Any) -> list[str]:
    if isinstance(raw, list | tuple):
        wanted = list(raw)
    elif any(str(choice).casefold() == str(raw).strip().casefold() for choice in field.get("choices") or []):
        wanted = [raw]  # one choice that holds a comma itself
    else:
        wanted = str(raw).replace(";", ",").split(",")[: CHOICES_LIMIT + 1]
    return list(dict.fromkeys(_one_of(field, item) for item in wanted if str(item).strip()))


def _link(field: Definition, raw: Any) -> str:
    try:
        URLValidator(schemes=["http", "https"])(str(raw))
    except ValidationError:
        raise _refuse(
            field, _("“%(label)s” must be a web address that begins with https://, not “%(value)s”."), raw
        ) from None
    return str(raw)


_CLEANERS: dict[FieldKind, Callable[[Definition, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.CURRENCY: _money,
    FieldKind.DATETIME: _moment,
    FieldKind.CHECKBOX: _yes_or_no,
    FieldKind.PICK: _one_of,
    FieldKind.MULTI_PICK: _some_of,
    FieldKind.LINK: _link,
    FieldKind.LOCATION: _text,
    FieldKind.FILE: _text,
    FieldKind.SIGNATURE: _text,
    FieldKind.HEADER: _text,
}
