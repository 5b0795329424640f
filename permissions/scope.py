"""Which rows a member of staff may reach: one declaration on a model, one reading of it.

A model says by which path its rows hang on a customer and on a template::

    scope = Scope(customer="job__customer", template="job__template")

``ScopedQuerySet.visible_to(user)`` reads that declaration for many rows and ``in_scope(user, record)`` for one,
so a list, its count, its search, its export and the single page agree.

An object-level grant *narrows*. A person marked "only granted customers" reaches those customers and what hangs
on them; likewise for templates. A grant of *view* lets her see, a grant of *change* lets her work with it. Losing
the last grant leaves her with nothing, never with everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

Action = Literal["view", "change"]

# kind of record -> (the flag on the person that narrows it, the model of its grants)
GRANT_MODELS = {"customer": "CustomerGrant", "template": "TemplateGrant", "portal_user": "PortalUserGrant"}


@dataclass(frozen=True)
class Scope:
    """Paths (Django lookups) from a row to what narrows it; empty where it does not.

    ``customer`` and ``template``: the record it hangs on (a row with none of it stays visible).
    ``portal_user``: a portal user, who is visible through any of her customers or by a grant of her own, and changed
    by whoever may change all of her customers, or by such a grant.
    ``owner``: the user it belongs to, for rows that hang on no customer: a narrowed person sees her own.
    ``many``: the path runs through several rows, so the condition is asked in a subquery.
    """

    customer: str = ""
    template: str = ""
    portal_user: str = ""
    owner: str = ""
    many: bool = False


@dataclass
class Reach:
    """What one person was granted, fetched once: kind -> primary keys she may see, may change."""

    customers_limited: bool = False
    templates_limited: bool = False
    seen: dict[str, frozenset[int]] = field(default_factory=dict)
    changed: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def limited(self) -> bool:
        """Is this person narrowed at all?"""
        return self.customers_limited or self.templates_limited

    def keys(self, kind: str, action: Action) -> frozenset[int]:
        """Primary keys of the granted records of that kind, for seeing or for changing."""
        return (self.changed if action == "change" else self.seen).get(kind, frozenset())


def reach_of(user: Any) -> Reach:
    """What this person was granted; kept on the user object, which lives as long as one request."""
    reach = getattr(user, "_reach", None)
    if reach is None:
        reach = user._reach = _fetch_reach(user)
    return reach


def forget_reach(user: Any) -> None:
    """Read the grants anew at the next question (after one was given or taken)."""
    if hasattr(user, "_reach"):
        del user._reach


def _fetch_reach(user: Any) -> Reach:
    reach = Reach(
        customers_limited=not user.is_superuser and getattr(user, "only_granted_customers", False),
        templates_limited=not user.is_superuser and getattr(user, "only_granted_templates", False),
    )
    if reach.limited:
        for kind, model_name in GRANT_MODELS.items():
            grants = apps.get_model("permissions", model_name).objects.filter(user=user)
            rows = list(grants.values_list("content_object_id", "permission__codename"))
            reach.seen[kind] = frozenset(key for key, _codename in rows)
            reach.changed[kind] = frozenset(key for key, codename in rows if codename.startswith("change_"))
    return reach


def scope_condition(model: type[models.Model], user: Any, action: Action = "view") -> Q | None:
    """The condition that narrows a model's rows for this person, or None when nothing narrows them."""
    scope: Scope | None = getattr(model, "scope", None)
    reach = reach_of(user)
    if scope is None or not reach.limited:
        return None
    condition = Q()
    if reach.customers_limited:
        condition &= _customer_condition(scope, reach, user, action)
    if reach.templates_limited and scope.template:
        condition &= _within(scope.template, reach.keys("template", action))
    if scope.many and condition:
        return Q(pk__in=model._base_manager.filter(condition).values("pk"))
    return condition


def _customer_condition(scope: Scope, reach: Reach, user: Any, action: Action) -> Q:
    if scope.owner:
        return Q(**{scope.owner: user})
    if scope.portal_user:
        by_grant = Q(**{f"{scope.portal_user}__in": reach.keys("portal_user", action)})
        by_customer = Q(**{f"{scope.customer}__in": reach.keys("customer", action)})
        if action == "change":
            # What is changed about a person counts for every customer she acts for.
            links = apps.get_model("accounts", "CustomerLink")._base_manager
            beyond = links.exclude(customer__in=reach.keys("customer", action)).values("portal_user")
            by_customer &= ~Q(**{f"{scope.portal_user}__in": beyond})
        return by_grant | by_customer
    return _within(scope.customer, reach.keys("customer", action)) if scope.customer else Q()


def _within(path: str, keys: frozenset[int]) -> Q:
    condition = Q(**{f"{path}__in": keys})
    return condition if path == "pk" else condition | Q(**{f"{path}__isnull": True})


def in_scope(user: Any, record: models.Model, action: Action = "view") -> bool:
    """Does this person's reach hold that record? The one-record form of ``visible_to``, by the same condition."""
    condition = scope_condition(type(record), user, action)
    return condition is None or type(record)._base_manager.filter(condition, pk=record.pk).exists()


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that knows whom it is shown to."""

    def visible_to(self, user: Any, action: Action = "view") -> Self:
        """The rows this member of staff may see (or change): her role's right, narrowed by her grants."""
        meta = self.model._meta
        # Who may change may see.
        actions = ("view", "change") if action == "view" else (action,)
        if not any(user.has_perm(f"{meta.app_label}.{one}_{meta.model_name}") for one in actions):
            return self.none()
        return self.within_reach(user, action)

    def within_reach(self, user: Any, action: Action = "change") -> Self:
        """The rows that nothing granted keeps this person from working with (or seeing), whatever her role says of
        changing the rows themselves."""
        condition = scope_condition(self.model, user, action)
        return self if condition is None else self.filter(condition)
