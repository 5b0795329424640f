"""Python's garbage collector, kept from looking through a whole file's rows again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_at_work = 0


@contextmanager
def collecting_by_hand() -> Iterator[None]:
    """While rows go through by the thousand, garbage is collected only where ``collect`` says so.

    By itself the collector would start several hundred times a chunk, each time finding that everything is in use: it
    took two fifths of an import's time. What nobody refers to is freed as ever; only circles wait.
    """
    global _at_work
    with _lock:
        _at_work += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _at_work -= 1
            if not _at_work:
                gc.enable()


def collect() -> None:
    """Frees the circles the last chunk left, without a look at what was there before it."""
    gc.collect(0)
