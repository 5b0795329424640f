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
from typing import TYPE_CHECKING, Any, Literal, Self

from django.db import models
from django.db.models import Q

from audit.named import forms_of
from console.hooks import PORTAL_PEOPLE
from console.shapes import Record

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser, PermissionsMixin

    # Whose reach it is: an account, by whichever of its bases a caller knows it.
    Person = AbstractBaseUser | PermissionsMixin | AnonymousUser

Action = Literal["view", "change"]


@dataclass(frozen=True)
class Scope:
    """Paths (Django lookups) from a row to what narrows it; empty where it does not.

    ``customer`` and ``template``: the record it hangs on (a row with none of it stays visible).
    ``portal_user``: a portal user, who is visible through any of her customers or by a grant of her own, and changed
    by whoever may change all of her customers, or by such a grant; who acts for any customer, by such a grant alone.
    ``owner``: the user it belongs to, for rows that hang on nothing that is granted (an import, an export): whoever is
    narrowed, by customer or by template, sees their own.
    ``many``: the path runs through several rows, so the condition is asked in a subquery.
    ``whole_person``: with ``portal_user``: rows without a customer concern the person at every customer, and are shown
    to whoever may see all of their customers.
    ``person``: a portal user, for rows without a customer that say for good whom this person acted for (a message);
    ``person_at``: when each was written. Rows about no customer and no person, or one that is gone, are shown to nobody
    who is narrowed to customers.
    """

    customer: str = ""
    template: str = ""
    portal_user: str = ""
    owner: str = ""
    many: bool = False
    whole_person: bool = False
    person: str = ""
    person_at: str = ""


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


def reach_of(user: Person) -> Reach:
    """What this person was granted; kept on the user object, which lives as long as one request."""
    reach: Reach | None = getattr(user, "_reach", None)
    if reach is None:
        reach = user._reach = _fetch_reach(user)  # type: ignore[union-attr]  # ours
    return reach


def forget_reach(user: Person) -> None:
    """Read the grants anew at the next question (after one was given or taken)."""
    if hasattr(user, "_reach"):
        del user._reach


def _fetch_reach(user: Person) -> Reach:
    reach = Reach(
        customers_limited=not getattr(user, "is_superuser", False) and getattr(user, "only_granted_customers", False),
        templates_limited=not getattr(user, "is_superuser", False) and getattr(user, "only_granted_templates", False),
    )
    if reach.limited:
        for kind, model in PORTAL_PEOPLE.get().grants().items():
            grants = model._default_manager.filter(user=user)
            rows = list(grants.values_list("content_object_id", "permission__codename"))
            reach.seen[kind] = frozenset(key for key, _codename in rows)
            reach.changed[kind] = frozenset(key for key, codename in rows if codename.startswith("change_"))
    return reach


def scope_condition(model: type[models.Model], user: Person, action: Action = "view") -> Q | None:
    """The condition that narrows a model's rows for this person, or None when nothing narrows them."""
    scope: Scope | None = getattr(model, "scope", None)
    reach = reach_of(user)
    if scope is None or not reach.limited:
        return None
    if scope.owner:
        return Q(**{scope.owner: user})
    condition = Q()
    if reach.customers_limited:
        condition &= _customer_condition(scope, reach, action)
    if reach.templates_limited and scope.template:
        condition &= _within(scope.template, reach.keys("template", action))
    if reach.customers_limited and scope.person:
        condition &= _about_theirs_alone(scope, reach, action)
    if scope.many and not scope.portal_user and action == "change":
        condition &= ~_concerns_others(model, scope, reach)
    if scope.many and condition:
        return Q(pk__in=model._base_manager.filter(condition).values("pk"))
    return condition


def _about_theirs_alone(scope: Scope, reach: Reach, action: Action) -> Q:
    """Rows about a customer, or a person who acts for granted customers alone and did so until the row was written:
    what is told of a person names them all."""
    people, granted = PORTAL_PEOPLE.get(), reach.keys("customer", action)
    within = people.links().filter(customer__in=granted).values("portal_user")
    beyond = people.links().exclude(customer__in=granted).values("portal_user")
    theirs = Q(**{f"{scope.person}__in": within}) & ~Q(**{f"{scope.person}__in": beyond})
    theirs &= ~people.acted_for_others(scope.person, scope.person_at, granted)
    return Q(**{f"{scope.person}__isnull": True, f"{scope.customer}__isnull": False}) | theirs


def _concerns_others(model: type[models.Model], scope: Scope, reach: Reach) -> Q:
    """Rows that name several records: what also concerns others, or everybody, is not one person's to change."""
    others = Q()
    for limited, kind, path in (
        (reach.customers_limited, "customer", scope.customer),
        (reach.templates_limited, "template", scope.template),
    ):
        if limited and path:
            named = model._meta.get_field(path).related_model
            assert named is not None
            beyond = named._base_manager.exclude(pk__in=reach.keys(kind, "change")).values("pk")
            others |= Q(**{f"{path}__isnull": True})
            others |= Q(pk__in=model._base_manager.filter(**{f"{path}__in": beyond}).values("pk"))
    return others


