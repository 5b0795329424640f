"""The whole sheet of one person: every permission and template, its value, and the level it comes from.

PRODUCT.md section 11.1. Says the same as ``permissions.resolver.decide``, because it asks it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from accounts.models import Customer, PortalUser
from business.catalogue import PORTAL_PERMISSIONS, PortalPermission
from console.reader import Reader
from permissions.resolver import DecidedBy, Decision, Rights, rights_of
from templates_app.models import JobTemplate


@dataclass(frozen=True)
class CustomerDecision:
    """What one permission is for one customer: the decision, and whether a press resets it to inherited."""

    customer_id: int
    link_id: int
    customer_name: str
    decision: Decision

    @property
    def is_own(self) -> bool:
        """Is there an override on this link itself?"""
        return self.decision.decided_by == DecidedBy.LINK_OVERRIDE


@dataclass(frozen=True)
class PermissionRow:
    """One permission of the sheet. ``decision``: without regard to a customer; ``cells``: one per link."""

    permission: PortalPermission
    decision: Decision
    cells: tuple[CustomerDecision, ...]
    idle_without: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Is it not the same for all her customers?"""
        return len({cell.decision.allowed for cell in self.cells} | {self.decision.allowed}) > 1

    @property
    def hides(self) -> str:
        """What she does not get, where the answer is no somewhere; else empty."""
        denied = not self.decision or any(not cell.decision for cell in self.cells)
        return str(self.permission.hides) if denied else ""


@dataclass(frozen=True)
class TemplateRow:
    """One template of the sheet: has she it, and why."""

    template_id: int
    name: str
    has: bool
    why: str
    is_exception: bool


@dataclass
class EffectiveRights:
    """Effective rights of one person at one moment."""

    rights: Rights
    permissions: list[PermissionRow] = field(default_factory=list)
    templates: list[TemplateRow] = field(default_factory=list)

    def groups(self) -> list[tuple[str, list[PermissionRow]]]:
        """The permission rows by heading, in the catalogue's order."""
        found: dict[str, list[PermissionRow]] = {}
        for row in self.permissions:
            found.setdefault(str(row.permission.group), []).append(row)
        return list(found.items())


def rights_shown(rights: Rights, reader: Reader) -> Rights:
    """Return the rights of a person as far as they concern customers that this reader may see."""
    customers = reader.visible_keys(Customer, rights.links)
    if len(customers) == len(rights.links):
        return rights
    return replace(rights, links={pk: link for pk, link in rights.links.items() if pk in customers})


def effective_rights_of(
    person: PortalUser, reader: Reader, rights: Rights | None = None, names: dict[int, str] | None = None
) -> EffectiveRights:
    """Return the sheet of a portal user (with ``user`` loaded) for this reader, in at most four queries.

    ``rights``: those of another moment (``permissions.as_of``); now if none are given. ``names``: names of the
    customers in ``rights.links``, looked up if none are given.
    """
    rights = rights_shown(rights or rights_of(person), reader)
    if names is None:
        customers = Customer.objects.filter(pk__in=rights.links)
        names = dict(customers.values_list("pk", "name"))
    sheet = EffectiveRights(rights)
    for permission in PORTAL_PERMISSIONS.values():
        sheet.permissions.append(_permission_row(rights, permission, names))
    templates = reader.rows(JobTemplate.objects.current())
    sheet.templates = [_template_row(rights, pk, name) for pk, name in templates.values_list("pk", "name")]
    return sheet


def _permission_row(rights: Rights, permission: PortalPermission, names: dict[int, str]) -> PermissionRow:
    refusal = rights.gate(permission.code)

    def at(customer_id: int | None) -> Decision:
        return refusal if refusal is not None else rights.at_level(permission.code, customer_id)

    cells = [
        CustomerDecision(customer_id, link_id, names.get(customer_id, _("(deleted)")), at(customer_id))
        for customer_id, link_id in rights.links.items()
    ]
    cells.sort(key=lambda cell: cell.customer_name.lower())
    decision = at(None)
    idle = [code for code in permission.implies if not rights.customers_allowing(code)] if decision else []
    labels = tuple(str(PORTAL_PERMISSIONS[code].label) for code in idle)
    return PermissionRow(permission, decision, tuple(cells), labels)


def _template_row(rights: Rights, pk: int, name: str) -> TemplateRow:
    templates = rights.templates
    has = pk in templates.ids
    if pk in templates.added:
        why, own = _("Added for her."), True
    elif templates.only_listed:
        why, own = _("She has only the templates listed for her."), True
    elif pk in templates.removed:
        why, own = _("Removed for her."), True
    elif pk in templates.defaults:
        why, own = _("A portal default: everybody has it."), False
    else:
        why, own = _("Not a portal default."), False
    return TemplateRow(pk, name, has, why, own)
