"""The tables of events that people are told of: one ``EventSource`` each, registered when apps are made ready.

A room that stands above this one (invoices) brings a source of its own: what it announces is claimed, filtered, put
into words, listed and swept like everything else. Why: docs/decisions/0092-events-of-any-record.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from alerts.catalogue import Event, add_events
from alerts.hooks import EVENT_SOURCES, TOKENS
from alerts.models import Alert, Delivery
from alerts.subjects import Subject
from alerts.tokens import Facts, Token
from audit.events import EventPayload, RecordedEvent
from business.models import PortalSettings


@dataclass(frozen=True)
class SampleRecord:
    """A record to try an alert on. ``key`` is how the page names it."""

    key: str
    name: str
    to: str


@dataclass(frozen=True)
class PersonalMail:
    """A mail that goes to the person an event is about, whatever the office's alerts say, and that nobody can stop."""

    email: str
    name: str
    subject: str
    body: str
    language: str


class MustNotGo(Exception):
    """A personal mail must not go out any more; says why, in a sentence."""


class EventSource(ABC):
    """One table of events, and what they are about. Everything is asked for a batch at once."""

    # The table; ``model._meta.label_lower`` is its name on the ledger.
    model: ClassVar[type[RecordedEvent]]
    # All that can happen, the facts of each, and of these what alerts can be about.
    kinds: ClassVar[type[models.TextChoices]]
    payloads: ClassVar[Mapping[str, type[EventPayload]]]
    events: ClassVar[Sequence[Event]]
    # What only these events can say; those of jobs and accounts stand in ``alerts.tokens``.
    tokens: ClassVar[Sequence[Token]] = ()
    # What is loaded with an event (``select_related``), so that its subject needs no query.
    loads: ClassVar[Sequence[str]]

    @abstractmethod
    def subjects(self, events: Sequence[RecordedEvent]) -> dict[int, Subject]:
        """What each event is about, by the event's primary key."""

    @abstractmethod
    def samples(self, user: User | AnonymousUser, alert: Alert | None) -> list[SampleRecord]:
        """The newest records that somebody may see, to try an alert on."""

    @abstractmethod
    def sample_facts(self, kind: str, key: str, user: User | AnonymousUser, settings: PortalSettings) -> Facts | None:
        """What the record with that key says for a preview: its last event of that kind, or none. None where there is
        no such record, or not for this member of staff."""

    def personal_mails(self, events: Sequence[RecordedEvent], settings: PortalSettings) -> Mapping[int, PersonalMail]:
        """The mails that some events bring with them, by the event's primary key."""
        return {}

    def read_with_secrets(self, delivery: Delivery) -> str:
        """The body of a personal mail as it goes out, asked at that moment. Raises MustNotGo, CannotDecrypt."""
        return delivery.body

    def read_without_secrets(self, body: str) -> str:
        """The body of a personal mail as everybody else reads it."""
        return body

    def why_over(self, event: RecordedEvent, subject: Subject, delivery: Delivery) -> str:
        """Return why nobody needs to hear of an event any more when its message goes out, in a sentence; empty while
        they do. ``subject``: what it is about, as it stands now."""
        return ""

    def note_fate(self, delivery: Delivery) -> None:  # noqa: B027 - most write nothing down
        """Told, in its transaction, what became of a personal mail."""

    def remove_lost(self, keys: Collection[int]) -> None:  # noqa: B027 - most have constraints
        """Removes those of the events that nobody has announced and whose subject is gone, where the database does not
        rule them out."""


def register_source(source: EventSource) -> None:
    """Makes a table of events known: its events can be alerted, its tokens said. Once, while apps are made ready."""
    EVENT_SOURCES.add(source.model._meta.label_lower, source)
    add_events(source.events, source.payloads, source.kinds)
    for token in source.tokens:
        TOKENS.add(token.code, token)


def sources() -> list[EventSource]:
    """All of them, in the order in which they were registered."""
    return list(EVENT_SOURCES.values())


def event_source_of(model: type[RecordedEvent]) -> EventSource:
    """The source of a table of events."""
    return EVENT_SOURCES[model._meta.label_lower]


def source_named(label: str) -> EventSource | None:
    """The source by the name of its table, as the ledger keeps it; None for one that is gone."""
    return EVENT_SOURCES.get(label)


def source_for(kind: str) -> EventSource | None:
    """The source of a kind of event; None for one that is in no catalogue (any more)."""
    return next((source for source in sources() if kind in source.payloads), None)


def facts_of(event: RecordedEvent, subject: Subject, settings: PortalSettings) -> Facts:
    """What tokens are filled from, for an event and what it is about."""
    return Facts(subject, settings, event.payload, event.at, event.actor)
