"""Planning the next rows while the database takes the last ones in."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, Queue
from threading import Event, Thread

from django.db import connection

from imports.plan import AnyPlanner, AnyRow
from imports.reading import Row
from imports.services.collector import collect

# How often the writer looks whether the planner is still there, in seconds.
PATIENCE = 1.0

Chunk = tuple[list[Row], list[AnyRow] | None]
# What comes from the other thread: a chunk, the fault that ended it, or None when there is no more.
Prefetched = Chunk | BaseException | None


def can_prefetch(planner: AnyPlanner) -> bool:
    """May rows be planned before those above them are written, and on a connection of their own?

    The plan must not depend on what the rows above them change, and nobody may have begun a transaction: another
    connection would not see what it wrote.
    """
    return connection.vendor == "postgresql" and not connection.in_atomic_block and planner.kind.can_prefetch


def prefetched(planner: AnyPlanner, chunks: Iterator[list[Row]]) -> Generator[Chunk, None, None]:
    """Chunks with their plans, one of them before it is wanted. To be closed when no more are wanted.

    The next chunk's turn comes when the database has been given the last one's records: earlier, two threads would
    want the interpreter and the database would wait for both.
    """
    ready: Queue[Prefetched] = Queue(maxsize=1)
    turn, enough = Event(), Event()
    turn.set()
    was_called = False
    # To take thousands of objects apart costs time as well: that is left to the planner's turn.
    spent: list[Chunk] = []

    def meanwhile() -> None:
        nonlocal was_called
        was_called = True
        turn.set()

    planner.kind.meanwhile = meanwhile

    def work() -> None:
        try:
            while turn.wait() and not enough.is_set():
                turn.clear()
                spent.clear()
                collect()
                chunk = next(chunks, None)
                ready.put(None if chunk is None else (chunk, planner.prepare(chunk)))
                if chunk is None:
                    return
        except BaseException as fault:  # raised again where the plans are wanted
            ready.put(fault)
        finally:
            connection.close()

    # The same language, zone and act as here.
    thread = Thread(target=copy_context().run, args=(work,), name="planning", daemon=True)
    thread.start()
    try:
        while (item := _next(ready, thread)) is not None:
            if isinstance(item, BaseException):
                raise item
            was_called = False
            yield item
            spent.append(item)
            if not was_called:
                meanwhile()
    finally:
        enough.set()
        turn.set()
        with suppress(Empty):
            ready.get_nowait()  # so that nobody waits for room
        thread.join()


def _next(ready: Queue[Prefetched], thread: Thread) -> Prefetched:
    while True:
        try:
            return ready.get(timeout=PATIENCE)
        except Empty:
            if not thread.is_alive() and ready.empty():
                raise RuntimeError("the planning ended without a word") from None
