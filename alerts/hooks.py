"""What rooms above say to this one: the tables of events that people are told of, and what can be said of them.

All are filled by ``alerts.sources.register_source``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.registry import Registry

if TYPE_CHECKING:
    from alerts.catalogue import Event
    from alerts.sources import EventSource
    from alerts.tokens import Token
    from audit.events import EventPayload
    from console.shapes import Words

# By the name of the table (``app.model``).
EVENT_SOURCES: Registry[str, EventSource] = Registry("Tables of events")
# By the kind of event: those that alerts can be about; the facts of all; what each is called.
EVENTS: Registry[str, Event] = Registry("Events")
PAYLOADS: Registry[str, type[EventPayload]] = Registry("Facts of events")
LABELS: Registry[str, Words] = Registry("Names of events")
# By its code.
TOKENS: Registry[str, Token] = Registry("Tokens")
