"""What rooms above say to this one, the kit of the console, which knows none of their records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models
from django.db.models import Q
from django.http import HttpResponseBase, QueryDict

from audit.conventions import Cell
from audit.registry import Answer, Registry

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models.expressions import Combinable
    from django.utils.functional import Promise

    from audit.private_hooks import Account
    from console.effects import Forecast
    from console.reach import By
    from console.reader import Reader
    from console.shapes import AnyInline


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

    def acted_for_others(self, path: str, at: str, customers: Collection[int]) -> Q:
        """Return the condition on rows whose portal user had acted for other customers than these by the moment ``at``
        (a lookup too)."""

    def rows_of_staff(self) -> Q:
        """Return the condition on history rows of accounts that are no portal user's."""

    def require_sight(self, account: AbstractBaseUser, by: By) -> None:
        """Raise NotAllowed when the portal user of that account sees templates that were not granted to ``by``."""


# Answered by permissions, which stands above and knows them.
PORTAL_PEOPLE: Answer[PortalPeople] = Answer("Who the portal's people are")


class Forecaster(Protocol):
    """What saving a record as it stands would do to people's rights, for a reader."""

    def __call__(self, one: Any, reader: Reader, /) -> Forecast: ...


# By "app.Model".
FORECASTERS: Registry[str, Forecaster] = Registry("Forecasts")


@dataclass(frozen=True)
class CountColumn:
    """A number in the list of the lower record.

    ``name``: of the annotation; ``count``: it, for whoever reads the list; ``before``: the column it stands before.
    """

    name: str
    title: str | Promise
    count: Callable[[Account | AnonymousUser], Combinable]
    before: str


@dataclass(frozen=True)
class PagePart:
    """What one upper room adds. ``told_when_put_away``: what an archived record still has there, in a sentence."""

    inlines: tuple[type[AnyInline], ...] = ()
    columns: tuple[CountColumn, ...] = ()
    told_when_put_away: Callable[[Any, Reader], str] | None = None


# What an upper room adds to the page and the list of a lower record: by the model, and what it is about.
PAGE_PARTS: Registry[tuple[type[models.Model], str], PagePart] = Registry("Parts of pages")

# How many rows (0: nobody counted), and the rows themselves, headings first.
Table = tuple[int, Iterator[Sequence[Cell]]]


@dataclass(frozen=True)
class OtherList:
    """What is no list of a model, and can be had as a file all the same: for whom, and what, by its address."""

    permission: str
    table: Callable[[Account | AnonymousUser, QueryDict], Table]


# By the name by which they are asked for.
OTHER_LISTS: Registry[str, OtherList] = Registry("Lists that are files")

# What answers a request with a page.
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class OwnPage:
    """A page of the console that belongs to no model."""

    route: str
    view: View


# By the name of its address; made with ``console.kit.console_page``.
OWN_PAGES: Registry[str, OwnPage] = Registry("Pages of the console")
