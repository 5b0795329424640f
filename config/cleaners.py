"""Everything that reads text from outside, and long texts of many shapes to try it on.

``manage.py bench_text`` times each of these on a text and on one twice as long; ``tests/text`` counts their steps. What
can be found is found: expressions, types of template fields, columns of imports, text columns of models, fields of
forms, schemas of the API. Functions are listed in ``FUNCTIONS``; a test finds those that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from importlib import import_module

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.module_loading import import_string
from ninja import Schema
from pydantic import TypeAdapter
from pydantic import ValidationError as SchemaError

from accounts.addresses import split_address
from accounts.telephones import normal_number, numbers_in, searchable_number
from accounts.working_hours import clean_hours
from alerts.addresses import normal_address, split_addresses
from alerts.segments import length_of
from alerts.tokens import check_tokens
from alerts.wording import paragraphs
from api.references import lookup
from api.schemas import In
from audit.excerpts import excerpt
from audit.expressions import Expression
from audit.file_names import file_name_for
from audit.masking import mask_tokens
from audit.normal_form import folded, normal_form, search_form, searchable, tidy
from audit.one_line import is_storable, one_line
from audit.reasons import names_others
from audit.spreadsheet import defused, undefused
from console.errors import Refused
from console.shapes import AnyField
from imports.columns import COLUMNS, AnyColumn, Formats, clean_text, same_value, same_words
from imports.columns.broken import is_error, looks_broken, mended
from imports.columns.identifiers import require_not_shortened
from imports.columns.moments import read_clock, read_moment, read_span
from imports.columns.numbers import decimal_mark_of, read_money, read_number
from imports.reading.header import HeaderNames, header_of, header_row_of, says_total, shape_of
from imports.reading.text import delimiter_of, line_cells, quoting_of
from imports.templatetags.import_console import cell_class
from jobs.link_in_text import mask_addresses
from jobs.recurrence import clean_rules
from jobs.services import same_address
from jobs.services.files import check_file
from permissions.services.portal_users import check_address
from portal_site.guest import Question, plain
from portal_site.job_list import read_filter
from portal_site.reading import shown_notes
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.kinds import decimal_from
from templates_app.models import key_from
from templates_app.price_forms import same_lines
from templates_app.prices import clean_lines
from templates_app.values import clean_value, clean_values

OURS = (
    "audit",
    "money",
    "console",
    "business",
    "paper",
    "api",
    "accounts",
    "templates_app",
    "permissions",
    "jobs",
    "alerts",
    "imports",
    "portal_site",
    "config",
)
# What a cleaner may answer instead of a value.
REFUSALS = (ValidationError, Refused, SchemaError, forms.ValidationError)
_FORMATS = Formats(zone=UTC)
_PDF = b"%PDF-1.7"


@dataclass(frozen=True)
class Cleaner:
    """One way in which text from outside is read. ``read`` may refuse the text, but not fail on it."""

    name: str
    read: Callable[[str], object]

    def __call__(self, text: str) -> None:
        """Reads a text; a refusal is an answer."""
        with suppress(*REFUSALS):
            self.read(text)


def _field(kind: FieldKind) -> FieldDefinition:
    return FieldDefinition("it", "It", kind, choices=("small", "large"))


# By the names under which the test looks for them: module and function.
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "permissions.services.portal_users.check_address": check_address,
    "accounts.addresses.split_address": split_address,
    "accounts.telephones.normal_number": normal_number,
    "accounts.telephones.numbers_in": lambda text: list(numbers_in(text.split())),
    "accounts.telephones.searchable_number": searchable_number,
    "accounts.working_hours.clean_hours": lambda text: clean_hours({"mo": [text, text]}),
    "alerts.addresses.email_address": lambda text: normal_address(text, "email"),
    "alerts.addresses.mobile_number": lambda text: normal_address(text, "sms"),
    "alerts.addresses.normal_address": lambda text: normal_address(text, "sms"),
    "alerts.addresses.split_addresses": split_addresses,
    "alerts.segments.length_of": length_of,
    "alerts.tokens.check_tokens": lambda text: check_tokens(text, "job.created"),
    "alerts.wording.paragraphs": paragraphs,
    "audit.excerpts.excerpt": excerpt,
    "audit.file_names.file_name_for": lambda text: file_name_for(text, ".pdf"),
    "audit.masking.mask_tokens": mask_tokens,
    "audit.normal_form.folded": folded,
    "audit.normal_form.normal_form": normal_form,
    "audit.normal_form.search_form": search_form,
    "audit.normal_form.searchable": searchable,
    "audit.normal_form.tidy": tidy,
    "audit.one_line.is_storable": is_storable,
    "audit.one_line.one_line": one_line,
    "audit.reasons.names_others": lambda text: names_others(text, "import"),
    "audit.spreadsheet.defused": defused,
    "audit.spreadsheet.undefused": undefused,
    "imports.columns.base.clean_text": clean_text,
    "imports.columns.base.same_value": same_value,
    "imports.columns.base.same_words": same_words,
    "imports.reading.header.header_of": lambda text: header_of([(1, [text, text, "x"])], HeaderNames(1)),
    "imports.columns.identifiers.require_not_shortened": require_not_shortened,
    "imports.columns.moments.read_clock": read_clock,
    "imports.columns.moments.read_moment": lambda text: read_moment(text, _FORMATS),
    "imports.columns.moments.read_span": lambda text: read_span(text, _FORMATS),
    "imports.columns.numbers.decimal_mark_of": decimal_mark_of,
    "imports.columns.numbers.read_money": lambda text: read_money(text, _FORMATS),
    "imports.columns.numbers.read_number": lambda text: read_number(text, _FORMATS),
    "imports.reading.header.header_row_of": lambda text: header_row_of([(1, [text]), (2, [text, "x"])]),
    "imports.reading.header.says_total": says_total,
    "imports.reading.header.shape_of": shape_of,
    "imports.reading.text.line_cells": lambda text: [line_cells(text, sign, '"') for sign in ",;"],
    "imports.columns.broken.is_error": is_error,
    "imports.columns.broken.looks_broken": looks_broken,
    "imports.columns.broken.mended": mended,
    "imports.reading.text.delimiter_of": delimiter_of,
    "imports.reading.text.quoting_of": lambda text: [quoting_of(text, sign) for sign in ",;\t|"],
    "imports.templatetags.import_console.cell_class": cell_class,
    "api.references.lookup": lambda text: [lookup(text, key="pk"), lookup(f"external:{text}", key="number")],
    "jobs.link_in_text.mask_addresses": mask_addresses,
    "jobs.recurrence.clean_rules": lambda text: clean_rules([{"kind": "day", text: text}]),
    "jobs.services.addresses.same_address": lambda text: same_address(text, text),
    "jobs.services.files.check_file": lambda text: check_file(text, _PDF),
    "json": lambda text: _parsed(text),
    "portal_site.guest.plain": lambda text: [plain(question, text) for question in Question],
    "portal_site.job_list.read_filter": lambda text: read_filter(_query(text)),
    "portal_site.reading.shown_notes": shown_notes,
    "templates_app.models.key_from": key_from,
    "templates_app.price_forms.same_lines": lambda text: same_lines(
        [{"description": text, "quantity": "1", "unit_price": "1"}],
        [{"description": "x", "quantity": text, "unit_price": text}],
    ),
    "templates_app.prices.clean_lines": lambda text: clean_lines(
        [{"description": text, "quantity": text, "unit_price": text, "unit": text, "tax": text, text: ""}]
    ),
    "templates_app.values.clean_value": lambda text: clean_value(_field(FieldKind.MULTI_PICK), [text, text]),
    "templates_app.values.clean_values": lambda text: clean_values([_field(FieldKind.TEXT)], {text: text, "it": text}),
    "templates_app.kinds.decimal_from": decimal_from,
}


def _parsed(text: str) -> None:
    """What the API does with a body; one that is no JSON, or too deep, is refused there."""
    with suppress(ValueError, RecursionError):
        json.loads(text)


def _query(text: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(dict.fromkeys(("q", "status", "kind", "sort"), text))
    return query


def cleaners() -> list[Cleaner]:
    """Return everything that reads text from outside, each under a name of its own."""
    # Some modules are imported by the addresses and by the middleware alone, as late as the first request.
    import_module(settings.ROOT_URLCONF)
    for name in settings.MIDDLEWARE:
        import_string(name)
    found = [Cleaner(name, read) for name, read in FUNCTIONS.items()]
    for finder in (_expressions, _kinds, _columns, _model_fields, _form_fields, _schema_fields):
        found += finder()
    return found


def _expressions() -> Iterator[Cleaner]:
    for number, expression in enumerate(Expression.all()):
        yield Cleaner(f"expression {number}: {expression}", partial(_all_uses, expression))


def _all_uses(expression: Expression, text: str) -> None:
    expression.match(text)
    expression.fullmatch(text)
    for _found in expression.finditer(text):
        pass
    expression.sub("", text)


def _kinds() -> Iterator[Cleaner]:
    for kind in FieldKind:
        yield Cleaner(f"template field: {kind.value}", partial(_as_kind, kind))


def _as_kind(kind: FieldKind, text: str) -> object:
    return clean_value(_field(kind), text)


def _columns() -> Iterator[Cleaner]:
    for kind, columns in COLUMNS.items():
        for column in columns:
            yield Cleaner(
                f"import column: {kind} {column.key}",
                partial(_as_column, column),
            )


def _as_column(column: AnyColumn, text: str) -> object:
    return column.take_apart(column.clean(text, _FORMATS))


def _model_fields() -> Iterator[Cleaner]:
    for model in apps.get_models():
        if model._meta.app_label not in OURS or hasattr(model, "tracked_fields"):
            continue
        record = model()
        for field in model._meta.fields:
            if isinstance(field, models.CharField | models.TextField) and not field.primary_key:
                yield Cleaner(
                    f"column: {model._meta.label}.{field.name}",
                    partial(_as_value, field, record),
                )


def _as_value(field: AnyField, record: models.Model, text: str) -> object:
    return field.clean(text, record)


def _form_fields() -> Iterator[Cleaner]:
    for form in sorted(_below(forms.BaseForm), key=lambda form: f"{form.__module__}.{form.__qualname__}"):
        if form.__module__.split(".")[0] not in OURS:
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            # Records are looked up by their keys, and files are looked into: neither reads text.
            if not isinstance(field, forms.ModelChoiceField | forms.FileField):
                yield Cleaner(
                    f"form: {form.__module__}.{form.__qualname__}.{name}",
                    field.clean,
                )


def _schema_fields() -> Iterator[Cleaner]:
    for schema in sorted(_below(In), key=lambda schema: schema.__qualname__):
        assert issubclass(schema, Schema)
        for name, field in schema.model_fields.items():
            adapter: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation())
            yield Cleaner(f"API: {schema.__qualname__}.{name}", adapter.validate_python)


def _below(base: type) -> set[type]:
    children: list[type] = base.__subclasses__()
    return {one for child in children for one in (child, *_below(child))}


# --- long text ------------------------------------------------------------------------------------------------

# What a text is made of: one piece, or two that take turns; then what comes before and behind.
_PIECES = (
    "a", "A", "é", "1", "0", " ", "\t", "\n", "\r\n", ".", ",", ";", "-", "_", "/", "\\", "'", '"', "{", "[", "(", "<",
    "@", "+", "=", "e1", "1a", "a1", "1.", "1,", "1 ", " 1", "a ", "a.", "a@", ".a", "{a", "{ ", "}{", '"",', "',",
    "/l/", "://", "www.", "http://a ", "<b>", "\u2028", "\x0b", "²", "\U0001f600",
)  # fmt: skip
_FRAMES = (
    ("", ""), ("1.1", "!"), ("{a", "x"), ("https://a.", "!"), ("2026-01-01", "x"), ("", "x"), ("", "!"), ("1", "x"),
    ("-", "."), ("{", "}"), ("a@", "."), ("http://", " "), ("/l/", "!"), ("'", "!"), ("2026", "2026x"),
)  # fmt: skip


def shapes(length: int, frames: slice = slice(None)) -> Iterator[tuple[str, str]]:
    """Yield (name, text) for long texts of ``length`` characters or a few more: every piece in these frames."""
    for piece in _PIECES:
        body = (piece * (length // len(piece) + 1))[:length]
        for frame in _FRAMES[frames]:
            before, behind = frame[0], frame[1]
            yield f"{before!r} + {piece!r} … + {behind!r}", f"{before}{body}{behind}"
