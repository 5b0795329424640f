"""What the kit asks about the portal's people, who are kept and judged in rooms above it.

One protocol, answered by one room (``permissions.portal_people``), which says so in its ``apps.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from console.reach import By


class PortalPeople(Protocol):
    """The portal's people as the kit asks about them. Paths are lookups from a row to its portal user."""

    def grants(self) -> Mapping[str, type[models.Model]]:
        """Return the models of the grants that narrow staff, by kind: customer, template, portal_user."""

    def links(self) -> models.QuerySet[Any]:
        """Return all rows that say who acts for whom, with ``portal_user`` and ``customer``."""

    def acting_for_any_customer(self, path: str) -> Q:
        """Return the condition on rows whose portal user acts, or may soon act, for customers without a link."""

    def any_customer_is_default(self) -> bool:
        """Return whether portal users act for any customer unless something denies it."""

    def rows_of_their_time(self, model: type[models.Model], path: str, customers: Collection[int]) -> Q:
        """Return the condition on history rows from when their person acted for these customers and no other."""

    def rows_of_staff(self) -> Q:
        """Return the condition on history rows of accounts that are no portal user's."""

    def require_sight(self, account: AbstractBaseUser, by: By) -> None:
        """Raise NotAllowed when the portal user of that account sees templates that were not granted to ``by``."""


_answered_by: list[PortalPeople] = []


def answer_for(people: PortalPeople) -> None:
    """Say who answers, once, while apps are made ready."""
    _answered_by[:] = [people]


def portal_people() -> PortalPeople:
    """Return who answers. Raises ImproperlyConfigured when no installed app does."""
    if not _answered_by:
        raise ImproperlyConfigured("No installed app says who the portal's people are (console.portal_people).")
    return _answered_by[0]
