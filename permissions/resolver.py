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
read the same facts, which ``rights_of`` fetches in two queries, however many overrides and links there are. To add a
condition: here, in ``permissions.explain`` and in the naive reading of the tests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import BigIntegerField, CharField, F, Model, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import CustomerLink, PortalUser
from business.catalogue import portal_permission
from business.models import PortalSettings
from console.scope import ScopedQuerySet
from permissions.models import PermissionOverride, TemplateAccess
from templates_app.models import JobTemplate

# (kind, owner, row, of, code, effect)
_Fact = tuple[str, int, int, int, str, str]


class OfCustomer(Protocol):
    """What hangs on a customer; where it has a ``template_id`` too, the rule asks for the template as well."""

    @property
    def customer_id(self) -> int: ...


class _Job(Protocol):
    """A job, of which only this is asked: this room does not know its model."""

    @property
    def customer_id(self) -> int: ...
    @property
    def template_id(self) -> Any:
        """None too: a guest sees a job without a template."""


class DecidedBy(StrEnum):
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
    decided_by: DecidedBy
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
        DecidedBy.PORTAL: _("The portal is switched off."),
        DecidedBy.PERSON: _("She is not active: she cannot sign in."),
        DecidedBy.FEATURE: _("“%s” is a feature the portal does not offer."),
        DecidedBy.LINK_OVERRIDE: (
            _("“%s” is allowed on her link to this customer.")
            if yes
            else _("“%s” is denied on her link to this customer.")
        ),
        DecidedBy.USER_OVERRIDE: _("“%s” is allowed to her.") if yes else _("“%s” is denied to her."),
        DecidedBy.DEFAULT: _("“%s” is allowed to everybody by default.")
        if yes
        else _("“%s” is not allowed by default."),
        DecidedBy.CUSTOMER: _("She is not linked to the customer."),
        DecidedBy.TEMPLATE: _("The job's template is not one she has."),
    }
    sentence = sentences[decision.decided_by]
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


@dataclass(frozen=True)
class TemplateSet:
    """Which templates a person has, in the parts it is made of: primary keys of templates that are not archived."""

    defaults: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    only_listed: bool = False

    @property
    def ids(self) -> frozenset[int]:
        """The defaults, plus added, minus removed; or only those added."""
        return self.added if self.only_listed else (self.defaults - self.removed) | self.added


@dataclass
class Rights:
    """Everything the rule needs to know of one person at one moment. Made by ``rights_of`` and its kin."""

    settings: PortalSettings
    is_active: bool
    links: dict[int, int] = field(default_factory=dict)  # customer -> link
    user_overrides: dict[str, Override] = field(default_factory=dict)
    link_overrides: dict[int, dict[str, Override]] = field(default_factory=dict)  # link -> code -> override
    templates: TemplateSet = field(default_factory=TemplateSet)

    @property
    def template_ids(self) -> frozenset[int]:
        """The templates she has: they decide which jobs she sees and which she can create."""
        return self.templates.ids

    def at_level(self, code: str, customer_id: int | None) -> Decision:
        """What link, person and default say of a permission, before any other condition."""
        link = self.links.get(customer_id) if customer_id is not None else None
        if link is not None and (override := self.link_overrides.get(link, {}).get(code)):
            return Decision(override.allows, DecidedBy.LINK_OVERRIDE, code, override)
        if override := self.user_overrides.get(code):
            return Decision(override.allows, DecidedBy.USER_OVERRIDE, code, override)
        return Decision(self.settings.allows(code), DecidedBy.DEFAULT, code)

    def gate(self, code: str) -> Decision | None:
        """The refusal that stands before any customer is looked at, or None."""
        permission = portal_permission(code)
        if not self.settings.portal_enabled:
            return Decision(False, DecidedBy.PORTAL, code)
        if not self.is_active:
            return Decision(False, DecidedBy.PERSON, code)
        if permission.feature and not getattr(self.settings, permission.feature):
            return Decision(False, DecidedBy.FEATURE, code)
        return None

    @property
    def acts_for_any_customer(self) -> bool:
        """May she act for customers she is not linked to?"""
        return self.at_level("any_customer", None).allowed

    def customers_allowing(self, code: str) -> CustomerSet:
        """The customers for whom she may do something. Raises UnknownPermission."""
        if self.gate(code) is not None:
            return CustomerSet()
        decided = {customer: self.at_level(code, customer).allowed for customer in self.links}
        if self.acts_for_any_customer and self.at_level(code, None).allowed:
            return CustomerSet(frozenset(c for c, yes in decided.items() if not yes), everyone_but=True)
        return CustomerSet(frozenset(c for c, yes in decided.items() if yes))


