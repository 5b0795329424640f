"""What hangs on a customer: contacts, locations, people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet

from accounts.admin.counting import related_count
from accounts.choices import PORTAL_USER_STATE_COLOURS, PortalUserState
from accounts.models import Contact, Customer, CustomerLink, Location
from console.kit import (
    ConsoleStackedInline,
    ConsoleTabularInline,
    badge,
)
from console.shapes import AnyForm
from permissions.models import PermissionOverride


class ContactForm(forms.ModelForm[Contact]):
    """One contact of several that are saved together."""

    def clean(self) -> dict[str, Any] | None:
        # Their roles are judged for all of them, so that one can take a role over from another.
        self.instance.is_judged_with_others = True
        return super().clean()


class ContactFormSet(PaginationInlineFormSet[Contact, Customer, AnyForm]):
    """The contacts of a customer, together: at most one is the site contact, at most one the billing contact."""

    def clean(self) -> None:
        super().clean()
        said = {
            "is_site_contact": _("This customer has a site contact already."),
            "is_billing_contact": _("This customer has a billing contact already."),
        }
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        for name, sentence in said.items():
            for form in [form for form in kept if form.cleaned_data.get(name)][1:]:
                form.add_error(name, sentence)


class ContactInline(ConsoleTabularInline[Contact]):
    model = Contact
    form = ContactForm
    formset = ContactFormSet
    fields = ("name", "email", "phone", "is_site_contact", "is_billing_contact")
    show_count = True


class LocationInline(ConsoleStackedInline[Location]):
    model = Location
    fields = (("name", "street"), ("postcode", "city"), ("latitude", "longitude"), "notes")
    show_count = True


class PeopleInline(ConsoleTabularInline[CustomerLink]):
    """The portal users who act for this customer."""

    model = CustomerLink
    verbose_name = gettext_lazy("portal user")
    verbose_name_plural = gettext_lazy("people")
    fields = ("portal_user", "address", "state", "last_visit", "exceptions")
    readonly_fields = ("address", "state", "last_visit", "exceptions")
    autocomplete_fields = ("portal_user",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[CustomerLink]:
        overrides = PermissionOverride.objects.all()
        rows = super().get_queryset(request).select_related("portal_user__user", "customer")
        return rows.annotate(override_count=related_count(overrides, "link"))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @display(description=gettext_lazy("e-mail"))
    def address(self, link: CustomerLink) -> str:
        return link.portal_user.user.email if link.pk else ""

    @display(description=gettext_lazy("state"))
    def state(self, link: CustomerLink) -> str:
        person = link.portal_user if link.pk else None
        return (
            badge(person.get_state_display(), PORTAL_USER_STATE_COLOURS[PortalUserState(person.state)])
            if person
            else ""
        )

    @display(description=gettext_lazy("last visit"), empty_value=gettext_lazy("never"))
    def last_visit(self, link: CustomerLink) -> str | None:
        seen = link.portal_user.last_seen_at if link.pk else None
        return date_format(timezone.localtime(seen), "SHORT_DATETIME_FORMAT") if seen else None

    @display(description=gettext_lazy("overrides on this link"))
    def exceptions(self, link: CustomerLink) -> str:
        return str(getattr(link, "override_count", "") or "–")
