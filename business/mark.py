"""The mark: a small file outside the database that says how far the database has come.

It lies beside the folder of uploads, not in it, so that a backup of database and uploads holds no mark. It is written
whole, under another name, and reaches the disk before it gets its own: whoever reads it sees one or the other.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.dateparse import parse_datetime

from audit.wall_clock import can_be_kept

# What no mark of ours says: a position that no database could go on from, a year that nobody can count back from.
MOST_POSITION = 2**62
YEARS = range(1970, 9000)


class UnreadableMark(Exception):
    """There is a mark, and nobody can tell what it says."""


@dataclass(frozen=True)
class Mark:
    """``installation``: whose it is. ``position``: how far that one has come, ``at`` when (aware)."""

    installation: uuid.UUID
    position: int
    at: datetime


def mark_path() -> Path | None:
    """Return where the mark lies; None where none is kept."""
    return settings.MARK_FILE


def read_mark(path: Path) -> Mark | None:
    """Return the mark; None without one. Raises UnreadableMark for what is none, or cannot be read."""
    try:
        said = json.loads(path.read_text())
        at = parse_datetime(said["at"])
        position = said["position"]
        if at is None or at.tzinfo is None or at.year not in YEARS or not can_be_kept(at):
            raise UnreadableMark
        if type(position) is not int or not 0 <= position <= MOST_POSITION:
            raise UnreadableMark
        return Mark(uuid.UUID(said["installation"]), position, at)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableMark from error


def write_mark(path: Path, mark: Mark) -> None:
    """Put the mark in place of the one before. Raises OSError where the disk refuses.

    Two who write at once would leave the older one: whoever calls holds the row that it is read from.
    """
    said = {"installation": str(mark.installation), "position": mark.position, "at": mark.at.isoformat()}
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("w") as file:
        file.write(json.dumps(said))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
