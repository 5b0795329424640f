"""What a change would do, in numbers and by name, before it is made.

PRODUCT.md section 11.3: "37 people lose cancel, 5 keep it by override, 2 links die". A change is a function from the
rights a person has to those she would have; ``foresee`` asks the one rule before and after, and compares. What hangs on
the settings beyond people's rights (portal links) reports itself through ``CONSEQUENCES``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from accounts.models import PortalUser
from business.catalogue import PORTAL_PERMISSIONS, portal_permission
from business.models import PortalSettings
from console.forecast import Effect, Forecast
from console.reader import Reader
from permissions.resolver import CustomerSet, Override, Rights, rights_of_many
from templates_app.models import JobTemplate

Change = Callable[[PortalUser, Rights], Rights]

# Called with (settings before, settings after, for whom); each returns sentences such as "12 portal links die."
CONSEQUENCES: list[Callable[[PortalSettings, PortalSettings, Reader], list[str]]] = []


def everybody() -> list[PortalUser]:
    """All portal users but those removed, with their accounts: one query."""
    people = PortalUser.objects.present().select_related("user")
    return list(people)


def foresee(
    people: Collection[PortalUser], change: Change, reader: Reader, codes: Iterable[str] | None = None
) -> Forecast:
    """What a change would do to these people (with ``user`` loaded): two queries, and one for names of templates.

    ``codes``: the permissions it can touch, all if not given; a hint that saves time, never changes the answer for
    the codes named.
    """
    if not people:
        return Forecast()
    seen = reader.visible_keys(type(next(iter(people))), [person.pk for person in people])
    before = rights_of_many(people)
    effects = {code: Effect(str(portal_permission(code).label)) for code in codes or PORTAL_PERMISSIONS}
    templates: dict[int, Effect] = {}
    for person in people:
        old = before[person.pk]
        new = change(person, old)
        for code, effect in effects.items():
            _compare(person, code, old, new, effect, seen, reader.only_customers)
        had, has = old.template_ids, new.template_ids
        for template_id in had ^ has:
            effect = templates.setdefault(template_id, Effect(""))
            effect.add(person, effect.gains if template_id in has else effect.loses, seen)
    return Forecast([effect for effect in effects.values() if effect], _with_names(templates, reader))


def _compare(
    person: PortalUser,
    code: str,
    old: Rights,
    new: Rights,
    effect: Effect,
    seen: frozenset[int],
    only: frozenset[int] | None,
) -> None:
    had, has = _limited_to(old.customers_allowing(code), only), _limited_to(new.customers_allowing(code), only)
    if had == has:
        overridden = old.user_overrides.get(code) or any(code in said for said in old.link_overrides.values())
        if overridden and old.settings is not new.settings and _default(code, old) != _default(code, new):
            effect.add(person, effect.keeps, seen)
        return
    if not _is_less(had, has):
        effect.add(person, effect.loses, seen)
    # For one customer more and for another less: both.
    if not _is_less(has, had):
        effect.add(person, effect.gains, seen)


def _limited_to(customers: CustomerSet, only: frozenset[int] | None) -> CustomerSet:
    """Those of some customers that the reader is limited to."""
    return customers if only is None else CustomerSet(frozenset(pk for pk in only if pk in customers))


def _default(code: str, rights: Rights) -> bool:
    return rights.gate(code) is None and rights.settings.allows(code)


def _is_less(small: CustomerSet, large: CustomerSet) -> bool:
    """Are all customers of the one among those of the other?"""
    if large.everyone_but:
        return not (large.ids & small.ids) if not small.everyone_but else large.ids <= small.ids
    return not small.everyone_but and small.ids <= large.ids


def _with_names(effects: dict[int, Effect], reader: Reader) -> list[Effect]:
    """The effects on templates under their names, those that the reader may not see under one."""
    if not effects:
        return []
    visible = reader.visible_keys(JobTemplate, effects)
    for pk, name in JobTemplate.objects.filter(pk__in=visible).values_list("pk", "name"):
        effects[pk].label = _("Template “%s”") % name
    named = [effect for effect in effects.values() if effect.label]
    return named if len(named) == len(effects) else [*named, Effect(_("Templates you can't see"), others=True)]


# --- the changes there are


def foresee_settings(new: PortalSettings, reader: Reader, default_templates: Collection[int] | None = None) -> Forecast:
    """What saving these portal settings (and these default templates) would do, over everybody."""
    old = PortalSettings.load()
    codes = _touched_codes(old, new)
    chosen = None if default_templates is None else frozenset(default_templates)

    def change(person: PortalUser, rights: Rights) -> Rights:
        templates = rights.templates if chosen is None else replace(rights.templates, defaults=chosen)
        return replace(rights, settings=new, templates=templates)

    forecast = foresee(everybody(), change, reader, codes) if codes or chosen is not None else Forecast()
    for consequence in CONSEQUENCES:
        forecast.consequences += consequence(old, new, reader)
    return forecast


def _touched_codes(old: PortalSettings, new: PortalSettings) -> list[str]:
    if old.portal_enabled != new.portal_enabled or old.allows("any_customer") != new.allows("any_customer"):
        return list(PORTAL_PERMISSIONS)
    return [
        code
        for code, permission in PORTAL_PERMISSIONS.items()
        if old.allows(code) != new.allows(code)
        or (permission.feature and getattr(old, permission.feature) != getattr(new, permission.feature))
    ]


def override_on_person(code: str, allows: bool | None) -> Change:
    """An override on a person set to allow or deny, or taken away (None)."""

    def change(person: PortalUser, rights: Rights) -> Rights:
        return replace(rights, user_overrides=_with(rights.user_overrides, code, allows))

    return change


def override_on_link(link_id: int, code: str, allows: bool | None) -> Change:
    """An override on one of her links set to allow or deny, or taken away (None)."""

    def change(person: PortalUser, rights: Rights) -> Rights:
        on_link = _with(rights.link_overrides.get(link_id, {}), code, allows)
        return replace(rights, link_overrides={**rights.link_overrides, link_id: on_link})

    return change


def _with(overrides: dict[str, Override], code: str, allows: bool | None) -> dict[str, Override]:
    kept = {name: override for name, override in overrides.items() if name != code}
    return kept if allows is None else {**kept, code: Override(0, allows)}


def template_access(template_id: int, effect: str | None) -> Change:
    """A template added ("add"), removed ("remove") or left to the defaults (None)."""

    def change(person: PortalUser, rights: Rights) -> Rights:
        one = frozenset({template_id})
        old = rights.templates
        return replace(
            rights,
            templates=replace(
                old,
                added=old.added | one if effect == "add" else old.added - one,
                removed=old.removed | one if effect == "remove" else old.removed - one,
            ),
        )

    return change


def only_listed_templates(yes: bool) -> Change:
    """The switch between "the defaults, plus and minus" and "only these"."""
    return lambda person, rights: replace(rights, templates=replace(rights.templates, only_listed=yes))


def activity(yes: bool) -> Change:
    """Suspended or removed (False), or made active (True)."""
    return lambda person, rights: replace(rights, is_active=yes)


def linked(customer_id: int, returning: Mapping[str, bool] | None = None) -> Change:
    """Linked to one more customer. ``returning``: what was decided on an earlier link and applies again, by code."""

    def change(person: PortalUser, rights: Rights) -> Rights:
        if customer_id in rights.links:
            return rights
        # A key that no other link has, made or foreseen.
        link = -customer_id
        on_link = {code: Override(0, allows) for code, allows in (returning or {}).items()}
        return replace(
            rights,
            links={**rights.links, customer_id: link},
            link_overrides={**rights.link_overrides, link: on_link},
        )

    return change


def unlinked(customer_id: int) -> Change:
    """Linked to one customer less."""
    return lambda person, rights: replace(
        rights, links={customer: link for customer, link in rights.links.items() if customer != customer_id}
    )


def default_template(template: JobTemplate, reader: Reader) -> Forecast:
    """Who gains and who loses a template that, as it stands here unsaved, becomes everybody's or ceases to be."""
    defaults = set(JobTemplate.objects.portal_defaults().values_list("pk", flat=True)) - {template.pk}
    if template.is_portal_default and template.archived_at is None:
        defaults.add(template.pk)
    return foresee_settings(PortalSettings.load(), reader, defaults)
