"""What rooms above say to this one: the tables of events that people are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.registry import Registry

if TYPE_CHECKING:
    from alerts.sources import EventSource

# By the name of the table (``app.model``); added by ``alerts.sources.register_source``.
EVENT_SOURCES: Registry[str, EventSource] = Registry("Tables of events")
