"""The sheet of effective rights, two people side by side, at any moment; and "why?", both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Customer, CustomerLink, PortalUser
from accounts.models.people import Anyone
from business.catalogue import PORTAL_PERMISSIONS, portal_permission_choices
from console.addresses import MomentInAddressField
from console.kit import MomentInput, console_page, pick_one
from console.reader import StaffReader
from console.shapes import AnyPage
from permissions.as_of import rights_as_of
from permissions.effective import CustomerDecision, PermissionRow, TemplateRow, effective_rights_of, rights_shown
from permissions.explain import RuleCondition, explain, find_by_number, who_may
from permissions.hooks import STANDINGS
from permissions.resolver import DecidedBy, Decision, Rights, rights_of
from templates_app.models import JobTemplate


@dataclass(frozen=True)
class ShownDecision:
    """One answer of the sheet: for a customer, or for all of them (no name)."""

    column: str
    decision: Decision
    reset_url: str
    set_url: str

    @property
    def style(self) -> str:
        """How it looks: what is said here stands out from what is inherited."""
        yes = "yes" if self.decision else "no"
        return f"is-{yes} is-own" if self.reset_url or self.is_override else f"is-{yes}"

    @property
    def is_override(self) -> bool:
        """Does it come from an override?"""
        return self.decision.decided_by in (DecidedBy.LINK_OVERRIDE, DecidedBy.USER_OVERRIDE)

    @property
    def level(self) -> str:
        """The level it comes from, in words."""
        return str(LEVELS[self.decision.decided_by])


LEVELS = {
    DecidedBy.PORTAL: gettext_lazy("the portal is off"),
    DecidedBy.PERSON: gettext_lazy("not active"),
    DecidedBy.FEATURE: gettext_lazy("the feature is off"),
    DecidedBy.LINK_OVERRIDE: gettext_lazy("override on the link"),
    DecidedBy.USER_OVERRIDE: gettext_lazy("override on the person"),
    DecidedBy.DEFAULT: gettext_lazy("default"),
    DecidedBy.CUSTOMER: gettext_lazy("not linked"),
    DecidedBy.TEMPLATE: gettext_lazy("not her template"),
    DecidedBy.ARCHIVED_CUSTOMER: gettext_lazy("the customer is archived"),
    DecidedBy.ARCHIVED_TEMPLATE: gettext_lazy("the template is archived"),
}


@dataclass(frozen=True)
class Line:
    """One permission of the sheet as the page shows it."""

    row: PermissionRow
    answers: tuple[ShownDecision, ...]


@dataclass(frozen=True)
class RightsPage:
    """A person's sheet, narrowed to what the reader may see."""

    person: PortalUser
    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    templates: tuple[TemplateRow, ...]
    at: datetime | None


def rights_page_of(person: PortalUser, reader: StaffReader, at: datetime | None = None) -> RightsPage:
    """The sheet of a portal user, of now or of a past moment, with the customers and templates this reader may see."""
    rights = rights_of(person) if at is None else rights_as_of(person, at)
    sheet = effective_rights_of(person, reader, rights)
    user = reader.user
    may_change = (
        at is None
        and user.has_perm("permissions.change_permissionoverride")
        and user.has_perm("accounts.change_portaluser", person)
    )
    groups = tuple(
        (heading, tuple(_line(row, person, rights, may_change) for row in rows)) for heading, rows in sheet.groups()
    )
    customers = Customer.objects.filter(pk__in=sheet.rights.links)
    columns = sorted(customers.values_list("name", flat=True), key=str.lower)
    return RightsPage(person, (_("All customers"), *columns), groups, tuple(sheet.templates), at)


def _line(row: PermissionRow, person: PortalUser, rights: Rights, may_change: bool) -> Line:
    code = row.permission.code
    answers = [_shown("", row.decision, person, code, "", code in rights.user_overrides and may_change, may_change)]
    for cell in row.cells:
        own = code in rights.link_overrides.get(cell.link_id, {})
        answers.append(_cell(cell, person, code, own and may_change, may_change))
    return Line(row, tuple(answers))


def _cell(cell: CustomerDecision, person: PortalUser, code: str, own: bool, may_change: bool) -> ShownDecision:
    return _shown(cell.customer_name, cell.decision, person, code, str(cell.link_id), own, may_change)


def _shown(
    column: str, decision: Decision, person: PortalUser, code: str, level: str, own: bool, may_change: bool
) -> ShownDecision:
    query = f"?permission={code}&level={level}"
    reset = reverse("admin:accounts_portaluser_reset_override", args=[person.pk]) + query if own else ""
    change = reverse("admin:accounts_portaluser_set_permission", args=[person.pk]) + query if may_change else ""
    return ShownDecision(column, decision, reset, change)


class SheetForm(forms.Form):
    """Another moment, another person beside her."""

    at = MomentInAddressField(label=gettext_lazy("As of"), required=False, widget=MomentInput)
    other = forms.ModelChoiceField(
        label=gettext_lazy("Compare with"), queryset=PortalUser.objects.none(), required=False
    )

    def __init__(self, data: QueryDict | None, *, user: Anyone) -> None:
        super().__init__(data)
        people = PortalUser.objects.visible_to(user).select_related("user")
        pick_one(self.fields["other"], CustomerLink._meta.get_field("portal_user"), people)

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > timezone.now():
            raise forms.ValidationError(_("That moment has not come yet."))
        return at


