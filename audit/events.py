"""What happened to a record: facts that are only ever added, written in the transaction that made them true.

A room that has something to tell derives a table from ``RecordedEvent``, adds what its events are about, and records
them with ``record_events``. What an event says beside who and when is an ``EventPayload``, kept as JSON. Why:
docs/decisions/0092-events-of-any-record.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Self, TypedDict, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from audit.act import Source, current_act
from audit.bulk import insert
from audit.keyless import KeylessJSON
from audit.models import _request_id

if TYPE_CHECKING:
    from audit.private_hooks import Account

# The only signal we define: something happened, and it is committed. Sent by the model of the events, with
# ``event_ids``, their primary keys. A shortcut, never the guarantee: a periodic sweep finds every event that nobody
# announced.
event_recorded = Signal()

# What a token of a message is filled with: words, or a moment that each reader is told on her own clock.
TokenValue = str | datetime | None


@dataclass(frozen=True)
class EventPayload:
    """The facts of one kind of event: subclasses add them as fields, of the types in ``_READERS``.

    A field with a default is stored only where it says something; one without always. ``tokens``: the names of its
    attributes that a message may say (``alerts.tokens``).
    """

    tokens: ClassVar[tuple[str, ...]] = ()

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


def _numbers(value: object) -> tuple[int, ...]:
    return tuple(one for one in value if isinstance(one, int)) if isinstance(value, list) else ()


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
    "tuple[int, ...]": _numbers,
    "datetime | None": _moment,
    "int": _number,
    "bool": bool,
}


class WrittenByAct(models.Model):
    """A row that is only ever added: when, by whom, from which source and in which request (``facts_of_the_act``)."""

    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
        # Never looked for; accounts are switched off, not deleted (docs/decisions/0022-writing-in-sets.md).
        db_index=False,
        db_constraint=False,
    )
    actor = models.CharField(_("by"), max_length=200, default="")
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.SYSTEM)
    request_id = models.UUIDField(_("request"), default=_request_id)

    class Meta:
        abstract = True


class RecordedEvent(WrittenByAct):
    """The base of every table of events: what happened, when, by whom, and whether people were told.

    ``data`` holds what the kind needs, to be read as ``payload``. ``announced_at`` is set once, by whoever claims the
    event to tell people about it.
    """

    kind: models.CharField[str, str]
    data = KeylessJSON(_("details"), default=dict, blank=True)
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def payload(self) -> EventPayload:
        """What the kind needs."""
        raise NotImplementedError


Recorded = TypeVar("Recorded", bound=RecordedEvent)


class ActFacts(TypedDict):
    """What an event takes from the act under way, by its columns."""

    at: datetime
    by: Account | None
    actor: str
    source: str
    request_id: uuid.UUID


def facts_of_the_act() -> ActFacts:
    """When, by whom, from which source and in which request something happens that is written down now."""
    act = current_act()
    return {
        "at": timezone.now(),
        "by": act.by,
        "actor": act.actor[:200],
        "source": act.source,
        "request_id": act.request_id,
    }


def record_events(model: type[Recorded], events: Sequence[Recorded]) -> list[Recorded]:
    """Saves new events of one model, and tells about them once the transaction is committed."""
    insert(model, events)
    tell_after_commit(model, [event.pk for event in events])
    return list(events)


def tell_after_commit(model: type[RecordedEvent], ids: list[int]) -> None:
    """Tells about events that are saved already once the transaction is committed."""
    transaction.on_commit(partial(event_recorded.send, sender=model, event_ids=ids), robust=True)
