"""Planning the next rows while the database takes the last ones in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from django.db import connection

from imports.plan import Planned, Planner
from imports.reading import Row

# How long a thread may keep the interpreter while the other could talk to the database, in seconds.
SWITCH = 0.0005
PATIENCE = 0.2

Chunk = tuple[list[Row], list[Planned] | None]


def can_plan_ahead(planner: Planner) -> bool:
    """May rows be planned before those above them are written, and on a connection of their own?

    The plan must not depend on what the rows above them change, and nobody may have begun a transaction: another
    connection would not see what it wrote.
    """
    return connection.vendor == "postgresql" and not connection.in_atomic_block and planner.kind.plans_ahead


def planned_ahead(planner: Planner, chunks: Iterable[list[Row]]) -> Iterator[Chunk]:
    """Chunks with their plans, one ahead of whoever asks. To be closed when no more are wanted."""
    ready: Queue[Any] = Queue(maxsize=1)
    enough = Event()

    def put(item: Any) -> bool:
        while not enough.is_set():
            try:
                ready.put(item, timeout=PATIENCE)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for chunk in chunks:
                if not put((chunk, planner.plan(chunk))):
                    return
            put(None)
        except BaseException as fault:  # raised again where the plans are wanted
            put(fault)
        finally:
            connection.close()

    # The same language, zone and act as here.
    thread = Thread(target=copy_context().run, args=(work,), name="planning", daemon=True)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    thread.start()
    try:
        while (item := _next(ready, thread)) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        enough.set()
        thread.join()
        sys.setswitchinterval(before)


def _next(ready: Queue[Any], thread: Thread) -> Any:
    while True:
        try:
            return ready.get(timeout=PATIENCE * 5)
        except Empty:
            if not thread.is_alive() and ready.empty():
                raise RuntimeError("the planning ended without a word") from None
