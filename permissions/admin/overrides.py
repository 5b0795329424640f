"""The grid of overrides: each portal permission, for the person and for each of her links, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import CustomerLink, PortalUser
from accounts.models.people import Anyone
from business.catalogue import PORTAL_PERMISSIONS, PortalPermission, portal_permission_choices
from business.models import PortalSettings
from console.addresses import leave_out, shortened
from console.effects import Forecast
from console.errors import Refused
from console.forecast import EffectForm
from console.keys import is_key
from console.kit import ConsoleStackedInline, DialogForm, MomentInput
from console.moments import MomentField
from console.reach import By
from console.reader import StaffReader
from permissions.decided import whose_why_is_told
from permissions.impact import foresee, override_on_link, override_on_person
from permissions.models import PermissionOverride
from permissions.services import set_override
from templates_app.models import JobTemplate, TemplateQuerySet

INHERIT = "inherit"
# Stands for "not chosen yet" where an empty value is a choice: all customers.
UNDECIDED = "-"


@dataclass(frozen=True)
class GridCell:
    """What is said at one level: an override, or what is inherited there. ``url``: where it is changed."""

    effect: str
    inherits: bool
    reason: str
    ends_at: datetime | None
    ended: bool
    url: str

    @property
    def allows(self) -> bool:
        """Does this level say yes, by itself or by inheritance?"""
        return self.effect == PermissionOverride.Effect.ALLOW

    @property
    def words(self) -> str:
        """The cell in a word or two."""
        if self.inherits or self.ended:
            return _("Inherits: yes") if self.allows else _("Inherits: no")
        return _("Allow") if self.allows else _("Deny")

    @property
    def style(self) -> str:
        """How the cell looks."""
        return "is-inherit" if self.inherits or self.ended else f"is-{self.effect}"


@dataclass(frozen=True)
class GridRow:
    """One permission: the default, and a cell for each level."""

    permission: PortalPermission
    default: bool
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class Grid:
    """The whole table: names of its columns, rows by heading."""

    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[GridRow, ...]], ...]


def grid_of(person: PortalUser, reader: StaffReader, only: CustomerLink | None = None) -> Grid:
    """The overrides of a person as this reader may see them, in four queries; of one link with ``only``.

    An override outside their reach shows what it says, not why (``permissions.decided.whose_why_is_told``).
    """
    user = reader.user
    links = list(CustomerLink.objects.visible_to(user).filter(portal_user=person).select_related("customer"))
    if only is not None:
        links = [link for link in links if link.pk == only.pk]
    rows = PermissionOverride.objects.filter(Q(portal_user=person) | Q(link__in=[link.pk for link in links]))
    said = {(row.link_id, row.permission): row for row in rows}
    told = whose_why_is_told(said.values(), reader)
    for row in said.values():
        if row.pk not in told:
            row.reason = ""
    settings = PortalSettings.load()
    url = _dialog(person, user) if only is None else _dialog_of_link(only, user)
    groups: dict[str, list[GridRow]] = {}
    for permission in PORTAL_PERMISSIONS.values():
        default = settings.allows(permission.code)
        own = _cell(said.get((None, permission.code)), default, url, permission.code, "")
        level = own.allows if not own.ended else default
        on_links = [
            _cell(said.get((link.pk, permission.code)), level, url, permission.code, str(link.pk)) for link in links
        ]
        cells = on_links if only is not None else [own, *on_links]
        groups.setdefault(str(permission.group), []).append(GridRow(permission, default, tuple(cells)))
    columns = [link.customer.name for link in links]
    return Grid(
        tuple(columns if only is not None else [_("All customers"), *columns]),
        tuple((name, tuple(rows)) for name, rows in groups.items()),
    )


def _dialog(person: PortalUser, user: PermissionsMixin | AnonymousUser) -> str:
    """Where somebody who may sets a permission of this person; else nothing."""
    codes = ("permissions.change_permissionoverride", "accounts.change_portaluser")
    may = all(user.has_perm(code, person) for code in codes)
    return reverse("admin:accounts_portaluser_set_permission", args=[person.pk]) if may else ""


def _dialog_of_link(link: CustomerLink, user: PermissionsMixin | AnonymousUser) -> str:
    """The same for one link: enough to work with its customer, whatever else the person acts for."""
    may = user.has_perm("permissions.change_permissionoverride", link)
    return reverse("admin:accounts_customerlink_set_permission", args=[link.pk]) if may else ""


def _cell(row: PermissionOverride | None, inherited: bool, url: str, code: str, link: str) -> GridCell:
    address = f"{url}?permission={code}&level={link}" if url else ""
    ended = row is not None and row.ends_at is not None and row.ends_at <= timezone.now()
    if row is None or ended:
        effect = PermissionOverride.Effect.ALLOW if inherited else PermissionOverride.Effect.DENY
        return GridCell(effect, row is None, row.reason if row else "", row.ends_at if row else None, ended, address)
    return GridCell(row.effect, False, row.reason, row.ends_at, False, address)


class OverridesInline(ConsoleStackedInline[PermissionOverride]):
    """The grid as a tab. It is read here; each cell opens a dialog that asks first."""

    model = PermissionOverride
    verbose_name_plural = gettext_lazy("overrides")
    template = "permissions/overrides_inline.html"
    fields = ("permission", "effect")
    max_num = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm("permissions.view_permissionoverride")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PermissionOverride]:
        # The grid reads its own rows.
        return super().get_queryset(request).none()


class SheetInline(OverridesInline):
    """The effective rights as a tab: read here, reset with one press."""

    verbose_name_plural = gettext_lazy("effective rights")
    template = "permissions/sheet_inline.html"


class ResetOverrideForm(DialogForm):
    """Which override is taken away stands in the address."""

    def about(self, obj: PortalUser) -> None:
        super().about(obj)
        if not self.is_bound:
            try:
                self.target()
            except Refused as refusal:
                leave_out(self.request, str(refusal))

    def target(self) -> tuple[PortalUser | CustomerLink, str]:
        """The person or her link, and the permission. Raises Refused when the address names neither."""
        code, level = self.request.GET.get("permission", ""), self.request.GET.get("level", "")
        links = CustomerLink.objects.visible_to(self.request.user, "change").filter(portal_user=self.object_id)
        link = links.filter(pk=level).select_related("portal_user__user").first() if is_key(level) else None
        if code not in PORTAL_PERMISSIONS:
            raise Refused(_("There is no such override. Go back and choose one on the page."))
        if level and link is None:
            raise Refused(_link_is_gone())
        return link or self.obj, code


def _link_is_gone() -> str:
    return _("The customer link in this address no longer exists, or you can't see it.")


class SetPermissionForm(EffectForm):
    """Which permission, at which level, to what, why and until when."""

    level = forms.ChoiceField(label=gettext_lazy("For"), required=False, widget=UnfoldAdminSelectWidget)
    permission = forms.ChoiceField(
        label=gettext_lazy("Permission"), choices=portal_permission_choices, widget=UnfoldAdminSelectWidget
    )
    effect = forms.ChoiceField(
        label=gettext_lazy("This person"),
        choices=[
            (INHERIT, gettext_lazy("inherits")),
            (PermissionOverride.Effect.ALLOW.value, pgettext_lazy("what somebody is allowed", "may")),
            (PermissionOverride.Effect.DENY.value, gettext_lazy("may not")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
        initial=INHERIT,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Why? The next person will ask."),
        widget=UnfoldAdminTextInputWidget,
    )
    ends_at = MomentField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty: until you take it away. After this minute it stops counting by itself."),
        widget=MomentInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = {
            str(link.pk): link
            for link in CustomerLink.objects.visible_to(self.request.user, "change")
            .filter(portal_user=self.object_id)
            .select_related("customer", "portal_user__user")
        }
        levels = [("", _("All customers")), *((key, link.customer.name) for key, link in self.links.items())]
        choice = self.fields["level"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = levels
        self._read_address()

    def _read_address(self) -> None:
        """Fill in what the address names, and what is said there already. The rest is asked anew."""
        code, level = self.request.GET.get("permission", ""), self.request.GET.get("level", "")
        self.initial.update(permission=code, level=level)
        left_out = False
        if code and code not in PORTAL_PERMISSIONS:
            left_out = True
            leave_out(self.request, _("“%s” is not a permission. Choose one below.") % shortened(code))
            self._ask_anew("permission", "")
        if level and not self.names_level(level):
            left_out = True
            self.leave_out_level()
        if left_out:
            self.initial["effect"] = ""
        elif code:
            self._fill_in(PermissionOverride.objects.filter(permission=code, **self.place_of(level)).first())

    def names_level(self, level: str) -> bool:
        """Return whether an address may name this level."""
        return level in self.links

    def leave_out_level(self) -> None:
        """Say that the link is gone, and ask for whom it is meant."""
        leave_out(self.request, f"{_link_is_gone()} {_('Choose below which customers this is for.')}")
        self._ask_anew("level", UNDECIDED)

    def place_of(self, level: str) -> dict[str, int | str | None]:
        """The condition that finds the overrides of a level."""
        return {"link": level} if level else {"portal_user": self.object_id}

    def _ask_anew(self, name: str, empty: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        # The stubs allow for a function here, which Django never hands out.
        field.choices = [(empty, _("Please choose")), *field.choices]  # type: ignore[misc]
        self.initial[name] = empty

    def _fill_in(self, row: PermissionOverride | None) -> None:
        if row is not None:
            reason = row.reason if whose_why_is_told([row], self.reader) else ""
            self.initial.update(effect=row.effect, reason=reason, ends_at=row.ends_at)

    def _reason(self, said: dict[str, Any]) -> str:
        """What was typed. A reason that was not shown, and so could not be typed again, stays while the effect does."""
        before = PermissionOverride.objects.filter(
            permission=said["permission"], effect=said["effect"], **self.place_of(said.get("level", ""))
        ).first()
        if said["reason"] or before is None or whose_why_is_told([before], self.reader):
            return str(said["reason"])
        return before.reason

    def clean_level(self) -> str:
        level: str = self.cleaned_data["level"]
        if level == UNDECIDED:
            raise forms.ValidationError(_("Choose which customers this is for."))
        return level

    @property
    def target(self) -> PortalUser | CustomerLink:
        """The person, or the link that was chosen."""
        return self.links.get(self.cleaned_data["level"]) or self.obj

    def forecast(self) -> Forecast | None:
        code, effect = self.chosen("permission"), self.chosen("effect")
        if code not in PORTAL_PERMISSIONS or not effect:
            return None
        allows = None if effect == INHERIT else effect == PermissionOverride.Effect.ALLOW
        level = str(self.chosen("level") or "")
        if level == UNDECIDED:
            return None
        link = self.links.get(level)
        change = override_on_link(link.pk, code, allows) if link else override_on_person(code, allows)
        return foresee([self.obj], change, self.reader)

    def save(self, by: By) -> PermissionOverride | None:
        """Sets what was asked for."""
        said = self.cleaned_data
        effect = None if said["effect"] == INHERIT else said["effect"]
        return set_override(
            self.target, said["permission"], effect, by=by, reason=self._reason(said), ends_at=said["ends_at"]
        )


class SetLinkPermissionForm(SetPermissionForm):
    """The same on the page of one link: there is nothing to choose about for whom it counts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["level"]

    def names_level(self, level: str) -> bool:
        return level == str(self.object_id)

    def leave_out_level(self) -> None:
        leave_out(self.request, f"{_link_is_gone()} {_('What you choose here applies to the link on this page.')}")

    def place_of(self, level: str) -> dict[str, int | str | None]:
        return {"link": self.object_id}

    @property
    def target(self) -> CustomerLink:
        """The link itself."""
        link: CustomerLink = self.obj
        return link

    def forecast(self) -> Forecast | None:
        code, effect = self.chosen("permission"), self.chosen("effect")
        if code not in PORTAL_PERMISSIONS or not effect:
            return None
        allows = None if effect == INHERIT else effect == PermissionOverride.Effect.ALLOW
        return foresee([self.obj.portal_user], override_on_link(self.obj.pk, code, allows), self.reader)


def visible_templates_for(user: Anyone) -> TemplateQuerySet:
    """The job templates this member of staff may see. Of archived ones too it is decided who sees their jobs."""
    return JobTemplate.objects.visible_to(user)


def template_label(template: JobTemplate) -> str:
    """A template in a choice that offers archived ones too."""
    return _("%s (archived)") % template if template.archived_at is not None else str(template)
