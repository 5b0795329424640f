"""What every page of the companion site needs to know. Costs nothing on a page that does not ask for it."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import Customer, PortalUser, ViewAs
from accounts.zones import city_of, is_elsewhere
from business.models import PortalSettings
from jobs.models import PortalLink
from portal_site import brand, navigation, second_step
from portal_site.navigation import ShownEntry
from portal_site.visitor import PortalRequest

# More customers than this are chosen on a page of their own instead of from a menu.
MENU_HOLDS = 12


class PageContext:
    """The business, the person and their accounts, for ``base.html``; each read when it is first asked for."""

    def __init__(self, request: PortalRequest) -> None:
        self._request = request
        self._visitor = request.visitor

    @cached_property
    def settings(self) -> PortalSettings:
        """The portal settings: name, introduction, telephone, e-mail."""
        return self._visitor.settings

    @cached_property
    def brand_css(self) -> str:
        """The address of the style sheet with the business's colour."""
        return f"{reverse('portal_site:brand_css')}?v={brand.digest(self.settings.brand_colour)}"

    @cached_property
    def logo(self) -> str:
        """The address of the business's logo, or nothing."""
        name = self.settings.logo.name
        return f"{reverse('portal_site:brand_logo')}?v={brand.digest(name)}" if name else ""

    @cached_property
    def person(self) -> PortalUser | None:
        """The portal user who is signed in and let in; None for a visitor and for a guest."""
        person = self._visitor.person
        if person is None or not person.is_active or not self._visitor.rights.settings.portal_enabled:
            return None
        if not second_step.is_done(self._request):
            return None
        return person

    @property
    def view_as(self) -> ViewAs | None:
        """The portal user whom a member of staff sees this page as, or None."""
        return self._visitor.view_as

    @property
    def guest(self) -> PortalLink | None:
        """The portal link this page is seen through, or None."""
        return self._visitor.link

    @property
    def zone_name(self) -> str:
        """The zone in which this page gives times."""
        return timezone.get_current_timezone_name().replace("_", " ")

    @property
    def zone_note(self) -> str:
        """Whose clock the times of this page are read on, where it is not the business's."""
        if not is_elsewhere(timezone.now()) or not (self.person or self.guest):
            return ""
        cities = {
            "hers": city_of(timezone.get_current_timezone()),
            "ours": city_of(timezone.get_default_timezone()),
        }
        return _("Times are those of your clock, in %(hers)s. We live by that of %(ours)s.") % cities

    @cached_property
    def navigation(self) -> list[ShownEntry]:
        """The bar."""
        return navigation.entries(self._visitor, self._request.path) if self.person else []

    @cached_property
    def accounts(self) -> list[Customer]:
        """Their customers, one more than the menu holds at most."""
        return list(self._visitor.customers()[: MENU_HOLDS + 1]) if self.person else []

    @property
    def has_many_accounts(self) -> bool:
        """Are there too many for a menu?"""
        return len(self.accounts) > MENU_HOLDS

    @property
    def has_several_accounts(self) -> bool:
        """Is there anything to switch?"""
        return len(self.accounts) > 1

    @property
    def account(self) -> Customer | None:
        """The customer they switched to, or None for all."""
        return self._visitor.account if self.person else None


def portal(request: PortalRequest) -> dict[str, object]:
    """The template variable ``portal``."""
    return {"portal": SimpleLazyObject(lambda: PageContext(request))}
