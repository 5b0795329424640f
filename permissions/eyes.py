"""What a portal user sees, held against what was granted to the member of staff who hands out a key to it.

A key is whatever lets somebody in as that person, or in to more: an invitation, another address, a link to set a
password, a link to a customer (docs/decisions/0090-keys-of-portal-users.md).
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import PortalUser
from business.models import PortalSettings
from console.errors import NotAllowed
from console.reach import By, all_act_for_any, limits_of
from permissions.models import PermissionOverride
from permissions.resolver import rights_of_many
from templates_app.models import JobTemplate


def require_sight_of_what_they_see(person: PortalUser, by: By) -> None:
    """Raise NotAllowed when this portal user sees customers or templates that were not granted to ``by``.

    Customers they are linked to are asked about elsewhere: what is asked here is whether they act for any.
    """
    limits = limits_of(by)
    if limits is None:
        return
    # A grant of the person as such was given so that they can be changed.
    granted = person.pk in limits.keys("portal_user", "change")
    if limits.customers_limited and not granted and _acts_for_any(person):
        if any_customer_is_default():
            raise NotAllowed(all_act_for_any())
        raise NotAllowed(
            _("This person may act for any customer, and you work only with certain customers. Ask a colleague.")
        )
    require_sight_of_their_templates(person, by)


def require_sight_of_their_templates(person: PortalUser, by: By, *, whole_default: bool = False) -> None:
    """Raise NotAllowed when this portal user sees jobs of templates that were not granted to ``by``.

    ``whole_default``: as it would be if they had more than the templates listed for them.
    """
    if who_sees_more([person], by, whole_default=whole_default):
        raise NotAllowed(sees_more())


def who_sees_more(people: Collection[PortalUser], by: By, *, whole_default: bool = False) -> frozenset[int]:
    """Return the keys of those of the portal users who see jobs of templates that were not granted to ``by``."""
    limits = limits_of(by)
    if limits is None or not limits.templates_limited or not people:
        return frozenset()
    granted = limits.keys("template", "view")
    more = set()
    for key, rights in rights_of_many(people).items():
        templates = rights.templates
        seen = (templates.defaults - templates.removed) | templates.added if whole_default else templates.ids
        if not seen <= granted:
            more.add(key)
    return frozenset(more)


def require_sight_of_what_new_people_see(by: By) -> None:
    """Raise NotAllowed when a new portal user would see customers or templates that were not granted to ``by``."""
    limits = limits_of(by)
    if limits is None:
        return
    if limits.customers_limited and any_customer_is_default():
        raise NotAllowed(all_act_for_any())
    defaults = JobTemplate.objects.portal_defaults()
    if limits.templates_limited and defaults.exclude(pk__in=limits.keys("template", "view")).exists():
        raise NotAllowed(sees_more())


def sees_more() -> str:
    """Return the refusal to hand out a key to somebody who sees more."""
    return _("This person sees jobs of templates that were not granted to you. Ask a colleague.")


def _acts_for_any(person: PortalUser) -> bool:
    return PortalUser._base_manager.filter(acts_for_any_customer(), pk=person.pk).exists()


def acts_for_any_customer(path: str = "pk") -> Q:
    """The rows whose portal user at the end of ``path`` acts, or may soon act, for customers without a link.

    By an override, or because everybody does by default and nothing denies it for good: a deny with an end will be over
    before a new address or password is. Says what ``permissions.resolver`` says, as part of a query.
    """
    overrides = PermissionOverride._base_manager.filter(permission="any_customer")
    counting = Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())
    allowed = overrides.filter(counting, effect="allow", portal_user__isnull=False).values("portal_user")
    denied = overrides.filter(ends_at__isnull=True, effect="deny", portal_user__isnull=False).values("portal_user")
    everybody = Exists(PortalSettings._base_manager.filter(pk=1, default_permissions__any_customer=True))
    by_default = PortalUser._base_manager.filter(everybody).exclude(pk__in=denied).values("pk")
    return Q(**{f"{path}__in": allowed}) | Q(**{f"{path}__in": by_default})


def any_customer_is_default() -> bool:
    """Return whether portal users act for any customer unless something denies it."""
    return PortalSettings.load().allows("any_customer")
