"""The rights of a person as they were at a past moment, answered from history.

PRODUCT.md section 10: "What could she see on 3 March?" The same ``Rights`` as now, so the sheet, the explanation and
the rule itself read them alike.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db.models import Model

from accounts.models import CustomerLink, PortalUser
from audit.changelog import history_of
from audit.models import HistoryRow
from business.models import PortalSettings
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import Override, Rights, TemplateSet
from templates_app.models import JobTemplate

_Record = TypeVar("_Record", bound=Model)


def rights_as_of(person: PortalUser, moment: datetime) -> Rights:
    """The rights of a portal user at a past moment (aware): a fixed number of queries.

    Somebody who did not exist then has no rights. What was before history began counts as the first version kept.
    """
    settings = _one(PortalSettings, 1, moment) or PortalSettings(pk=1)
    was = _one(PortalUser, person.pk, moment)
    account = _one(type(person.user), person.user_id, moment)
    if was is None or account is None:
        return Rights(settings, is_active=False)
    rights = Rights(settings, is_active=was.state == "active" and account.is_active)
    for link in _many(CustomerLink, moment, portal_user_id=person.pk):
        rights.links[link.customer_id] = link.pk
    for override in _in_force(moment, portal_user_id=person.pk):
        rights.user_overrides[override.permission] = _fact(override)
    for override in _in_force(moment, link_id__in=list(rights.links.values())):
        if override.link_id is not None:
            rights.link_overrides.setdefault(override.link_id, {})[override.permission] = _fact(override)
    access = _many(TemplateAccess, moment, portal_user_id=person.pk)
    current = {
        template.pk: template
        for template in _many(JobTemplate, moment)
        if template.archived_at is None or template.archived_at > moment
    }
    rights.templates = TemplateSet(
        defaults=frozenset(pk for pk, template in current.items() if template.is_portal_default),
        added=frozenset(row.template_id for row in access if row.effect == "add" and row.template_id in current),
        removed=frozenset(row.template_id for row in access if row.effect == "remove" and row.template_id in current),
        only_listed=was.only_listed_templates,
    )
    return rights


def _fact(override: PermissionOverride) -> Override:
    return Override(override.pk, override.effect == PermissionOverride.Effect.ALLOW)


def _in_force(moment: datetime, **filters: int | list[int]) -> list[PermissionOverride]:
    found = _many(PermissionOverride, moment, **filters)
    return [override for override in found if override.ends_at is None or override.ends_at > moment]


def _many(model: type[_Record], moment: datetime, **filters: int | list[int]) -> list[_Record]:
    """The records of a model as they stood at a moment: the last row of each up to then, unless it says deleted."""
    rows = history_of(model).filter(history_date__lte=moment, **filters).order_by("history_date", "history_id")
    last = {getattr(row, model._meta.pk.attname): row for row in rows}
    return [_record(model, row) for row in last.values() if row.history_type != "-"]


def _one(model: type[_Record], pk: int, moment: datetime) -> _Record | None:
    found = _many(model, moment, **{model._meta.pk.attname: pk})
    return found[0] if found else None


def _record(model: type[_Record], row: HistoryRow) -> _Record:
    """A record with the fields history kept; the others have their defaults."""
    return model(**{field.attname: getattr(row, field.attname) for field in history_of(model).model.tracked_fields})