def decide(rights: Rights, code: str, record: Model | OfCustomer | None = None) -> Decision:
    """May she do that (to this record)? The rule at the top of this file, in its order.

    ``record``: anything with ``customer_id``, and for a job ``template_id``; a customer's own row counts as its
    customer. Without a record: is there any customer for whom she may? Raises UnknownPermission.
    """
    refusal = rights.gate(code)
    if refusal is not None:
        return refusal
    if record is None:
        return _anywhere(rights, code)
    customer_id = record.customer_id if hasattr(record, "customer_id") else record.pk
    decision = rights.at_level(code, customer_id)
    if not decision:
        return decision
    if customer_id not in rights.links and not rights.acts_for_any_customer:
        return Decision(False, DecidedBy.CUSTOMER, code)
    if hasattr(record, "template_id") and record.template_id not in rights.template_ids:
        return Decision(False, DecidedBy.TEMPLATE, code)
    return decision


def _anywhere(rights: Rights, code: str) -> Decision:
    decisions = [rights.at_level(code, customer) for customer in rights.links]
    if rights.acts_for_any_customer:
        decisions.append(rights.at_level(code, None))
    if not decisions:
        own = rights.at_level(code, None)
        return Decision(False, DecidedBy.CUSTOMER, code) if own else own
    return next((decision for decision in decisions if decision), decisions[0])


def rights_of(person: PortalUser, *, at: datetime | None = None) -> Rights:
    """The rights of a portal user (with ``user`` loaded) at a moment, in two queries.

    ``at`` (aware) decides which overrides have ended; links and settings are as they stand now.
    """
    return rights_of_many([person], at=at)[person.pk]


def rights_of_many(people: Collection[PortalUser], *, at: datetime | None = None) -> dict[int, Rights]:
    """The rights of many portal users (with ``user`` loaded), by primary key: two queries, however many people."""
    settings = PortalSettings.load()
    found = {person.pk: Rights(settings, person.is_active) for person in people}
    added: dict[int, set[int]] = defaultdict(set)
    removed: dict[int, set[int]] = defaultdict(set)
    defaults: set[int] = set()
    one = next(iter(people)) if len(people) == 1 else None
    for kind, owner, row, of, code, effect in _facts(one, at or timezone.now()):
        if kind == "default":
            defaults.add(row)
        elif (rights := found.get(owner)) is None:
            continue
        elif kind == "link":
            rights.links[of] = row
        elif kind == "person":
            rights.user_overrides[code] = Override(row, effect == PermissionOverride.Effect.ALLOW)
        elif kind == "on link":
            override = Override(row, effect == PermissionOverride.Effect.ALLOW)
            rights.link_overrides.setdefault(of, {})[code] = override
        else:
            (added if effect == TemplateAccess.Effect.ADD else removed)[owner].add(of)
    everybody = frozenset(defaults)
    for person in people:
        found[person.pk].templates = TemplateSet(
            everybody, frozenset(added[person.pk]), frozenset(removed[person.pk]), person.only_listed_templates
        )
    return found


def _facts(person: PortalUser | None, at: datetime) -> Iterable[_Fact]:
    """(kind, owner, row, of, code, effect): links, overrides and templates, of one person or of all, in one query."""
    nothing, no_words = Value(0, output_field=BigIntegerField()), Value("", output_field=CharField())

    def rows(
        kind: str, queryset: ScopedQuerySet, owner: str = "", of: F | Value = nothing, **said: F
    ) -> QuerySet[Model, _Fact]:
        if owner and person is not None:
            queryset = queryset.filter(**{owner: person})
        named = {
            "fact_kind": Value(kind, output_field=CharField()),
            "fact_owner": F(owner) if owner else nothing,
            "fact_row": F("pk"),
            "fact_of": of,
            "fact_code": said.get("code", no_words),
            "fact_effect": said.get("effect", no_words),
        }
        return queryset.order_by().annotate(**named).values_list(*named)

    links = CustomerLink.objects.all()
    templates = JobTemplate.objects.portal_defaults()
    access = TemplateAccess.objects.exclude(template__archived_at__isnull=False)
    overrides = PermissionOverride.objects.in_force(at)
    said = {"code": F("permission"), "effect": F("effect")}
    return rows("link", links, owner="portal_user", of=F("customer_id")).union(
        rows("person", overrides.filter(link__isnull=True), owner="portal_user", **said),
        rows("on link", overrides.filter(link__isnull=False), owner="link__portal_user", of=F("link_id"), **said),
        rows("access", access, owner="portal_user", of=F("template_id"), effect=F("effect")),
        rows("default", templates),
        all=True,
    )


def guest_rights(settings: PortalSettings, job: _Job) -> Rights:
    """The rights of a guest on one job: the default permissions, that customer, that template, nothing else."""
    return Rights(
        settings, is_active=True, links={job.customer_id: 0}, templates=TemplateSet(frozenset({job.template_id}))
    )
