"""Who is acting, from which source, in which request, and why: known to every row of history.

A web request sets the act in ``audit.middleware``; services, tasks and commands set it with ``acting``.
Outside both, history says "Portico" from the source *system*.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.keyless import without_keys

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from audit.private_hooks import Account

    # Whoever acts: their account, or None for guests and for Portico itself.
    By = AbstractBaseUser | AnonymousUser | None


class Source(models.TextChoices):
    """The ways by which a change reaches the database (PRODUCT.md section 10)."""

    CONSOLE = "console", _("Console")
    PORTAL = "portal", _("Portal")
    LINK = "link", _("Portal link")
    API = "api", _("API")
    IMPORT = "import", _("Import")
    SERIES = "series", _("Series")
    SYSTEM = "system", _("System")


@dataclass(frozen=True)
class Act:
    """Everything done in one request, task or command shares its ``request_id``.

    ``by`` is the user, or None for a guest or for Portico itself; ``actor`` is the name to show, kept as text
    so that it outlives the account. ``own_rules``: they act by the rules of another door than the office's, which has
    asked them (a portal user on the companion site, a worker's token), so what limits staff does not count.
    """

    by: Account | None = None
    actor: str = "Portico"
    source: str = Source.SYSTEM
    reason: str = ""
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)
    own_rules: bool = False


_act: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act:
    """The act under way; outside any, a fresh one of Portico's own."""
    return _act.get() or Act()


@contextmanager
def acting(
    *,
    by: By = None,
    source: str | None = None,
    reason: str | None = None,
    actor: str | None = None,
    request_id: uuid.UUID | None = None,
    own_rules: bool | None = None,
) -> Iterator[Act]:
    """Everything saved inside is written down as done by ``by``, from ``source``, for ``reason``.

    What is not given is taken from the act around it, and so is the request id: a service called by a view
    belongs to the view's request. Work that is done in several goes (an import) brings a ``request_id`` of its own.
    """
    changes: dict[str, Any] = {}
    if by is not None and getattr(by, "is_authenticated", False):
        changes |= {"by": by, "actor": actor or str(by)}
    elif actor is not None:
        changes |= {"by": None, "actor": actor}
    if source is not None:
        changes["source"] = source
    if reason is not None:
        changes["reason"] = without_keys(reason)
    if request_id is not None:
        changes["request_id"] = request_id
    if own_rules is not None:
        changes["own_rules"] = own_rules
    token = _act.set(replace(current_act(), **changes))
    try:
        yield current_act()
    finally:
        _act.reset(token)
