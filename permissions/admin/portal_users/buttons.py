"""What is done to one person."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.enums import ActionVariant

from accounts.choices import PortalUserState
from accounts.models import PortalUser
from accounts.staff_sessions import person_of
from business.catalogue import ANY_CUSTOMER, PORTAL_PERMISSIONS
from console.forecast import forecast_in_words
from console.kit import ReasonForm, console_action
from console.reader import Reader, StaffReader
from permissions import services
from permissions.admin.overrides import ResetOverrideForm, SetPermissionForm
from permissions.admin.portal_users.forms import InvitationForm
from permissions.admin.portal_users.letters import WAITING_STATES, letter_words
from permissions.impact import activity, foresee
from permissions.models import PermissionOverride
from permissions.services import set_override


class PersonsButtons:
    """A part of her page."""

    change_url: Callable[[models.Model], str]

    @console_action(
        permission="permissions.change_permissionoverride",
        description=gettext_lazy("Set a permission"),
        text=gettext_lazy("An override counts before the default; one on a link counts before one for all customers."),
        submit=gettext_lazy("Save"),
        form_class=SetPermissionForm,
        icon="rule",
    )
    def set_permission(self, request: HttpRequest, obj: PortalUser, form: SetPermissionForm) -> str:
        override = form.save(request.user)
        label = PORTAL_PERMISSIONS[form.cleaned_data["permission"]].label
        if override is None:
            return _("“%(label)s” is inherited again.") % {"label": label}
        said = _("%(person)s may: %(label)s.") if override.effect == "allow" else _("%(person)s may not: %(label)s.")
        person = f"{obj} ({override.link.customer})" if override.link else str(obj)
        return said % {"person": person, "label": label}

    @console_action(
        permission="permissions.delete_permissionoverride",
        description=gettext_lazy("Reset to inherited"),
        form_class=ResetOverrideForm,
        # A button of the sheet, beside each override; alone it would not know which.
        shown=False,
        icon="undo",
    )
    def reset_override(self, request: HttpRequest, obj: PortalUser, form: ResetOverrideForm) -> HttpResponse:
        target, code = form.target()
        set_override(target, code, None, by=request.user)
        messages.success(request, _("“%s” is inherited again.") % PORTAL_PERMISSIONS[code].label)
        return HttpResponseRedirect(f"{self.change_url(obj)}#overrides-2")

    @console_action(
        permission="accounts.view_as_portaluser",
        description=gettext_lazy("View as"),
        text=lambda request, obj: (
            _(
                "You see the companion site as %s does, and can change nothing there. It is written down with both "
                "names, and does not count as a visit."
            )
            % obj
        ),
        submit=gettext_lazy("Look"),
        form_class=ReasonForm,
        possible=lambda person: person.state == PortalUserState.ACTIVE,
        icon="visibility",
    )
    def view_as(self, request: HttpRequest, obj: PortalUser, form: ReasonForm) -> HttpResponse:
        look = services.start_view_as(obj, by=person_of(request), reason=form.cleaned_data["reason"])
        request.session["view_as"] = look.pk
        return HttpResponseRedirect(reverse("portal_site:home"))

    @console_action(
        permission="change",
        description=gettext_lazy("Invitation"),
        text=lambda request, obj: letter_words(obj),
        submit=gettext_lazy("Send a fresh mail"),
        form_class=InvitationForm,
        possible=lambda person: person.state in WAITING_STATES,
        icon="mail",
    )
    def invitation(self, request: HttpRequest, obj: PortalUser, form: InvitationForm) -> str:
        services.resend_invitation(obj, by=request.user)
        return _("A fresh mail to %s is on its way; the link before it no longer works.") % obj.user.email

    @console_action(
        permission="change",
        description=gettext_lazy("Suspend"),
        text=lambda request, obj: (
            _("%s is signed out everywhere at once and cannot come in until you let her in again.") % obj
            + " "
            + forecast_in_words(foresee([obj], activity(False), StaffReader(request.user)))
        ),
        form_class=ReasonForm,
        possible=lambda person: person.state in (PortalUserState.ACTIVE, *WAITING_STATES),
        icon="block",
        variant=ActionVariant.WARNING,
    )
    def suspend(self, request: HttpRequest, obj: PortalUser, form: ReasonForm) -> str:
        services.suspend_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is suspended and signed out.") % obj

    @console_action(
        permission="change",
        description=gettext_lazy("Let in again"),
        text=lambda request, obj: (
            _("%s can sign in again, with the links and overrides she had.") % obj
            + " "
            + forecast_in_words(foresee([obj], activity(True), StaffReader(request.user)))
        ),
        form_class=ReasonForm,
        possible=lambda person: person.state == PortalUserState.SUSPENDED,
        icon="login",
        variant=ActionVariant.SUCCESS,
    )
    def reactivate(self, request: HttpRequest, obj: PortalUser, form: ReasonForm) -> str:
        services.reactivate_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s can sign in again.") % obj

    @console_action(
        permission="accounts.delete_customerlink",
        description=gettext_lazy("Remove"),
        text=lambda request, obj: _removal_numbers(obj, StaffReader(request.user)),
        form_class=ReasonForm,
        possible=lambda person: person.state != PortalUserState.REMOVED,
        icon="person_remove",
        variant=ActionVariant.DANGER,
    )
    def remove(self, request: HttpRequest, obj: PortalUser, form: ReasonForm) -> str:
        services.remove_portal_user(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is removed. Jobs, customers and history stay.") % obj


def _removal_numbers(person: PortalUser, reader: Reader) -> str:
    links = reader.rows(person.links.all()).count()
    overrides = PermissionOverride.objects
    their_overrides = overrides.filter(models.Q(portal_user=person) | models.Q(link__portal_user=person))
    count = reader.rows(their_overrides.exclude(link=None, permission=ANY_CUSTOMER, effect="allow")).count()
    return " ".join(
        [
            _("%s loses the login and is signed out everywhere.") % person,
            ngettext("%d link to a customer goes.", "%d links to customers go.", links) % links,
            ngettext(
                "%d decision is kept and applies again after a new invitation or link.",
                "%d decisions are kept and apply again after a new invitation or link.",
                count,
            )
            % count,
            _("Jobs, customers and history stay."),
        ]
    )
