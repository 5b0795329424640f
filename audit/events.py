"""What an event says beside who and when: a record of its own type, kept as JSON and read here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Self

from django.utils.dateparse import parse_datetime

# What a token of a message is filled with: words, or a moment that each reader is told on her own clock.
TokenValue = str | datetime | None


@dataclass(frozen=True)
class EventPayload:
    """The facts of one kind of event: subclasses add them as fields, of the types in ``_READERS``.

    A field with a default is stored only where it says something; one without always.
    """

    @classmethod
    def read(cls, data: Mapping[str, object]) -> Self:
        """From what is stored. What an older Portico did not write, or wrote otherwise, is as if it said nothing."""
        return cls(**{name: read(data.get(name)) for name, read, _needed in _plan(cls)})

    def stored(self) -> dict[str, object]:
        """As it is stored: JSON."""
        said: dict[str, object] = {}
        for name, _read, is_needed in _plan(type(self)):
            value = getattr(self, name)
            if is_needed or value not in (None, "", ()):
                said[name] = _as_json(value)
        return said


_PLANS: dict[type[EventPayload], list[tuple[str, Callable[[object], object], bool]]] = {}


def _plan(payload: type[EventPayload]) -> list[tuple[str, Callable[[object], object], bool]]:
    """(name, how it is read, is it stored always?) of each fact. Worked out once: imports write events by the
    hundred thousand."""
    plan = _PLANS.get(payload)
    if plan is None:
        # Annotations are texts here (PEP 563), and _READERS is all the types there are.
        plan = [(one.name, _READERS[str(one.type)], one.default is MISSING) for one in fields(payload)]
        _PLANS[payload] = plan
    return plan


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _moment(value: object) -> datetime | None:
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


_READERS: dict[str, Callable[[object], object]] = {
    "str": _text,
    "str | None": _text_or_none,
    "tuple[str, ...]": _texts,
    "datetime | None": _moment,
    "int": _number,
    "bool": bool,
}
