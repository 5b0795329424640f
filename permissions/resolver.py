"""The one rule of the portal, in one function, which says why.

PRODUCT.md section 4. A portal user may do something if

    the portal is on                                     and
    she is active                                        and
    the feature is on                                    and
    (the link's override, else hers, else the default)   and
    the record belongs to a customer she is linked to,
        or she may act for any customer                  and
    for a job: its template is one she has.

``decide`` answers for one record, ``Rights.customers_allowing`` and ``Rights.template_ids`` for a queryset; both
read the same facts, which ``rights_of`` fetches in two queries, however many overrides and links there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db.models import BigIntegerField, CharField, F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.catalogue import portal_permission
from permissions.models import PermissionOverride, PortalSettings, TemplateAccess


class Source(StrEnum):
    """The level at which a decision fell."""

    PORTAL = "portal"
    PERSON = "person"
    FEATURE = "feature"
    LINK_OVERRIDE = "link override"
    USER_OVERRIDE = "user override"
    DEFAULT = "default"
    CUSTOMER = "customer"
    TEMPLATE = "template"


@dataclass(frozen=True)
class Override:
    """One override in force: its row and what it says."""

    pk: int
    allows: bool


@dataclass(frozen=True)
class Decision:
    """Yes or no, the level that said so, and the override behind it if there is one."""

    allowed: bool
    source: Source
    code: str
    override: Override | None = None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def reason(self) -> str:
        """Why, in a sentence of plain words, in the active language."""
        return _reason(self)


def _reason(decision: Decision) -> str:
    label = portal_permission(decision.code).label
    yes = decision.allowed
    sentences = {
        Source.PORTAL: _("The portal is switched off."),
        Source.PERSON: _("She is not active: she cannot sign in."),
        Source.FEATURE: _("“%s” is a feature the portal does not offer."),
        Source.LINK_OVERRIDE: (
            _("“%s” is allowed on her link to this customer.")
            if yes
            else _("“%s” is denied on her link to this customer.")
        ),
        Source.USER_OVERRIDE: _("“%s” is allowed to her.") if yes else _("“%s” is denied to her."),
        Source.DEFAULT: _("“%s” is allowed to everybody by default.") if yes else _("“%s” is not allowed by default."),
        Source.CUSTOMER: _("She is not linked to the customer."),
        Source.TEMPLATE: _("The job's template is not one she has."),
    }
    sentence = sentences[decision.source]
    return sentence % label if "%s" in sentence else sentence


@dataclass(frozen=True)
class CustomerSet:
    """Some customers: those with ``ids``, or everyone but those."""

    ids: frozenset[int] = frozenset()
    everyone_but: bool = False

    def __contains__(self, customer_id: int) -> bool:
        return (customer_id in self.ids) != self.everyone_but

    def __bool__(self) -> bool:
        return self.everyone_but or bool(self.ids)

    def condition(self, path: str = "customer") -> Q:
        """The same as a condition on rows that hang on a customer by ``path``."""
        condition = Q(**{f"{path}__in": self.ids})
        return ~condition if self.everyone_but else condition


@dataclass
class Rights:
    """Everything the rule needs to know of one person at one moment. Made by ``rights_of`` or ``guest_rights``."""

    settings: PortalSettings
    is_active: bool
    links: dict[int, int] = field(default_factory=dict)  # customer -> link
    user_overrides: dict[str, Override] = field(default_factory=dict)
    link_overrides: dict[int, dict[str, Override]] = field(default_factory=dict)  # link -> code -> override
    template_ids: frozenset[int] = frozenset()

    def at_level(self, code: str, customer_id: int | None) -> Decision:
        """What link, person and default say of a permission, before any other condition."""
        link = self.links.get(customer_id) if customer_id is not None else None
        if link is not None and (override := self.link_overrides.get(link, {}).get(code)):
            return Decision(override.allows, Source.LINK_OVERRIDE, code, override)
        if override := self.user_overrides.get(code):
            return Decision(override.allows, Source.USER_OVERRIDE, code, override)
        return Decision(self.settings.allows(code), Source.DEFAULT, code)

    def gate(self, code: str) -> Decision | None:
        """The refusal that stands before any customer is looked at, or None."""
        permission = portal_permission(code)
        if not self.settings.portal_enabled:
            return Decision(False, Source.PORTAL, code)
        if not self.is_active:
            return Decision(False, Source.PERSON, code)
        if permission.feature and not getattr(self.settings, permission.feature):
            return Decision(False, Source.FEATURE, code)
        return None

    @property
    def acts_for_any_customer(self) -> bool:
        """May she act for customers she is not linked to?"""
        return self.at_level("any_customer", None).allowed

    def customers_allowing(self, code: str) -> CustomerSet:
        """The customers for whom she may do something. Raises UnknownPermission."""
        if self.gate(code):
            return CustomerSet()
        decided = {customer: self.at_level(code, customer).allowed for customer in self.links}
        if self.acts_for_any_customer and self.at_level(code, None).allowed:
            return CustomerSet(frozenset(c for c, yes in decided.items() if not yes), everyone_but=True)
        return CustomerSet(frozenset(c for c, yes in decided.items() if yes))


def decide(rights: Rights, code: str, record: Any = None) -> Decision:
    """May she do that (to this record)? The rule at the top of this file, in its order.

    ``record``: anything with ``customer_id``, and for a job ``template_id``; a customer's own row counts as its
    customer. Without a record: is there any customer for whom she may? Raises UnknownPermission.
    """
    refusal = rights.gate(code)
    if refusal:
        return refusal
    if record is None:
        return _anywhere(rights, code)
    customer_id = record.customer_id if hasattr(record, "customer_id") else record.pk
    decision = rights.at_level(code, customer_id)
    if not decision:
        return decision
    if customer_id not in rights.links and not rights.acts_for_any_customer:
        return Decision(False, Source.CUSTOMER, code)
    if hasattr(record, "template_id") and record.template_id not in rights.template_ids:
        return Decision(False, Source.TEMPLATE, code)
    return decision


def _anywhere(rights: Rights, code: str) -> Decision:
    decisions = [rights.at_level(code, customer) for customer in rights.links]
    if rights.acts_for_any_customer:
        decisions.append(rights.at_level(code, None))
    if not decisions:
        own = rights.at_level(code, None)
        return Decision(False, Source.CUSTOMER, code) if own else own
    return next((decision for decision in decisions if decision), decisions[0])


def rights_of(person: Any, *, at: datetime | None = None) -> Rights:
    """The rights of a portal user (with ``user`` loaded) at a moment, in two queries.

    ``at`` (aware) decides which overrides have ended; links and settings are as they stand now.
    """
    rights = Rights(settings=PortalSettings.load(), is_active=person.is_active)
    added: set[int] = set()
    removed: set[int] = set()
    defaults: set[int] = set()
    for kind, row, of, code, effect in _facts(person, at or timezone.now()):
        match kind:
            case "link":
                rights.links[of] = row
            case "person":
                rights.user_overrides[code] = Override(row, effect == PermissionOverride.Effect.ALLOW)
            case "on link":
                override = Override(row, effect == PermissionOverride.Effect.ALLOW)
                rights.link_overrides.setdefault(of, {})[code] = override
            case "access":
                (added if effect == TemplateAccess.Effect.ADD else removed).add(of)
            case "default":
                defaults.add(row)
    start = set() if person.only_listed_templates else defaults - removed
    rights.template_ids = frozenset(start | added)
    return rights


def _facts(person: Any, at: datetime) -> Iterable[tuple[str, int, int, str, str]]:
    """(kind, row, of, code, effect): links, overrides and templates of a person, in one query."""
    nothing, no_words = Value(0, output_field=BigIntegerField()), Value("", output_field=CharField())

    def rows(kind: str, queryset: Any, of: Any = nothing, code: Any = no_words, effect: Any = no_words) -> Any:
        named = {"fact_kind": Value(kind, output_field=CharField()), "fact_row": F("pk")}
        named |= {"fact_of": of, "fact_code": code, "fact_effect": effect}
        return queryset.order_by().annotate(**named).values_list(*named)

    overrides = PermissionOverride.objects.in_force(at)
    templates = apps.get_model("templates_app", "JobTemplate").objects
    said = {"code": F("permission"), "effect": F("effect")}
    archived = Q(template__archived_at__isnull=False)
    return rows("link", person.links.all(), of=F("customer_id")).union(
        rows("person", overrides.filter(portal_user=person), **said),
        rows("on link", overrides.filter(link__portal_user=person), of=F("link_id"), **said),
        rows("access", person.template_access.exclude(archived), of=F("template_id"), effect=F("effect")),
        rows("default", templates.portal_defaults()),
        all=True,
    )


def guest_rights(settings: PortalSettings, job: Any) -> Rights:
    """The rights of a guest on one job: the default permissions, that customer, that template, nothing else."""
    return Rights(settings, is_active=True, links={job.customer_id: 0}, template_ids=frozenset({job.template_id}))
