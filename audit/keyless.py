"""Fields that people write freely, and that are saved without what would open something to whoever reads them.

An address that is a key gets into notes by copying; from there it would go into histories, exports and files. The field
cleans what is saved by whoever saves it; what is to be taken out is said by the models that keys open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar, overload

from django.db import models

from audit.declarations import declared

K = TypeVar("K")
V = TypeVar("V")
# What may be written into a column, and what is read from it.
_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)


class KeyCleaner(NamedTuple):
    """How the keys of one kind are taken out of a text: ``in_texts = Cleaner(...)`` of the model that they open.

    ``marks``: one of them stands in every text that holds a key. ``clean``: (text, record, name of the field) -> the
    text without keys; it may ask the database. Without a record, the text is a reason, or a column written to many.
    ``mask``: the text without whatever looks like such a key; it asks nobody.
    """

    marks: tuple[str, ...]
    clean: Callable[[str, models.Model | None, str], str]
    mask: Callable[[str], str]

    def concerns(self, text: str) -> bool:
        """May this text hold a key of that kind?"""
        return any(mark in text for mark in self.marks)


@cache
def key_cleaners() -> tuple[KeyCleaner, ...]:
    """Return how the keys of every kind are taken out."""
    return tuple(cleaner for _model, cleaner in declared("in_texts", KeyCleaner))


class _Keyless:
    """What both kinds have in common. In migrations they are Django's own: the columns do not differ."""

    attname: str
    name: str

    def pre_save(self, instance: models.Model, add: bool) -> object:
        """The value without keys; the record gets it as well, and so does its history."""
        value = getattr(instance, self.attname)
        cleaned = without_keys(value, instance, self.name)
        if cleaned is not value:
            setattr(instance, self.attname, cleaned)
        return cleaned

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]  # the field's, beside which it stands
        return name, f"django.db.models.{self.__class__.__mro__[2].__name__}", args, kwargs


class KeylessText(_Keyless, models.TextField[_Set, _Get]):
    """Text."""


class KeylessJSON(_Keyless, models.JSONField):
    """A dictionary whose values are texts, lists of texts, or something else."""


KEYLESS = (KeylessText, KeylessJSON)


@overload
def without_keys(value: str, record: models.Model | None = None, name: str = "") -> str: ...
@overload
def without_keys(value: dict[K, V], record: models.Model | None = None, name: str = "") -> dict[K, V]: ...
@overload
def without_keys(value: object, record: models.Model | None = None, name: str = "") -> object: ...
def without_keys(value: object, record: models.Model | None = None, name: str = "") -> object:
    """A value (text, or dictionaries and lists with texts in them) without keys; the same object if it holds none."""
    if isinstance(value, str):
        for cleaner in key_cleaners():
            if cleaner.concerns(value):
                value = cleaner.clean(value, record, name)
    elif isinstance(value, dict):
        cleaned = {key: without_keys(one, record, name) for key, one in value.items()}
        return value if cleaned == value else cleaned
    elif isinstance(value, list):
        cleaned_list = [without_keys(one, record, name) for one in value]
        return value if cleaned_list == value else cleaned_list
    return value


def may_hold_keys(text: str) -> bool:
    """Would ``without_keys`` look at this text any closer? Asks the database nothing."""
    return any(cleaner.concerns(text) for cleaner in key_cleaners())


@overload
def without_key_marks(value: str) -> str: ...
@overload
def without_key_marks(value: dict[K, V]) -> dict[K, V]: ...
@overload
def without_key_marks(value: object) -> object: ...
def without_key_marks(value: object) -> object:
    """A value (text, or dictionaries and lists with texts in them) without whatever looks like a key. Asks the database
    nothing: for what is written while it takes rows in, and for words to search by."""
    if isinstance(value, str):
        for cleaner in key_cleaners():
            if cleaner.concerns(value):
                value = cleaner.mask(value)
        return value
    if isinstance(value, dict):
        return {key: without_key_marks(one) for key, one in value.items()}
    return [without_key_marks(one) for one in value] if isinstance(value, list) else value
