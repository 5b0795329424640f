"""The values of template fields: checked by one table, on every road in (form, API, import, series)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from templates_app.choices import FieldKind, Use

Definition = Mapping[str, Any]
YES, NO = {"1", "true", "yes", "y", "on", "ja", "x"}, {"0", "false", "no", "n", "off", "nein", ""}


def clean_value(field: Definition, raw: Any) -> Any:
    """The value of one field as it is stored (JSON), from what somebody gave.

    ``field`` is one entry of ``TemplateVersion.fields``. Returns None for nothing given. Raises ValidationError
    with a sentence that names the field and what would do.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []:
        return None
    return _CLEANERS[FieldKind(field["kind"])](field, raw.strip() if isinstance(raw, str) else raw)


def clean_values(fields: list[dict[str, Any]], given: Mapping[str, Any], *, use: str = "") -> dict[str, Any]:
    """All values of a job: {key: value}, defaults filled in, nothing unknown.

    ``use`` names whose duties count: "portal_use" or "worker_use"; empty for the office, which may leave anything
    open. Raises ValidationError {key: sentence} with every fault at once.
    """
    problems: dict[str, Any] = {}
    values: dict[str, Any] = {}
    known = {field["key"] for field in fields}
    for key in given:
        if key not in known:
            problems[key] = _("This template has no field “%(key)s”.") % {"key": key}
    for field in fields:
        if field["kind"] == FieldKind.HEADER:
            continue
        key = field["key"]
        may_set = not use or field[use] in (Use.OPTIONAL, Use.REQUIRED)
        raw = given.get(key) if may_set else None
        try:
            value = clean_value(field, raw)
            if value is None and key not in given:
                value = clean_value(field, field.get("default"))
        except ValidationError as problem:
            problems[key] = problem.messages[0]
            continue
        if value is None and use and field[use] == Use.REQUIRED:
            problems[key] = _("“%(label)s” is needed.") % {"label": field["label"]}
        if value is not None:
            values[key] = value
    if problems:
        raise ValidationError(problems)
    return values


def _refuse(field: Definition, sentence: str, raw: Any) -> ValidationError:
    return ValidationError(sentence % {"label": field["label"], "value": str(raw)[:80]})


def _text(field: Definition, raw: Any) -> str:
    return str(raw)


def _number(field: Definition, raw: Any) -> float | int:
    try:
        number = float(str(raw).replace(",", ".")) if not isinstance(raw, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _refuse(field, _("“%(label)s” must be a number, not “%(value)s”."), raw)
    return int(number) if number.is_integer() else number


def _money(field: Definition, raw: Any) -> str:
    try:
        amount = Decimal(str(raw).replace(",", "."))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise _refuse(field, _("“%(label)s” must be an amount such as 120.50, not “%(value)s”."), raw)
    return str(amount.quantize(Decimal("0.01")))


def _moment(field: Definition, raw: Any) -> str:
    try:
        moment = raw if isinstance(raw, datetime) else parse_datetime(str(raw))
    except ValueError:
        moment = None
    if moment is None:
        raise _refuse(field, _("“%(label)s” must be a date and time such as 2026-11-22 08:30, not “%(value)s”."), raw)
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).isoformat()


def _yes_or_no(field: Definition, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in YES | NO:
        raise _refuse(field, _("“%(label)s” must be yes or no, not “%(value)s”."), raw)
    return word in YES


def _one_of(field: Definition, raw: Any) -> str:
    wanted = str(raw).strip()
    for choice in field.get("choices") or []:
        if str(choice).casefold() == wanted.casefold():
            return str(choice)
    choices = ", ".join(str(choice) for choice in field.get("choices") or [])
    raise ValidationError(
        _("“%(label)s” must be one of: %(choices)s; not “%(value)s”.")
        % {"label": field["label"], "choices": choices, "value": wanted[:80]}
    )


def _some_of(field: Definition, raw: Any) -> list[str]:
    wanted = raw if isinstance(raw, list | tuple) else str(raw).replace(";", ",").split(",")
    return [_one_of(field, item) for item in wanted if str(item).strip()]


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
