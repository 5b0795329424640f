"""Security events: a line in the log for each, and a row for each kind, person, network and minute.

``note`` writes down what happened to a request, whatever becomes of its transaction; ``note_once_committed`` what
somebody changed, if the change is kept. Rows are written when the request is over (``audit.middleware``), so that a
refusal inside a transaction that is rolled back is kept. What is counted together, and how much a flood may write:
docs/decisions/0081-security-events.md.

Never give a secret to either: no password, no token, no code that somebody typed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from audit.act import Source, current_act
from audit.address import network_of
from audit.models import SecurityEvent
from audit.wording import for_the_record

if TYPE_CHECKING:
    from audit.act import By

Kind = SecurityEvent.Kind
log = logging.getLogger("portico.security")
faults = logging.getLogger(__name__)

# Rows of one kind in a minute: from one network, and from all of them. What comes on top is counted in one more row.
ROWS_OF_A_NETWORK = 20
ROWS_OF_A_KIND = 300
# The sweep keeps no more rows than this, the newest: some 400 MB.
MOST_ROWS = 1_000_000
# Deleted in one statement.
PIECE = 5_000

# What people did who were let in; the rest is what was refused to somebody.
ALLOWED = frozenset(
    {
        Kind.SIGNED_IN, Kind.VIEW_AS_STARTED, Kind.VIEW_AS_ENDED, Kind.RIGHTS_CHANGED, Kind.EXPORTED,
        Kind.SECOND_STEP_ON, Kind.SECOND_STEP_OFF, Kind.PASSWORD_CHANGED, Kind.PASSWORD_LINK, Kind.ADDRESS_CHANGED,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Noted:
    """One event, or several alike. ``address``: of the visitor, "" when it is not known; ``path``: without secrets;
    ``is_seeded``: part of what an installation begins with, so that it has no line in the log."""

    kind: Kind
    at: datetime
    user_id: int | None
    actor: str
    source: str
    request_id: UUID
    address: str
    path: str
    about: str
    detail: str
    times: int = 1
    is_seeded: bool = False

    @property
    def minute(self) -> datetime:
        """The beginning of the minute it is counted in."""
        return self.at.replace(second=0, microsecond=0)

    @property
    def network(self) -> str:
        """The network it is counted by."""
        return network_of(self.address) if self.address else ""

    @property
    def key(self) -> str:
        """What two events share that are counted in one row."""
        shared = [self.kind, self.minute.isoformat(), self.network, self.user_id, self.actor, self.about]
        shared += [self.detail, self.path]
        return hashlib.sha256(json.dumps(shared).encode()).hexdigest()

    @property
    def line(self) -> str:
        """The line in the log: key=value, with what people wrote in quotes."""
        told = {
            "kind": self.kind.value, "request": self.request_id, "address": self.address, "source": self.source,
            "actor": self.actor, "user": self.user_id or "", "path": self.path, "about": self.about,
            "detail": self.detail,
        }  # fmt: skip
        return " ".join(f"{name}={_quoted(str(value))}" for name, value in told.items() if value != "")


@dataclass
class Desk:
    """Where the request under way comes from, and what was noted in it so far."""

    address: str = ""
    path: str = ""
    source: str = Source.SYSTEM
    noted: list[Noted] = field(default_factory=list)


_desk: ContextVar[Desk | None] = ContextVar("security_desk", default=None)
_seeding: ContextVar[bool] = ContextVar("security_seeding", default=False)


@contextmanager
def seeding() -> Iterator[None]:
    """What is done inside makes the first records of an installation: kept like everything, but no news for the log."""
    token = _seeding.set(True)
    try:
        yield
    finally:
        _seeding.reset(token)


@contextmanager
def at_desk(desk: Desk) -> Iterator[None]:
    """Collect what is noted inside, and write it at the end."""
    token = _desk.set(desk)
    try:
        yield
    finally:
        _desk.reset(token)
        write(desk.noted)


def note(
    kind: Kind, *, about: str = "", detail: str = "", user: By = None, actor: str = "", request_id: UUID | None = None
) -> None:
    """Note what happened, even if the transaction around it is rolled back.

    ``about``: whom or what it concerns; ``user`` and ``actor``: who did it, taken from the act under way when neither
    is given.
    """
    _take(_noted(kind, about, detail, user, actor, request_id))


def note_once_committed(kind: Kind, *, about: str = "", detail: str = "") -> None:
    """Note what somebody changed, when the transaction around it is committed."""
    noted = _noted(kind, about, detail, None, "", None)
    transaction.on_commit(lambda: _take(noted), robust=True)


def _noted(kind: Kind, about: str, detail: str, user: By, actor: str, request_id: UUID | None) -> Noted:
    act, desk = current_act(), _desk.get() or Desk()
    by = user if user is not None or actor else act.by
    return Noted(
        kind=kind,
        at=timezone.now(),
        user_id=getattr(by, "pk", None),
        actor=(actor or (str(by) if by is not None else act.actor))[:200],
        source=str(act.source if act.source != Source.SYSTEM else desk.source),
        request_id=request_id or act.request_id,
        address=desk.address,
        path=desk.path[:200],
        about=about[:200],
        detail=detail[:300],
        is_seeded=_seeding.get(),
    )


def _take(noted: Noted) -> None:
    if not noted.is_seeded:
        log.log(logging.INFO if noted.kind in ALLOWED else logging.WARNING, noted.line)
    desk = _desk.get()
    if desk is not None:
        desk.noted.append(noted)
    else:
        write([noted])


def write(noted: Iterable[Noted]) -> None:
    """Count events in their rows: a query for a row there is, four for a new one. Never raises."""
    together = list(_folded(noted))
    if not together:
        return
    try:
        for one in together:
            _count(one)
    except DatabaseError:
        # The line in the log is there. What went wrong with the database is told where it went wrong.
        faults.exception("%d security events could not be written into the database", len(together))


def _folded(noted: Iterable[Noted]) -> Iterator[Noted]:
    """Events alike as one, and past the limit of a network all the others as one."""
    alike: dict[str, Noted] = {}
    for one in noted:
        alike[one.key] = replace(alike[one.key], times=alike[one.key].times + 1) if one.key in alike else one
    seen: dict[tuple[str, datetime], int] = {}
    rest: dict[str, Noted] = {}
    for one in alike.values():
        place = one.kind, one.minute
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= ROWS_OF_A_NETWORK:
            yield one
            continue
        others = _counted_with_others(one)
        known = rest.get(others.key)
        rest[others.key] = replace(known, times=known.times + others.times) if known else others
    yield from rest.values()


def _counted_with_others(noted: Noted, *, network: bool = True) -> Noted:
    """The same, counted with all others of its kind and minute: of its network, or of all networks."""
    words = for_the_record(gettext_lazy("Others of this minute, counted together"))
    return replace(
        noted, user_id=None, actor="", about="", path="", detail=words, address=noted.address if network else ""
    )


def _count(noted: Noted) -> None:
    if _raise(noted):
        return
    rows = SecurityEvent.objects.filter(kind=noted.kind, minute=noted.minute).order_by()
    crowd = rows.aggregate(all=Count("pk"), here=Count("pk", filter=Q(network=noted.network)))
    if crowd["all"] >= ROWS_OF_A_KIND:
        noted = _counted_with_others(noted, network=False)
    elif crowd["here"] >= ROWS_OF_A_NETWORK:
        noted = _counted_with_others(noted)
    try:
        with transaction.atomic():
            SecurityEvent.objects.create(
                kind=noted.kind, first_at=noted.at, last_at=noted.at, times=noted.times, user_id=noted.user_id,
                actor=noted.actor, address=noted.address or None, source=noted.source, about=noted.about,
                detail=noted.detail, path=noted.path, request_id=noted.request_id, minute=noted.minute,
                network=noted.network, key=noted.key,
            )  # fmt: skip
    except IntegrityError:
        # Counted with others there are already, or another process was faster.
        _raise(noted)


def _raise(noted: Noted) -> int:
    return SecurityEvent.objects.filter(key=noted.key).update(times=F("times") + noted.times, last_at=noted.at)


def _quoted(text: str) -> str:
    """A value as it stands in the log: one word as it is, all else in quotes, nothing that begins a line of its own."""
    if text and text.isascii() and all(c.isalnum() or c in "-_.:/@+" for c in text):
        return text
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return '"' + seen.replace('"', "'") + '"'


def masked_email(address: str) -> str:
    """An e-mail address that no account has, as it is kept: its first letter and its domain.

    Who types a password into the wrong field leaves nothing of it: what has no @ is not kept at all.
    """
    name, at, domain = address.strip().rpartition("@")
    return f"{name[:1]}…@{domain[:60]}" if at and name else "…"


def forget_events(now: datetime | None = None) -> int:
    """Delete what was kept for SECURITY_EVENT_DAYS, and the oldest beyond MOST_ROWS; how many."""
    old = SecurityEvent.objects.filter(
        last_at__lt=(now or timezone.now()) - timedelta(days=settings.SECURITY_EVENT_DAYS)
    )
    beyond = SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True)[MOST_ROWS : MOST_ROWS + 1]
    gone = _delete(old)
    for newest in beyond:
        gone += _delete(SecurityEvent.objects.filter(pk__lte=newest))
    return gone


def _delete(rows: models.QuerySet[SecurityEvent]) -> int:
    gone = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE]):
        gone += SecurityEvent.objects.filter(pk__in=keys).delete()[0]
    return gone
