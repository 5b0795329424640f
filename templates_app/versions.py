"""The versions of a template that jobs were made from, and what differs from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _

from templates_app.choices import FieldKind, LocationKind, Use
from templates_app.definitions import FIELD_FACTS, STEP_FACTS, FieldDefinition, StepDefinition
from templates_app.models import JobTemplate, TemplateField, TemplateStep, TemplateVersion

Row = StepDefinition | FieldDefinition


@dataclass
class ShownVersion:
    """One version as the office reads it. ``number``: counted from the first; None for what no job has yet.

    ``jobs``: how many were made from it, in words. ``differences``: from the one before, in words.
    """

    number: int | None
    made_at: datetime | None
    steps: Sequence[StepDefinition]
    fields: Sequence[FieldDefinition]
    jobs: str = ""
    differences: list[str] = field(default_factory=list)


def versions_of(template: JobTemplate, used: dict[int, str]) -> list[ShownVersion]:
    """All versions of a template, newest first; what stands in it now first of all, where no job has that yet.

    ``used``: {key of a version: its jobs in words}. Three queries.
    """
    shown: list[ShownVersion] = []
    before: ShownVersion | None = None
    frozen = list(TemplateVersion.objects.filter(template=template).order_by("made_at", "id"))
    for number, version in enumerate(frozen, start=1):
        one = ShownVersion(
            number,
            version.made_at,
            version.step_definitions,
            version.field_definitions,
            used.get(version.pk, ""),
        )
        one.differences = version_differences(before, one) if before else []
        shown.append(one)
        before = one
    steps = [dict(row) for row in template.steps.values(*STEP_FACTS)]
    fields = [dict(row) for row in template.fields.values(*FIELD_FACTS)]
    digests = {version.digest for version in frozen}
    if TemplateVersion.digest_of(steps, fields) not in digests:
        now = ShownVersion(None, None, [*map(StepDefinition.read, steps)], [*map(FieldDefinition.read, fields)])
        now.differences = version_differences(before, now) if before else []
        shown.append(now)
    return shown[::-1]


def version_differences(before: ShownVersion, after: ShownVersion) -> list[str]:
    """What became of steps and fields, each in a few words; by key, so that a new name is a change."""
    said = _of_rows(before.steps, after.steps, TemplateStep, STEP_FACTS)
    said += _of_rows(before.fields, after.fields, TemplateField, FIELD_FACTS)
    return said or [_("the order only")]


def _of_rows(before: Sequence[Row], after: Sequence[Row], model: type[models.Model], facts: Sequence[str]) -> list[str]:
    kind = str(model._meta.verbose_name)
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    said = []
    for key, row in new.items():
        words = {"kind": kind, "name": row.title}
        if key not in old:
            said.append(_("new %(kind)s “%(name)s”") % words)
        elif changed := [name for name in facts if getattr(row, name) != getattr(old[key], name)]:
            parts = ", ".join(_change(model, name, old[key], row) for name in changed)
            said.append(_("%(kind)s “%(name)s”: %(parts)s") % (words | {"parts": parts}))
    said += [
        _("%(kind)s “%(name)s” goes") % {"kind": kind, "name": row.title} for key, row in old.items() if key not in new
    ]
    return said


_CHOICES: dict[str, type[models.TextChoices]] = {
    "kind": FieldKind,
    "worker_use": Use,
    "portal_use": Use,
    "location_kind": LocationKind,
}


def _change(model: type[models.Model], name: str, before: Row, after: Row) -> str:
    label = getattr(model._meta.get_field(name), "verbose_name", name)
    return f"{label} {fact_in_words(before, name)} → {fact_in_words(after, name)}"


def fact_in_words(row: Row, name: str) -> str:
    """A fact of a step or field as people read it."""
    value: object = getattr(row, name)
    if value in (None, "", ()):
        return "–"
    if name in _CHOICES:
        return str(dict(_CHOICES[name].choices).get(str(value), value)).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
