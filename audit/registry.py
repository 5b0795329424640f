"""What a room above says to a room below it, where the room below cannot name it.

A model says what is true of itself in its own class (``scope``, ``history``, ``take_back``, ``watched``, ``derived``).
What is left for a registry: a model of a package, and what an upper room adds to a record of a lower one. Each room
keeps its registries in its ``hooks.py``; they are filled in ``AppConfig.ready``
(docs/decisions/0124-declarations.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Registry(Mapping[K, V]):
    """Entries by key, in the order in which they were added: a mapping that only grows, and only by ``add``.

    ``what``: what they are, in the plural, for errors.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[K, tuple[V, str]] = {}

    def add(self, key: K, value: V) -> None:
        """Add an entry. Raises ImproperlyConfigured where the key is taken, and says by whom."""
        by = _caller()
        if key in self._entries:
            raise ImproperlyConfigured(
                f"{self.what}: {key!r} is added by {by}, but {self._entries[key][1]} added it already."
            )
        self._entries[key] = value, by

    def __getitem__(self, key: K) -> V:
        return self._entries[key][0]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def added_by(self) -> dict[K, str]:
        """Return which module added each entry."""
        return {key: by for key, (_value, by) in self._entries.items()}


class Answer(Generic[T]):
    """What exactly one room above answers. ``what``: what is asked, for errors."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._given: tuple[T, str] | None = None

    def give(self, value: T) -> None:
        """Say what is answered. Raises ImproperlyConfigured when somebody did already."""
        by = _caller()
        if self._given is not None:
            raise ImproperlyConfigured(f"{self.what}: {by} answers, but {self._given[1]} answers already.")
        self._given = value, by

    def get(self) -> T:
        """Return what is answered. Raises ImproperlyConfigured when no installed app answers."""
        if self._given is None:
            raise ImproperlyConfigured(f"{self.what}: no installed app answers.")
        return self._given[0]


def _caller() -> str:
    name: str = sys._getframe(2).f_globals["__name__"]
    return name
