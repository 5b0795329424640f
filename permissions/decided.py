"""Who decided what an override says: beyond the link it stands on, where it came back with a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.act import Road
from console.reader import Reader
from permissions.models import PermissionOverride


@dataclass(frozen=True)
class Decided:
    """``decision``: the history row of who decided, if this reader may read it. ``again``: that of its return."""

    decision: Any
    again: Any

    @property
    def words(self) -> list[str]:
        """Return "by Olivia Osei on 12 Nov" and, where it came back with a new link, "applied again on 29 Nov"."""
        said = []
        if self.decision is not None:
            said.append(_("by %(who)s on %(when)s") % {"who": self.decision.actor, "when": _day(self.decision)})
        if self.again is not None:
            said.append(_("applied again on %s") % _day(self.again))
        return said


def decided(override: PermissionOverride, reader: Reader) -> Decided:
    """Return who decided what an override says, and since when it applies again, for a reader who may see it."""
    last = override.history.first()
    link = override.link
    if last is None or link is None or not _is_by_portico(last):
        return Decided(last, None)
    earlier = _earlier_rows(link.portal_user_id, link.customer_id, last)
    if not earlier:
        return Decided(last, None)
    visible = PermissionOverride.history.filter(
        reader.history(PermissionOverride), history_id__in=[row.history_id for row in earlier]
    )
    shown = set(visible.values_list("history_id", flat=True))
    decision = _deciding(override, earlier)
    return Decided(decision if decision is not None and decision.history_id in shown else None, last)


def _earlier_rows(person_id: int, customer_id: int, last: Any) -> list[Any]:
    """What was written about the permission on earlier links of the same person and customer, oldest first."""
    links = apps.get_model("accounts", "CustomerLink").history.filter(
        portal_user_id=person_id, customer_id=customer_id, history_type="-"
    )
    rows = PermissionOverride.history.filter(
        link_id__in=set(links.values_list("id", flat=True)),
        permission=last.permission,
        history_id__lt=last.history_id,
    )
    return list(rows.order_by("history_id"))


def _deciding(override: PermissionOverride, rows: list[Any]) -> Any:
    """The last row that says the same, written by somebody who decided it.

    Nobody decides who only makes a link, brings back a removed one, or invites a colleague.
    """
    found, known = None, set()
    for row in rows:
        is_made_again = row.history_type == "+" and row.id in known
        known.add(row.id)
        if row.history_type == "-" or is_made_again or row.road == Road.PORTAL or _is_by_portico(row):
            continue
        if (row.effect, row.reason, row.ends_at) == (override.effect, override.reason, override.ends_at):
            found = row
    return found


def _is_by_portico(row: Any) -> bool:
    return bool(row.road == Road.SYSTEM and row.actor == "Portico")


def _day(row: Any) -> str:
    return date_format(timezone.localtime(row.history_date), "SHORT_DATETIME_FORMAT")