def sheet_page(model_admin: AnyPage, request: HttpRequest, object_id: str) -> HttpResponse:
    """The sheet as a page: to compare, to print, as of a past moment."""
    person = model_admin.record(request, object_id)
    if person is None:
        raise Http404
    if not request.user.has_perm("permissions.view_permissionoverride"):
        raise PermissionDenied
    form = SheetForm(request.GET or None, user=request.user)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    at, other = said.get("at"), said.get("other")
    reader = StaffReader(request.user)
    people = [person, *([other] if other and other.pk != person.pk else [])]
    context = {
        **admin.site.each_context(request),
        "title": _("Effective rights of %s") % person,
        "opts": model_admin.opts,
        "original": person,
        "form": form,
        "at": at,
        "sheets": [rights_page_of(one, reader, at) for one in people],
        "differences": _differences(people, at, reader) if len(people) > 1 else [],
        "link_why": reverse("admin:why") + f"?person={person.pk}",
    }
    return TemplateResponse(request, "permissions/rights.html", context)


def _differences(people: list[PortalUser], at: datetime | None, reader: StaffReader) -> list[tuple[str, str, str]]:
    """What one may somewhere and the other nowhere: (permission or template, for the first, for the second)."""
    rights = [rights_shown(rights_of(one) if at is None else rights_as_of(one, at), reader) for one in people]
    found = []
    for code, permission in PORTAL_PERMISSIONS.items():
        here, there = (bool(one.customers_allowing(code)) for one in rights)
        if here != there:
            found.append((str(permission.label), _yes(here), _yes(there)))
    touched = rights[0].template_ids ^ rights[1].template_ids
    if touched:
        templates = reader.rows(JobTemplate.objects.filter(pk__in=touched))
        names = templates.values_list("pk", "name")
        found += [(name, _yes(pk in rights[0].template_ids), _yes(pk in rights[1].template_ids)) for pk, name in names]
    return found


def _yes(answer: bool) -> str:
    return _("yes") if answer else _("no")


class WhyForm(forms.Form):
    """A person, what she would do, and to what; or only a job."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Portal user"), queryset=PortalUser.objects.none(), required=False
    )
    permission = forms.ChoiceField(
        label=gettext_lazy("May this person"),
        choices=portal_permission_choices,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    job = forms.CharField(
        label=gettext_lazy("Number of a job or an invoice"),
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
    )
    customer = forms.ModelChoiceField(label=gettext_lazy("Customer"), queryset=Customer.objects.none(), required=False)

    def __init__(self, data: QueryDict | None, *, user: Anyone) -> None:
        super().__init__(data)
        self.user = user
        people = PortalUser.objects.visible_to(user).select_related("user")
        pick_one(self.fields["person"], CustomerLink._meta.get_field("portal_user"), people)
        pick_one(self.fields["customer"], CustomerLink._meta.get_field("customer"), Customer.objects.visible_to(user))

    def clean_job(self) -> Model | None:
        number = self.cleaned_data["job"].strip()
        if not number:
            return None
        job = find_by_number(number, self.user)
        if job is None:
            raise forms.ValidationError(_("There is no job and no invoice with this number that you may see."))
        return job

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not said.get("person") and not said.get("job"):
            raise forms.ValidationError(_("Choose a portal user, or a job to see everybody who can see it."))
        return said


@console_page("why/", name="why", permission="accounts.view_portaluser")
def why(request: HttpRequest) -> HttpResponse:
    """May this person, and why; from a job alone: everybody who can see it, and who can change it."""
    form = WhyForm(request.GET or None, user=request.user)
    context: dict[str, object] = {**admin.site.each_context(request), "title": _("Why?"), "form": form}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        reader = StaffReader(request.user)
        record = said["job"] or said["customer"]
        context["record"] = record
        standing = STANDINGS.get(type(record))
        context["standing"] = standing(record, reader) if standing else []
        if said["person"]:
            context |= _explained(said["person"], said["permission"] or _asked_about(record)[0], record, reader)
        else:
            context["crowds"] = [
                (PORTAL_PERMISSIONS[code].label, who_may(code, record, reader)) for code in _asked_about(record)
            ]
    return TemplateResponse(request, "permissions/why.html", context)


def _asked_about(record: Model | None) -> tuple[str, ...]:
    """The permissions that people mean when they name such a record and none."""
    return getattr(record, "asked_about", ("view_jobs", "edit_jobs", "cancel_jobs"))


def _explained(person: PortalUser, code: str, record: Model | None, reader: StaffReader) -> dict[str, object]:
    explanation = explain(person, code, record, reader)
    return {
        "person": person,
        "permission": PORTAL_PERMISSIONS[code],
        "explanation": explanation,
        "steps": [(step, _link_to(step), step is explanation.deciding) for step in explanation.steps],
    }


def _link_to(step: RuleCondition) -> str:
    if step.target is None:
        return ""
    label, pk = step.target
    try:
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[pk])
    except NoReverseMatch:
        return ""
