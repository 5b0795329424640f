"""Customers: who orders the work, with contacts, locations, people and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR
from django.db import models
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
)

from accounts import services as accounts_services
from accounts.admin.counting import related_count
from accounts.contact_copies import follow_contacts, may_change_copies, question_about_copies
from accounts.models import Contact, Customer, CustomerLink, Label, Location
from accounts.models.customers import CustomerQuerySet
from accounts.models.people import Anyone
from accounts.own_ids import own_id_of
from console.forecast import answer_of
from console.kit import (
    ChoiceFilter,
    ConsoleModelAdmin,
    ReasonForm,
    ScopedMultipleFilter,
    console_action,
    note_made,
    shown_to,
)
from console.kit.parts import told_when_put_away, with_counts
from console.reader import Reader, StaffReader
from console.shapes import AnyField, AnyForm, AnyFormSet, AnyRows
from permissions import services
from permissions.admin.customers import columns
from permissions.admin.customers.dialogs import EnablePortalForm, InviteContactsForm
from permissions.admin.customers.filters import ArchivedCustomersFilter, DoublesFilter, has_double
from permissions.admin.customers.inlines import ContactInline, LocationInline, PeopleInline
from permissions.admin.kept import require_seen_decisions, tell_what_applies_again, tell_what_is_kept
from permissions.admin.merging import OtherCustomerForm, merge_address
from permissions.models import PermissionOverride
from permissions.services.inviting_many import InvitingOutcome, invite_contacts


class _ListedCustomer(Protocol):
    """A customer with what the list counts for each."""

    archived_at: datetime | None
    has_double: bool

    site_contact_name: str | None
    location_count: int
    people_count: int


@admin.register(Customer)
class CustomerAdmin(ConsoleModelAdmin[Customer]):
    list_display = ("name_and_number", "label_names", "site_contact", "locations_", "people_", "standing")
    list_filter = (
        ("labels", ScopedMultipleFilter),
        ("payment_terms", ChoiceFilter),
        DoublesFilter,
        ArchivedCustomersFilter,
    )
    search_fields = (
        "name_search", "external_id", "contacts__name_search", "contacts__email", "contacts__phone_search",
    )  # fmt: skip
    search_help_text = gettext_lazy("Name, external ID, or a contact's name, e-mail or telephone")
    autocomplete_fields = ("labels",)
    fieldsets = (
        (None, {"fields": (("name", "external_id"), "labels")}),
        (gettext_lazy("Invoices"), {"fields": ("payment_terms",)}),
        (gettext_lazy("Office"), {"fields": ("notes",)}),
    )
    inlines = (ContactInline, LocationInline, PeopleInline)
    export_known_by = gettext_lazy("Portico ID")
    export_stays = gettext_lazy("No file changes the labels of a customer that is there.")
    export_columns = (
        ("external_id", gettext_lazy("External ID")),
        ("name", gettext_lazy("Name")),
        (columns.site_contact, gettext_lazy("Site contact")),
        (columns.site_email, gettext_lazy("Site contact's e-mail")),
        (columns.site_phone, gettext_lazy("Site contact's telephone")),
        (columns.street, gettext_lazy("Street and number")),
        (columns.postcode, gettext_lazy("Postcode")),
        (columns.town, gettext_lazy("Town")),
        (columns.billing_contact, gettext_lazy("Billing contact")),
        (columns.billing_email, gettext_lazy("Billing contact's e-mail")),
        (columns.billing_phone, gettext_lazy("Billing contact's telephone")),
        ("payment_terms", gettext_lazy("Payment terms")),
        (columns.labels, gettext_lazy("Labels")),
        ("notes", gettext_lazy("Notes")),
        ("created_at", gettext_lazy("Created")),
        ("archived_at", gettext_lazy("Archived")),
        (own_id_of, gettext_lazy("Portico ID")),
    )
    export_prefetch = ("contacts", "locations", "labels")
    actions_detail = (
        "enable_portal",
        {"title": gettext_lazy("More"), "items": ("invite_contacts", "merge", "archive", "restore")},
    )
    empty_state = gettext_lazy("No customer fits. Add one, or import them from a file.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Customer]:
        rows = super().get_queryset(request)
        page = request.resolver_match.view_name if request.resolver_match else ""
        if page.endswith("_changelist"):
            return self._with_columns(rows, request.user).prefetch_related(Prefetch("labels", Label.objects.all()))
        # A file has columns of its own, and is sorted as its list is: the worker's too, who reads no page.
        sorts = ORDER_VAR in request.GET and (page.endswith("_export") or not page)
        return self._with_columns(rows, request.user) if sorts else rows

    def _with_columns(self, rows: models.QuerySet[Customer], user: Anyone) -> models.QuerySet[Customer]:
        """The rows with what the list counts for each."""
        site = Contact.objects.filter(customer=OuterRef("pk"), is_site_contact=True)
        counts: models.QuerySet[Customer] = with_counts(rows, user).annotate(
            location_count=related_count(shown_to(Location.objects.all(), user), "customer"),
            people_count=related_count(shown_to(CustomerLink.objects.all(), user), "customer"),
            site_contact_name=Subquery(site.values("name")[:1]),
            has_double=has_double(user),
        )
        return counts

    def get_search_results(self, request: HttpRequest, queryset: AnyRows, search_term: str) -> tuple[AnyRows, bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        if request.path.endswith("/autocomplete/"):
            assert isinstance(found, CustomerQuerySet)
            found = found.current()
        return found, distinct

    def formfield_for_dbfield(self, db_field: AnyField, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "notes":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def history_parts(self, obj: Customer) -> dict[type[models.Model], models.Q]:
        """Contacts, locations, and who is linked with which overrides."""
        here = models.Q(customer_id=obj.pk)
        return {Contact: here, Location: here, CustomerLink: here, PermissionOverride: models.Q(customer_ref=obj.pk)}

    # --- columns

    @display(description=gettext_lazy("customer"), ordering="name", header=True)
    def name_and_number(self, customer: Customer) -> list[str]:
        return [customer.name, customer.external_id or ""]

    @display(description=gettext_lazy("labels"))
    def label_names(self, customer: Customer) -> str:
        return ", ".join(label.name for label in customer.labels.all())

    @display(description=gettext_lazy("site contact"), ordering="site_contact_name")
    def site_contact(self, customer: _ListedCustomer) -> str:
        return customer.site_contact_name or ""

    @display(description=gettext_lazy("locations"), ordering="location_count")
    def locations_(self, customer: _ListedCustomer) -> int:
        return customer.location_count

    @display(description=gettext_lazy("people"), ordering="people_count")
    def people_(self, customer: _ListedCustomer) -> int:
        return customer.people_count

    @display(description=gettext_lazy("state"), label={"archived": "warning", "double": "info"})
    def standing(self, customer: _ListedCustomer) -> tuple[str, str] | str:
        if customer.archived_at:
            return "archived", _("Archived")
        return ("double", _("Looks like a double: merge")) if customer.has_double else ""

    # --- saving

    def save_model(self, request: HttpRequest, obj: Customer, form: AnyForm, change: bool) -> None:
        accounts_services.save_customer(obj, by=request.user, labels=form.cleaned_data.get("labels"))
        if "name" in form.changed_data and Customer.objects.filter(has_double(request.user), pk=obj.pk).exists():
            sentence = _("Another customer is called “%s”, too. If it is the same, merge the two.")
            messages.warning(request, sentence % obj.name)

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        rows, deleted = formset.save(commit=False), formset.deleted_objects
        if formset.model is Contact:
            self._save_contacts(request, form.instance, rows, deleted)
        elif formset.model is Location:
            for place in deleted:
                accounts_services.delete_location(place, by=request.user)
            for place in rows:
                accounts_services.save_location(place, by=request.user)
        elif formset.model is CustomerLink:
            self._save_links(request, form.instance, rows, deleted)

    def _save_contacts(
        self, request: HttpRequest, customer: Customer, rows: Sequence[Contact], deleted: Sequence[Contact]
    ) -> None:
        """Asks, before it is all saved, whether jobs that name a contact as it was follow."""
        by = request.user
        changes = {customer.pk: accounts_services.change_contacts(customer, saved=rows, deleted=deleted, by=by)}
        if not may_change_copies(by) or not (question := question_about_copies(changes, by=by)):
            return
        if answer_of(request, question):
            count = follow_contacts(changes, by=by)
            said = ngettext(
                "%d open job names the contact as it is now.", "%d open jobs name the contact as it is now.", count
            )
            messages.info(request, said % count)

    def _save_links(
        self, request: HttpRequest, customer: Customer, rows: Sequence[CustomerLink], deleted: Sequence[CustomerLink]
    ) -> None:
        people = [link.portal_user for link in rows if link.pk is None]
        require_seen_decisions(request, [(person, customer) for person in people], deleted)
        for link in deleted:
            services.unlink_customer(link, by=request.user)
        made = [services.link_customer(person, customer, by=request.user) for person in people]
        tell_what_is_kept(request, deleted)
        tell_what_applies_again(request, made)

    def delete_model(self, request: HttpRequest, obj: Customer) -> None:
        accounts_services.delete_customer(obj, by=request.user)

    # --- buttons

    @console_action(
        permission="accounts.merge_customer",
        description=gettext_lazy("Merge with another"),
        text=gettext_lazy("Two records of the same customer become one. First say which other record it is."),
        submit=gettext_lazy("Show both"),
        form_class=OtherCustomerForm,
        icon="merge",
    )
    def merge(self, request: HttpRequest, obj: Customer, form: OtherCustomerForm) -> HttpResponseRedirect:
        return HttpResponseRedirect(merge_address(obj, form.cleaned_data["other"]))

    @console_action(
        permission="change",
        description=gettext_lazy("Archive"),
        text=lambda request, obj: (
            _("It leaves the lists and the choices.") + " " + _customer_numbers(obj, StaffReader(request.user))
        ),
        form_class=ReasonForm,
        possible=lambda customer: customer.archived_at is None,
        icon="archive",
    )
    def archive(self, request: HttpRequest, obj: Customer, form: ReasonForm) -> str:
        accounts_services.archive_customer(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is archived.") % obj

    @console_action(
        permission="change",
        description=gettext_lazy("Bring back"),
        text=lambda request, obj: (
            _("It appears in lists and choices again.") + " " + _customer_numbers(obj, StaffReader(request.user))
        ),
        form_class=ReasonForm,
        possible=lambda customer: customer.archived_at is not None,
        icon="unarchive",
    )
    def restore(self, request: HttpRequest, obj: Customer, form: ReasonForm) -> str:
        accounts_services.restore_customer(obj, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is back.") % obj

    @console_action(
        permission="accounts.add_customerlink",
        description=gettext_lazy("Enable portal"),
        text=gettext_lazy(
            "Makes or finds the portal user with this address, links this person to the customer, and sends a mail "
            "to create a password. An address that is in use already is linked; you are told to whom it belongs."
        ),
        submit=gettext_lazy("Enable and send"),
        form_class=EnablePortalForm,
        possible=lambda customer: customer.archived_at is None,
        icon="door_open",
        variant=ActionVariant.PRIMARY,
    )
    def enable_portal(self, request: HttpRequest, obj: Customer, form: EnablePortalForm) -> str:
        said = form.cleaned_data
        invited = services.enable_portal(obj, email=said["email"], name=said["name"], by=request.user)
        note_made(request, invited.person)
        return invited.sentence

    @console_action(
        permission="accounts.add_customerlink",
        description=gettext_lazy("Invite contacts"),
        text=gettext_lazy("Each ticked contact gets a login for this customer and a mail to create a password."),
        submit=gettext_lazy("Invite"),
        form_class=InviteContactsForm,
        possible=lambda customer: customer.archived_at is None,
        icon="group_add",
    )
    def invite_contacts(self, request: HttpRequest, obj: Customer, form: InviteContactsForm) -> HttpResponse:
        _tell_outcome(request, invite_contacts(list(form.cleaned_data["contacts"]), by=request.user))
        return HttpResponseRedirect(self.change_url(obj))


def _customer_numbers(customer: Customer, reader: Reader) -> str:
    people = reader.rows(customer.links.all()).count()
    keeps = ngettext(
        "%d person keeps the link; to ask for jobs it must not be archived.",
        "%d people keep their links; to ask for jobs it must not be archived.",
        people,
    )
    keeps %= people
    return " ".join([*told_when_put_away(customer, reader), keeps])


# So many of those who were skipped are named.
NAMED = 20


def _tell_outcome(request: HttpRequest, outcome: InvitingOutcome) -> None:
    """How many were invited and linked, and who was skipped, why."""
    if count := len(outcome.invited):
        said = ngettext("%d invitation is on its way.", "%d invitations are on their way.", count)
        messages.success(request, said % count)
    if count := len(outcome.linked):
        said = ngettext("%d person had a login and is linked now.", "%d people had a login and are linked now.", count)
        messages.success(request, said % count)
    if outcome.skipped:
        more = len(outcome.skipped) - NAMED
        lines = [*outcome.skipped[:NAMED], *([_("and %d more") % more] if more > 0 else [])]
        messages.warning(request, _("Skipped: %s") % "; ".join(lines))
