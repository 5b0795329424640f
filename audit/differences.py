"""What differs between two rows of a record's history, field by field, in the words of who reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.named import NOT_TOLD
from audit.reader import Reader
from audit.wording import called

if TYPE_CHECKING:
    from audit.models import HistoryRow
    from audit.private_hooks import Field

# What a row of history says happened to its record.
CREATED, CHANGED, DELETED = "+", "~", "-"


@dataclass(frozen=True)
class FieldChange:
    """One field of one change, in words."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Pair:
    """A row of history and the one before it of the same record, None where there is none.

    ``hidden``: there is one before, and the reader may not see it: it says what differs, and no more.
    """

    row: HistoryRow
    previous: HistoryRow | None
    hidden: bool

    def rows(self) -> list[HistoryRow]:
        return [self.row] if self.previous is None else [self.row, self.previous]


def not_shown() -> str:
    """What stands for a value or a name that the reader may not see."""
    return _("(not shown to you)")


class RelatedNames:
    """Names of the records that foreign keys point to, as far as the reader may see them: fetched per model."""

    def __init__(self, pairs: Iterable[Pair], reader: Reader) -> None:
        wanted: dict[type[models.Model], set[int]] = {}
        for pair in pairs:
            for row in pair.rows():
                for f in row.tracked_fields:
                    if isinstance(f, models.ForeignKey) and getattr(row, f.attname) is not None:
                        wanted.setdefault(f.related_model, set()).add(getattr(row, f.attname))
        self.names: dict[tuple[type[models.Model], object], str] = {}
        for model, keys in wanted.items():
            related = [f.name for f in model._meta.fields if isinstance(f, models.ForeignKey) and not f.null]
            found = model._base_manager.select_related(*related).in_bulk(keys)
            visible = reader.visible_keys(model, found)
            for key, record in found.items():
                self.names[model, key] = called(record) if key in visible else not_shown()

    def of(self, model: type[models.Model], key: object) -> str:
        return self.names.get((model, key)) or _("(deleted)")


def changes_in(pair: Pair, names: RelatedNames) -> list[FieldChange]:
    """What differs between a row and the one before it; for a new record, what was filled in.

    Where the reader may not see the row before, its values are not told: what the record became in this row is. What
    it took along unchanged was said then, and is not told here.
    """
    changes: list[FieldChange] = []
    row, previous = pair.row, pair.previous
    for f in row.tracked_fields:
        if f.primary_key or f.name in NOT_TOLD:
            continue
        before = getattr(previous, f.attname) if previous is not None else None
        after = getattr(row, f.attname)
        if row.history_type == DELETED:
            before, after = after, None
        if isinstance(f, models.JSONField):
            changes += _json_changes(f, before, after)
        elif before != after and not (before in (None, "") and after in (None, "")):
            changes.append(FieldChange(f.name, label_of(f), _words(f, before, names), _words(f, after, names)))
    if pair.hidden and row.history_type != DELETED:
        # What became nothing would tell that there was something, and of a dictionary what it was called.
        return [replace(change, before=not_shown()) for change in changes if change.after]
    return changes


def label_of(f: Field) -> str:
    return capfirst(str(f.verbose_name))


def _json_changes(f: Field, before: object, after: object) -> list[FieldChange]:
    """A dictionary is compared key by key, so that one changed permission reads as one change. A field that knows how
    to tell its values (``in_words``) or its keys (``key_in_words``) tells them itself."""
    if hasattr(f, "in_words"):
        return [] if before == after else [FieldChange(f.name, label_of(f), f.in_words(before), f.in_words(after))]
    old, new = before or {}, after or {}
    if isinstance(old, dict) and isinstance(new, dict):
        words = getattr(f, "key_in_words", str)
        return [
            FieldChange(f"{f.name}.{key}", f"{label_of(f)}: {words(key)}", _plain(old.get(key)), _plain(new.get(key)))
            for key in [*new, *(key for key in old if key not in new)]
            if old.get(key) != new.get(key)
        ]
    return [] if before == after else [FieldChange(f.name, label_of(f), _plain(before), _plain(after))]


def _plain(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _words(f: Field, value: object, names: RelatedNames) -> str:
    if value is None or value == "":
        return ""
    if isinstance(f, models.ForeignKey):
        return names.of(f.related_model, value)
    if f.choices:
        return str(dict(f.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return time_format(value, "TIME_FORMAT")
    return str(value)
