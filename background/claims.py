"""Rows that a background worker has in hand: claimed before work, alive by its heartbeat, found again when it died.

A room says which of its rows wait (a queryset method of its own) and takes one of them with ``take``, in a single
statement: of two workers one gets it. From then on the claim on the row says who works: whoever finds another one in
its place has lost the row and writes nothing more. See docs/decisions/0110-background-work.md.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# What history need not keep of such a row: ``History(excluded_fields=[*CLAIM_COLUMNS, ...])``.
CLAIM_COLUMNS = ("claim", "heartbeat_at", "tries")


class Lost(Exception):
    """The row is no longer ours: it was removed or taken away, or another worker took it for abandoned."""


class Claimed(models.Model):
    """The base of such a row."""

    # After this long without a sign of life its worker is taken for dead.
    SILENCE: ClassVar[timedelta]

    claim = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    # How often it was taken.
    tries = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def silent(cls, at: datetime | None = None) -> Q:
        """Those that nobody has in hand: never taken, let go of, or their worker fell silent before ``at`` (now)."""
        since = (at or timezone.now()) - cls.SILENCE
        return Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=since)

    @classmethod
    def take(cls, rows: models.QuerySet[Self], pk: int, **facts: object) -> uuid.UUID | None:
        """Takes one of these rows, writing ``facts`` along. None when it is not among them (any more)."""
        claim = uuid.uuid4()
        taken = rows.filter(pk=pk).update(claim=claim, heartbeat_at=timezone.now(), tries=F("tries") + 1, **facts)
        return claim if taken else None

    @classmethod
    def hold(cls, pk: int, claim: uuid.UUID) -> Self:
        """The row, locked until the transaction ends. Raises Lost when it is no longer ours."""
        row = cls._base_manager.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None or row.claim != claim:
            raise Lost
        return row

    @classmethod
    def beat(cls, pk: int, claim: uuid.UUID, **facts: object) -> None:
        """A sign of life, with facts to write along. Raises Lost when the row is no longer ours."""
        if not cls._base_manager.filter(pk=pk, claim=claim).update(heartbeat_at=timezone.now(), **facts):
            raise Lost

    def take_in_hand(self) -> uuid.UUID:
        """Claims a row that is locked, or not there yet; returns the claim. To be saved by the caller."""
        self.claim, self.heartbeat_at = uuid.uuid4(), timezone.now()
        return self.claim

    def let_go(self) -> None:
        """Nobody works on it any more. To be saved by the caller."""
        self.claim = self.heartbeat_at = None


class Pulse:
    """Signs of life while much is to be gone through: called as often as one likes, it gives one every few seconds.

    Raises Lost when the row is no longer ours.
    """

    def __init__(self, model: type[Claimed], pk: int, claim: uuid.UUID) -> None:
        self.model, self.pk, self.claim = model, pk, claim
        # Often enough that a slow moment in between does not look like a death.
        self.every = model.SILENCE.total_seconds() / 4
        self.given = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.given > self.every:
            self.beat()

    def beat(self, **facts: object) -> None:
        """One at once, with facts to write along."""
        self.model.beat(self.pk, self.claim, **facts)
        self.was_given()

    def was_given(self) -> None:
        """Told that somebody else has just given one, as each chunk that is written does."""
        self.given = time.monotonic()
