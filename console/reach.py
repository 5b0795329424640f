"""May this member of staff work with these records? Asked by every service, at the moment of the change.

A page asks before it shows a button, and a form before it offers a choice. A service asks again, because it is called
by other hands too: an import, its undo, a merge, a worker hours later (docs/decisions/0085-reach-in-services.md).

Judged by their grants are members of staff who come through a door of the office. Portal users, guests and workers'
tokens are judged by the rules of their own doors (``audit.act.Act.own_rules``), and None is Portico itself. Whoever is
not limited costs no query; others cost one for each kind of record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext as _

from audit.act import current_act
from console.errors import NotAllowed
from console.portal_people import portal_people
from console.scope import Action, Reach, in_scope, reach_of, scope_condition

_Rows = TypeVar("_Rows", bound="models.QuerySet[Any]")
# Whoever acts: their account, or None for guests and for Portico itself.
By = AbstractBaseUser | AnonymousUser | None


def limits_of(by: By) -> Reach | None:
    """Return what limits whoever acts to granted records; None when nothing does."""
    if by is None or not getattr(by, "is_staff", False) or current_act().own_rules:
        return None
    reach = reach_of(by)
    return reach if reach.limited else None


def require_reach(by: By, *records: models.Model | None, action: Action = "change") -> None:
    """Raise NotAllowed unless whoever acts may work with (or see) each of these saved records.

    A None among the records is passed over. The sentence names a record only to somebody who may see it.
    """
    if limits_of(by) is None:
        return
    kinds: dict[type[models.Model], dict[int, models.Model]] = {}
    for record in records:
        if record is not None:
            kinds.setdefault(type(record), {})[record.pk] = record
    for model, those in kinds.items():
        if beyond := keys_beyond_reach(by, model, those, action):
            raise NotAllowed(_refusal(by, [those[key] for key in sorted(beyond)]))


def require_somebody_else(user: models.Model | AnonymousUser | None, by: By) -> None:
    """Raise NotAllowed when somebody changes the rights of their own account."""
    if by is not None and user is not None and getattr(by, "pk", None) == user.pk:
        raise NotAllowed(_("Nobody changes her own rights. Ask a colleague."))


def require_reach_of_keys(by: By, model: type[models.Model], keys: Collection[int], action: Action = "change") -> None:
    """Raise NotAllowed unless whoever acts may work with each record of ``model`` with one of these primary keys."""
    if keys_beyond_reach(by, model, keys, action):
        raise NotAllowed(out_of_sight())


def keys_beyond_reach(
    by: By, model: type[models.Model], keys: Iterable[int], action: Action = "change"
) -> frozenset[int]:
    """Return those of the primary keys whose records whoever acts may not work with (or see), or that are gone."""
    if by is None or limits_of(by) is None:
        return frozenset()
    condition = scope_condition(model, by, action)
    if condition is None:
        return frozenset()
    wanted = frozenset(keys)
    if not wanted:
        return wanted
    return wanted - frozenset(model._base_manager.filter(condition, pk__in=wanted).values_list("pk", flat=True))


def only_within_reach(by: By, queryset: _Rows, action: Action = "change") -> _Rows:
    """Return the rows that nothing granted keeps whoever acts from working with (or seeing)."""
    if by is None or limits_of(by) is None:
        return queryset
    condition = scope_condition(queryset.model, by, action)
    return queryset if condition is None else queryset.filter(condition)


def require_all_customers(by: By) -> None:
    """Raise NotAllowed when whoever acts is limited to certain customers: what concerns any customer is not theirs."""
    limits = limits_of(by)
    if limits is not None and limits.customers_limited:
        raise NotAllowed(_("You work only with certain customers, so you can't make others. Ask a colleague."))


def require_all_templates(by: By) -> None:
    """Raise NotAllowed when whoever acts is limited to certain templates: they could not see a new one themselves."""
    limits = limits_of(by)
    if limits is not None and limits.templates_limited:
        raise NotAllowed(_("You work only with certain templates, so you can't make others. Ask a colleague."))


def out_of_sight() -> str:
    """Return the refusal that names nothing."""
    return _("This concerns records that were not granted to you. Ask a colleague.")


def open_to_all(by: By, record: models.Model) -> dict[str, str]:
    """Return the fields of a saved record that are empty, which means all, and whoever acts does not see all.

    Field name -> the sentence that says so. Only fields in which the record itself names several.
    """
    scope, limits = getattr(type(record), "scope", None), limits_of(by)
    if scope is None or limits is None or not scope.many:
        return {}
    own = {field.name for field in type(record)._meta.many_to_many}
    found = {}
    for limited, name, sentence in (
        (
            limits.customers_limited,
            scope.customer,
            _("An empty field means all customers. Only somebody who sees them all may save that."),
        ),
        (
            limits.templates_limited,
            scope.template,
            _("An empty field means all job templates. Only somebody who sees them all may save that."),
        ),
    ):
        if limited and name in own and not getattr(record, name).exists():
            found[name] = sentence
    return found


def all_act_for_any() -> str:
    """Return why somebody who works with certain customers changes no portal user: a setting of the whole portal."""
    return _(
        "By default every portal user may act for any customer, and you work only with certain customers. "
        "Ask a colleague."
    )


def _is_everybodys(by: By, record: models.Model) -> bool:
    """Is it about a portal user, who acts for any customer because all do?"""
    limits, scope = limits_of(by), getattr(record, "scope", None)
    about_a_person = limits is not None and limits.customers_limited and scope is not None and bool(scope.portal_user)
    return about_a_person and portal_people().any_customer_is_default()


def _refusal(by: By, beyond: list[models.Model]) -> str:
    """Return why not, with the name of the first record that whoever acts may at least see."""
    for record in beyond:
        if by is not None and in_scope(by, record):
            if sentences := open_to_all(by, record):
                return f"{record}: {' '.join(sentences.values())}"
            if _is_everybodys(by, record):
                return all_act_for_any()
            return _("%s is not, or not only, in what was granted to you. Ask a colleague.") % record
    return out_of_sight()
