"""The templates' own fields: their columns, and the values of rows, each checked by its type."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from imports.columns import Column, Formats
from imports.columns.identifiers import require_not_shortened
from imports.columns.jobs import FIELD, JobDraft, field_column
from imports.columns.moments import read_moment
from imports.columns.numbers import read_money, read_number
from imports.kinds.jobs.references import Row
from imports.plan import MEMORY
from jobs.models import Job
from money import in_cents
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.models import JobTemplate, TemplateField
from templates_app.values import clean_value


def field_columns(by: User) -> list[Column[Job, JobDraft]]:
    """A column for each field of the templates this person can see; fields of one key are one column."""
    fields = (
        TemplateField.objects.filter(template__in=JobTemplate.objects.visible_to(by).current())
        .exclude(kind=FieldKind.HEADER)
        .order_by("key", "template__name")
        .values_list("key", "label", "kind", "template__name")
    )
    found: dict[str, tuple[str, str, list[str]]] = {}
    for key, label, kind, template in fields:
        found.setdefault(key, (label, kind, []))[2].append(template)
    return [field_column(key, label, FieldKind(kind), templates) for key, (label, kind, templates) in found.items()]


class TemplateFields:
    """What the fields of the templates take. Values that repeat are cleaned once a chunk."""

    def __init__(self) -> None:
        self._definitions: dict[int, dict[str, FieldDefinition]] = {}
        self._cleaned: dict[tuple[int, str, object], object] = {}

    def forget(self) -> None:
        """Somebody may have changed a template's fields since."""
        self._definitions, self._cleaned = {}, {}

    def find(self, row: Row, template: JobTemplate | None, formats: Mapping[str, Formats]) -> None:
        """Puts what the columns of these keys say into ``row.found``. Fails the row if its template takes it not.

        ``formats``: how each of the columns is written, by its key.
        """
        found = row.found
        definitions = self._of(template) if template is not None else {}
        for key, how in formats.items():
            value = row.values.get(key)
            if value is None:
                continue
            definition = definitions.get(key.removeprefix(FIELD))
            if definition is None or template is None:
                row.fail(key, value, _("belongs to a field this row's template does not have"), "no_field")
                continue
            known = (template.pk, key, value)
            if known in self._cleaned:
                found[key] = self._cleaned[known]
                continue
            try:
                found[key] = cleaned = clean_value(definition, _understood(definition.kind, str(value), how))
            except ValidationError as fault:
                row.fail(key, value, fault.messages[0], getattr(fault, "code", "") or "field")
                continue
            if isinstance(cleaned, str | bool) and len(self._cleaned) < MEMORY:
                self._cleaned[known] = cleaned

    def _of(self, template: JobTemplate) -> dict[str, FieldDefinition]:
        if template.pk not in self._definitions:
            self._definitions[template.pk] = {one.key: one for one in template.field_definitions()}
        return self._definitions[template.pk]


def _understood(kind: FieldKind, text: str, formats: Formats) -> object:
    """A cell as ``clean_value`` takes it: numbers and times are written as the rest of the file writes them.

    Raises ValidationError.
    """
    match kind:
        case FieldKind.NUMBER:
            return read_number(text, formats)
        case FieldKind.CURRENCY:
            return in_cents(read_money(text, formats))
        case FieldKind.DATETIME:
            return read_moment(text, formats)
        case FieldKind.TEXT:
            require_not_shortened(text)
    return text
