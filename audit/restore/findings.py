"""What is found about one record on the way to taking a request back: that it is kept, or that something is in the way.

A finding names records; it becomes a sentence only for a reader (``audit.restore.telling``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise

# (model, primary key): one record, there or gone.
Key = tuple[type[models.Model], int]


@dataclass(frozen=True)
class Finding:
    """One sentence about one record.

    ``sentence``: with ``%(what)s`` for the record, ``%(others)s`` for those it names besides, and a placeholder for
    each of ``words``. ``others``: records that are in the way.
    """

    what: Key
    sentence: str | Promise
    others: tuple[Key, ...] = ()
    words: Mapping[str, str | Promise] = field(default_factory=dict)


class Hindered(Exception):
    """A request cannot be taken back; nothing was changed. ``findings``: what is in the way."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings
