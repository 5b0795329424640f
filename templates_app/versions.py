"""The versions of a template that jobs were made from, and what differs from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from templates_app.choices import FieldKind, LocationKind, Use
from templates_app.models import FIELD_FACTS, STEP_FACTS, JobTemplate, TemplateField, TemplateStep, TemplateVersion


@dataclass
class ShownVersion:
    """One version as the office reads it. ``number``: counted from the first; None for what no job has yet.

    ``jobs``: how many were made from it, in words. ``differences``: from the one before, in words.
    """

    number: int | None
    made_at: Any
    steps: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    jobs: str = ""
    differences: list[str] = field(default_factory=list)


def versions_of(template: JobTemplate, used: dict[int, str]) -> list[ShownVersion]:
    """All versions of a template, newest first; what stands in it now first of all, where no job has that yet.

    ``used``: {key of a version: its jobs in words}. Three queries.
    """
    shown, before = [], None
    frozen = list(TemplateVersion.objects.filter(template=template).order_by("made_at", "id"))
    for number, version in enumerate(frozen, start=1):
        one = ShownVersion(number, version.made_at, version.steps, version.fields, used.get(version.pk, ""))
        one.differences = differences(before, one) if before else []
        shown.append(one)
        before = one
    steps = [dict(row) for row in template.steps.values(*STEP_FACTS)]
    fields = [dict(row) for row in template.fields.values(*FIELD_FACTS)]
    digests = {version.digest for version in frozen}
    if TemplateVersion.digest_of(steps, fields) not in digests:
        now = ShownVersion(None, None, steps, fields)
        now.differences = differences(before, now) if before else []
        shown.append(now)
    return shown[::-1]


def differences(before: ShownVersion, after: ShownVersion) -> list[str]:
    """What became of steps and fields, each in a few words; by key, so that a new name is a change."""
    said = _of_rows(before.steps, after.steps, TemplateStep, "name")
    said += _of_rows(before.fields, after.fields, TemplateField, "label")
    return said or [_("the order only")]


def _of_rows(before: list[dict[str, Any]], after: list[dict[str, Any]], model: Any, title: str) -> list[str]:
    kind = str(model._meta.verbose_name)
    old, new = {row["key"]: row for row in before}, {row["key"]: row for row in after}
    said = []
    for key, row in new.items():
        words = {"kind": kind, "name": row[title]}
        if key not in old:
            said.append(_("new %(kind)s “%(name)s”") % words)
        elif changed := [name for name in row if row[name] != old[key].get(name, row[name])]:
            parts = ", ".join(_change(model, name, old[key].get(name), row[name]) for name in changed)
            said.append(_("%(kind)s “%(name)s”: %(parts)s") % (words | {"parts": parts}))
    said += [
        _("%(kind)s “%(name)s” goes") % {"kind": kind, "name": row[title]} for key, row in old.items() if key not in new
    ]
    return said


_CHOICES: dict[str, Any] = {
    "kind": FieldKind,
    "worker_use": Use,
    "portal_use": Use,
    "location_kind": LocationKind,
}


def _change(model: Any, name: str, before: Any, after: Any) -> str:
    label = str(model._meta.get_field(name).verbose_name)
    return f"{label} {in_words(name, before)} → {in_words(name, after)}"


def in_words(name: str, value: Any) -> str:
    """A fact of a step or field as people read it."""
    if value in (None, "", []):
        return "–"
    if name in _CHOICES:
        return str(dict(_CHOICES[name].choices).get(value, value)).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
