"""Which rows of a person's history a reader narrowed to customers may read.

What was written about a person concerns the customers they acted for then. Whom they act for today does not say which:
whoever links somebody to their own customer would read what the office of another one wrote before.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import CustomerLink, PortalUser, User
from audit.changelog import history_of
from audit.models import HistoryRow


def rows_of_their_time(model: type[models.Model], path: str, customers: Collection[int]) -> Q:
    """Return the condition on history rows from when their person acted for these customers and for no other.

    ``path``: the lookup from a record of ``model`` to its portal user. A link made or ended in the act that wrote the
    row counts: an invitation belongs to whoever is linked by it, a removal to those that lost the person by it. Of who
    acts for others today no such row is told, as with overrides on the whole person.
    """
    beyond_today = CustomerLink._base_manager.exclude(customer_id__in=customers).filter(_same_person(model, path))
    ours = _linked_then(model, path, Q(customer_id__in=customers))
    others = _linked_then(model, path, ~Q(customer_id__in=customers))
    return Q(Exists(ours)) & ~Q(Exists(others)) & ~Q(Exists(beyond_today))


def acted_for_others(path: str, at: str, customers: Collection[int]) -> Q:
    """Return the condition on rows whose person (``path``) had acted for other customers by the moment ``at``.

    Whether they still did then is not asked: that they lost their access is written down when their links are gone.
    """
    links = history_of(CustomerLink).model._base_manager.exclude(customer_id__in=customers)
    return Q(Exists(links.filter(portal_user_id=OuterRef(path), history_date__lte=OuterRef(at))))


def rows_of_staff() -> Q:
    """Return the condition on history rows of accounts that are no portal user's."""
    return ~Q(id__in=PortalUser._base_manager.values("user_id"))


def _linked_then(model: type[models.Model], path: str, which: Q) -> models.QuerySet[HistoryRow]:
    """History rows of links of the same person that held when the row of the outer query was written."""
    rows = history_of(CustomerLink).model._base_manager
    at, request = OuterRef("history_date"), OuterRef("request_id")
    ended = (
        rows.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
        .filter(history_date__lt=OuterRef(OuterRef("history_date")))
        .exclude(request_id=OuterRef(OuterRef("request_id")))
    )
    held: QuerySet[HistoryRow] = (
        rows.exclude(history_type="-")
        .filter(which, _same_person(model, path))
        .filter(Q(history_date__lte=at) | Q(request_id=request))
        .filter(~Exists(ended))
    )
    return held


def _same_person(model: type[models.Model], path: str) -> Q:
    """The condition on a link, or its history, that it is of the person whom the row of the outer query is about."""
    first, *rest = path.split("__")
    if first == "pk":
        return Q(portal_user_id=OuterRef("id"))
    if model is User:
        return Q(portal_user_id__in=PortalUser._base_manager.filter(user_id=OuterRef(OuterRef("id"))).values("pk"))
    key = getattr(model._meta.get_field(first), "attname", first)
    if not rest:
        return Q(portal_user_id=OuterRef(key))
    return Q(portal_user_id__in=PortalUser._base_manager.filter(user_id=OuterRef(OuterRef(key))).values("pk"))
