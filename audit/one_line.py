"""One-line texts take one line, whoever writes them: line breaks become spaces. Nor do they hold keys (audit.keyless).

Folded, not refused: an address or a name that was copied from a letter says the same on one line, and an import of
10,000 rows need not fail for a cell of two lines. Why: docs/decisions/0088-paper.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from audit.keyless import without_keys

# What may be written into a column, and what is read from it.
_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)


def is_storable(text: str) -> bool:
    """Can every database keep this text? Not the NUL character, nor half of a surrogate pair."""
    return text.isprintable() or ("\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text))


def one_line(text: str) -> str:
    """A text on one line. Whatever ends a line for anybody counts: CR, LF, vertical tab, form feed, the separators of
    files and groups, NEL, U+2028, U+2029. The time grows with the length of the text."""
    lines = text.splitlines()
    if len(lines) <= 1 and (not lines or lines[0] == text):
        return text
    return " ".join(filter(None, map(str.strip, lines)))


class OneLine(models.CharField[_Set, _Get]):
    """A text on one line, in forms, services, imports and bulk writes alike. In migrations it is Django's own."""

    def to_python(self, value: object) -> object:
        """The value as a form or a service reads it."""
        value = super().to_python(value)
        return one_line(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        """The value as it is saved; the record gets it as well, and so does its history."""
        value = super().pre_save(model_instance, add)
        folded = without_keys(one_line(value), model_instance, self.name) if isinstance(value, str) else value
        if folded is not value:
            setattr(model_instance, self.attname, folded)
        return folded

    def get_prep_value(self, value: object) -> object:
        """The value as ``update`` writes it."""
        value = super().get_prep_value(value)
        return without_keys(one_line(value), None, self.name) if isinstance(value, str) else value

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Header(OneLine[_Set, _Get]):
    """A text that becomes a header of a mail. A line break is refused where people are asked, and folded elsewhere."""

    def clean(self, value: object, model_instance: models.Model | None) -> object:
        """The value. Raises ValidationError for several lines."""
        if isinstance(value, str) and one_line(value) != value:
            raise ValidationError(_("Write this on one line."))
        return super().clean(value, model_instance)