def _customer_condition(scope: Scope, reach: Reach, action: Action) -> Q:
    if scope.portal_user:
        by_grant = Q(**{f"{scope.portal_user}__in": reach.keys("portal_user", action)})
        by_customer = Q(**{f"{scope.customer}__in": reach.keys("customer", action)})
        links = PORTAL_PEOPLE.get().links()
        beyond = links.exclude(customer__in=reach.keys("customer", action)).values("portal_user")
        if action == "change":
            # What is changed about a person counts for every customer they act for.
            by_customer &= ~Q(**{f"{scope.portal_user}__in": beyond})
        if scope.whole_person:
            within = links.filter(customer__in=reach.keys("customer", action)).values("portal_user")
            of_theirs_alone = Q(**{f"{scope.portal_user}__in": within}) & ~Q(**{f"{scope.portal_user}__in": beyond})
            by_customer |= of_theirs_alone
        if action == "change":
            # Who acts for any customer acts for those that were not granted, whatever the links say.
            by_customer &= ~PORTAL_PEOPLE.get().acting_for_any_customer(scope.portal_user)
        return by_grant | by_customer
    return _within(scope.customer, reach.keys("customer", action)) if scope.customer else Q()


def _within(path: str, keys: frozenset[int]) -> Q:
    condition = Q(**{f"{path}__in": keys})
    return condition if path == "pk" else condition | Q(**{f"{path}__isnull": True})


def history_condition(model: type[models.Model], user: Person, *, also_of_nobody: bool = False) -> Q:
    """The condition that narrows a model's history rows for this person; empty when nothing narrows them.

    A row is judged by what it says itself, the customer it concerned then and the template it names, so that what was
    written about a job while it belonged to another customer stays with that one. Rows that concern no single customer
    (an alert) are judged by the record as it is today; those about a person also by the customers they acted for when
    the row was written (``permissions.person_rows``), unless the reader wrote it. ``also_of_nobody``: rows of a kind
    that hangs on no customer at all count too, for the history on the page of a record that this person may see.
    """
    scope: Scope = getattr(model, "scope", Scope())
    reach = reach_of(user)
    if scope.owner and reach.limited:
        return _still_there(model, Q(**{scope.owner: user}))
    condition = Q()
    if reach.customers_limited:
        nobody = Q(customer_ref__isnull=True)
        if scope.customer or scope.portal_user:
            nobody &= _still_there(model, _customer_condition(scope, reach, "view"))
        elif not also_of_nobody:
            nobody = Q(pk__in=[])
        if path := scope.portal_user or getattr(model, "person", ""):
            nobody &= _of_their_time(model, path, user, reach, staff_too=not scope.portal_user)
        condition &= Q(customer_ref__in=reach.keys("customer", "view")) | nobody
    if reach.templates_limited and scope.template:
        keys = reach.keys("template", "view")
        first = scope.template.split("__")[0]
        if scope.template == "pk":
            condition &= Q(**{f"{model._meta.pk.attname}__in": keys})
        elif isinstance(model._meta.get_field(first), models.ForeignKey):
            condition &= Q(**{f"{scope.template}__in": keys}) | Q(**{f"{first}_id__isnull": True})
        else:
            condition &= _still_there(model, _within(scope.template, keys))
    return condition


def _of_their_time(model: type[models.Model], path: str, user: Person, reach: Reach, *, staff_too: bool) -> Q:
    """History rows about a person that a narrowed reader may read: from their own customers' time, by a grant of the
    person, or their own hand's. ``staff_too``: rows about accounts of nobody's portal user as well."""
    granted = _still_there(model, Q(**{f"{path}__in": reach.keys("portal_user", "view")}))
    people = PORTAL_PEOPLE.get()
    rows = people.rows_of_their_time(model, path, reach.keys("customer", "view")) | granted | Q(history_user=user)
    return rows | people.rows_of_staff() if staff_too else rows


def _still_there(model: type[models.Model], condition: Q) -> Q:
    """History rows of the records that exist and meet a condition."""
    own_key = model._meta.pk.attname
    return Q(**{f"{own_key}__in": model._base_manager.filter(condition).values("pk")})


def in_scope(user: Person, record: models.Model, action: Action = "view") -> bool:
    """Does this person's reach hold that record? The one-record form of ``visible_to``, by the same condition."""
    condition = scope_condition(type(record), user, action)
    return condition is None or type(record)._base_manager.filter(condition, pk=record.pk).exists()


class ScopedQuerySet(models.QuerySet[Record]):
    """A queryset that knows whom it is shown to."""

    def visible_to(self, user: PermissionsMixin | AnonymousUser, action: Action = "view") -> Self:
        """The rows this member of staff may see (or change): her role's right, narrowed by her grants."""
        meta = self.model._meta
        # Who may change may see.
        actions = ("view", "change") if action == "view" else (action,)
        if not any(user.has_perm(f"{meta.app_label}.{one}_{meta.model_name}") for one in actions):
            return self.none()
        return self.within_reach(user, action)

    def within_reach(self, user: Person, action: Action = "change") -> Self:
        """The rows that nothing granted keeps this person from working with (or seeing), whatever her role says of
        changing the rows themselves."""
        condition = scope_condition(self.model, user, action)
        return self if condition is None else self.filter(condition)

    def update(self, **values: Any) -> int:
        """Write to all rows at once, and what follows from it (``audit.named``)."""
        return super().update(**values, **forms_of(self.model, values))
