"""The values of template fields: checked by one table (``templates_app.kinds``), from every source (form, API, import,
series)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from audit.excerpts import excerpt, not_named
from audit.normal_form import normal_form
from audit.one_line import is_storable, one_line
from templates_app.choices import FieldKind, Use
from templates_app.definitions import FieldDefinition, Value
from templates_app.kinds import CHOICES_LIMIT, KINDS, refusal
from templates_app.yes_and_no import yes_or_no

TEXT_LIMIT = 10_000
# Of the fields that a template does not have, so many are named.
UNKNOWN_NAMED = 20


def clean_value(field: FieldDefinition, raw: object) -> Value:
    """The value of one field as it is stored (JSON), from what somebody gave.

    Returns None for nothing given. Raises ValidationError with a sentence that names the field and what would do.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        return None
    given = raw if isinstance(raw, list | tuple) else [raw]
    if len(given) > CHOICES_LIMIT:
        raise refusal(field, _("“%(label)s” takes fewer values than that."), "")
    for text in given:
        if isinstance(text, str) and len(text) > TEXT_LIMIT:
            raise refusal(field, _("“%(label)s” is longer than 10,000 characters: “%(value)s”."), text)
        if isinstance(text, str) and not is_storable(text):
            raise refusal(field, _("“%(label)s” holds characters that are not text."), "")
    # Every kind is one line: forms, sheets and files show it so.
    folded = [_folded(one) for one in raw] if isinstance(raw, list | tuple) else _folded(raw)
    value = KINDS[field.kind].clean(field, folded.strip() if isinstance(folded, str) else folded)
    if value in ("", []):
        return None
    _check_limits(field, value)
    return value


def _folded(raw: object) -> object:
    return one_line(raw) if isinstance(raw, str) else raw


def _check_limits(field: FieldDefinition, value: Value) -> None:
    """Raises ValidationError when a value is smaller or larger, shorter or longer than its field allows."""
    kind, least, most = KINDS[field.kind], field.minimum, field.maximum
    if kind.limit is None or (least is None and most is None):
        return
    size = kind.size(value)
    if least is not None and size < Decimal(str(least)):
        raise ValidationError(str(kind.limit.too_small) % {"label": field.label, "limit": f"{least:g}"})
    if most is not None and size > Decimal(str(most)):
        raise ValidationError(str(kind.limit.too_large) % {"label": field.label, "limit": f"{most:g}"})


def is_shown(field: FieldDefinition, values: Mapping[str, Value]) -> bool:
    """Does the field's condition hold, given the stored values of the other fields?"""
    if not field.shown_when:
        return True
    value, wanted = values.get(field.shown_when), normal_form(field.shown_value)
    if isinstance(value, bool):
        return value == (yes_or_no(wanted) is True if wanted else True)
    if value is None:
        return bool(wanted) and yes_or_no(wanted) is False
    if not wanted:
        return True
    return wanted in {normal_form(str(one)) for one in (value if isinstance(value, list) else [value])}


def clean_values(
    fields: Sequence[FieldDefinition],
    given: Mapping[str, object],
    *,
    use: str = "",
    others: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """All values of a job: {key: value}, defaults filled in, nothing unknown, nothing that its condition hides.

    ``others``: values that stand already, for the conditions of fields that are shown when another has a value.

    What somebody gives for a field that is hidden from her, or read only, counts as not given.
    ``use`` names whose duties count (``definitions.DUTIES``); the office may leave anything open. Raises
    ValidationError {key: sentence} with every fault at once.
    """
    problems: dict[str, str | ValidationError] = {}
    values: dict[str, Value] = {}
    known = {field.key for field in fields}
    unknown = [key for key in given if key not in known]
    for key in unknown[:UNKNOWN_NAMED]:
        problems[excerpt(key)] = _("This template has no field “%(key)s”.") % {"key": excerpt(key)}
    if len(unknown) > UNKNOWN_NAMED:
        problems[NON_FIELD_ERRORS] = not_named(len(unknown) - UNKNOWN_NAMED)
    for field in fields:
        if field.kind == FieldKind.HEADER:
            continue
        key = field.key
        was_given = key in given and field.may_be_set(use)
        try:
            value = clean_value(field, given[key] if was_given else field.default)
        except ValidationError as fault:
            problems[key] = fault.messages[0]
            continue
        if value is None and use and field.use_by(use) == Use.REQUIRED:
            problems[key] = _("“%(label)s” is needed.") % {"label": field.label}
        if value is not None:
            values[key] = value
    hidden = {field.key for field in fields if not is_shown(field, {**(others or {}), **values})}
    values = {key: value for key, value in values.items() if key not in hidden}
    problems = {key: problem for key, problem in problems.items() if key not in hidden}
    if problems:
        raise ValidationError(dict(problems))
    return values
