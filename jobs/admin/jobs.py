"""The job list, the job page and its buttons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import Customer
from audit.headers import file_header, file_name, header
from audit.private_hooks import become
from business.models import PortalSettings
from console.kit import (
    ChoiceFilter,
    ChoicesFilter,
    ConsoleModelAdmin,
    DayRangeFilter,
    ScopedFilter,
    ScopedMultipleFilter,
    is_key,
    shown_to,
)
from console.shapes import AnyRows, Context, Fieldsets
from jobs import services
from jobs.admin.addresses import AddressCheck
from jobs.admin.buttons import JobButtons, ManyJobs, about
from jobs.admin.filters import WhenFilter
from jobs.admin.forms import CustomerChoice, CustomerUse, Fieldset, JobAdminForm, NewJobForm, job_form
from jobs.admin.panels import job_context
from jobs.choices import JOB_STATUS_COLOURS
from jobs.link_in_text import PLACEHOLDER, names_link, read_with
from jobs.models import ChangeRequest, Job, JobEvent, JobFile, PortalLink
from jobs.pdf import job_sheet
from jobs.querysets import JobQuerySet
from jobs.wording import day_and_hour
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.forms import has_form_field
from templates_app.models import JobTemplate

if TYPE_CHECKING:
    from console.shapes import FieldOptions


@admin.register(Job)
class JobAdmin(AddressCheck, JobButtons, ManyJobs, ConsoleModelAdmin[Job]):
    """Everything that is done to jobs by hand goes through ``jobs.services``."""

    change_form_template = "jobs/admin/change_form.html"
    change_form_outer_before_template = "jobs/admin/summary.html"
    change_form_outer_after_template = "jobs/admin/aside.html"
    list_display = ("head", "state", "service_name", "customer", "start", "worker_name", "place")
    list_display_links = ("head",)
    list_select_related = ("customer", "template", "worker")
    list_filter = (
        WhenFilter,
        ("status", ChoicesFilter),
        ("template", ScopedMultipleFilter),
        ("worker", ScopedFilter),
        ("planned_start", DayRangeFilter),
        ("source", ChoiceFilter),
    )
    # The box; what it finds is JobQuerySet.matching, which needs no join.
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number, external ID, customer, address, contact or asset ID")
    sortable_by = ("head", "start")
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    empty_state = gettext_lazy("No jobs here. Make one, import a file, or reset the filters.")
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})}}
    actions = ("schedule_many", "assign_many")
    export_known_by = gettext_lazy("Number")
    export_stays = gettext_lazy(
        "No file changes the template, customer, planned start, window, status or worker of a job that is there: that"
        " is done on the job's page."
    )
    export_columns = (
        ("number", gettext_lazy("Number")),
        ("external_id", gettext_lazy("External ID")),
        ("template__name", gettext_lazy("Template")),
        ("customer__name", gettext_lazy("Customer")),
        ("status", gettext_lazy("Status")),
        ("planned_start", gettext_lazy("Planned start")),
        ("window_end", gettext_lazy("End of the window")),
        ("requested_start", gettext_lazy("Asked for")),
        ("duration_minutes", gettext_lazy("Planned duration")),
        ("worker__name", gettext_lazy("Worker")),
        ("address", gettext_lazy("Address")),
        ("contact_name", gettext_lazy("Contact")),
        ("contact_email", gettext_lazy("Contact's e-mail")),
        ("contact_phone", gettext_lazy("Contact's mobile")),
        ("asset_id", gettext_lazy("Asset ID")),
        ("amount", gettext_lazy("Amount")),
        ("currency", gettext_lazy("Currency")),
        ("prices_include_tax", gettext_lazy("Prices include tax")),
        ("created_at", gettext_lazy("Made")),
        ("completed_at", gettext_lazy("Completed")),
    )

    class Media:
        js = ("templates_app/conditional_fields.js", "jobs/new_job.js")
        # Also for whoever may only look, and has no form that brings it along.
        css = {"all": ("templates_app/price_lines.css",)}

    actions_detail = (
        "check_address",
        "schedule",
        "start_now",
        "pause",
        "resume",
        "complete",
        "undo_cancellation",
        {
            "title": gettext_lazy("More"),
            "icon": "more_horiz",
            "items": ["assign", "complete_step", "add_file", "remove_file", "postpone", "unschedule", "cancel"],
        },
    )

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("customer", "template", "worker", "blueprint")

    def get_search_results(self, request: HttpRequest, queryset: AnyRows, search_term: str) -> tuple[JobQuerySet, bool]:
        assert isinstance(queryset, JobQuerySet)
        return queryset.matching(search_term), False

    @display(description=gettext_lazy("Job"), ordering="id", header=True)
    def head(self, job: Job) -> list[str]:
        return [job.number, job.external_id or ""]

    @display(description=gettext_lazy("Status"), label=JOB_STATUS_COLOURS)
    def state(self, job: Job) -> tuple[str, str]:
        return job.status, job.get_status_display()

    @display(description=gettext_lazy("Service"))
    def service_name(self, job: Job) -> str:
        return job.service

    @display(description=gettext_lazy("Start"), ordering="planned_start", header=True)
    def start(self, job: Job) -> list[str]:
        if job.planned_start:
            late = _("overdue") if job.is_overdue else ""
            return [day_and_hour(job.planned_start, job.window_end), late]
        if job.requested_start:
            return [_("not planned"), _("asked for %s") % day_and_hour(job.requested_start)]
        return ["–", ""]

    @display(description=gettext_lazy("Worker"))
    def worker_name(self, job: Job) -> str:
        return str(job.worker) if job.worker else "–"

    @display(description=gettext_lazy("Address"), header=True)
    def place(self, job: Job) -> list[str]:
        return [job.address or "–", _("address to check") if job.address_to_check and job.is_open else ""]

    # --- the form

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("customer",)

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> tuple[str, ...]:
        # Whoever may only look gets no form fields, so the template's values are told instead.
        return ("recorded_values", "shown_notes") if obj and not self.has_change_permission(request, obj) else ()

    @display(description=gettext_lazy("Notes"))
    def shown_notes(self, job: Job) -> str:
        return read_with(job.notes, getattr(job, "link_address", "")) or "–"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Job | None:
        """The job, with the address its notes name as far as this person may read it."""
        job: Job | None = super().get_object(request, object_id, from_field)
        if job is not None and names_link(job.notes):
            job.link_address = services.link_address_for(request.user, job)
        return job

    @display(description=gettext_lazy("Fields"))
    def recorded_values(self, job: Job) -> str:
        told = [f"{one.label}: {one.value}" for one in job.fields() if one.value not in (None, "")]
        return "; ".join(told) or "–"

    def get_fieldsets(self, request: HttpRequest, obj: Job | None = None) -> Fieldsets:
        may_schedule = request.user.has_perm("jobs.schedule_job")
        whom: list[str | list[str] | tuple[str, ...]] = ["customer"]
        if obj is None:
            whom = ["customer_use", "customer", "new_customer"]
        facts: list[str | list[str] | tuple[str, ...]] = ["requested_start"]
        if obj is None and may_schedule:
            facts += [("planned_start", "window_end"), "worker"]
        notes = "shown_notes" if obj and not self.has_change_permission(request, obj) else "notes"
        facts += ["duration_minutes", notes, ("asset_id", "external_id")]
        where: list[str | list[str] | tuple[str, ...]] = [
            "contact_name",
            ("contact_email", "contact_phone"),
            "location",
            "address",
        ]
        fieldsets: list[Fieldset] = [
            (_("Job"), {"classes": ("tab",), "fields": [*whom, *facts] if obj else facts}),
            (_("Where and who"), {"classes": ("tab",), "fields": where if obj else [*whom, *where]}),
            (_("Price"), self._price_fieldset(request, obj)),
        ]
        if obj is None:
            # Whom it is for comes first: it decides what else is known.
            fieldsets[:2] = fieldsets[1::-1]
        if obj and not self.has_change_permission(request, obj):
            return [*fieldsets, (_("Fields"), {"classes": ("tab",), "fields": ["recorded_values"]})]
        return fieldsets + _sections(self._definitions(request, obj))

    def _price_fieldset(self, request: HttpRequest, obj: Job | None) -> FieldOptions:
        """Lines, and an amount beside them only where it stands alone: one price, said once."""
        tab = ("tab",)
        if obj is not None and not self.has_change_permission(request, obj):
            # Who may only look reads them beside the form.
            return {"classes": tab, "fields": ["amount", "prices_include_tax"]}
        template = self._chosen_template(request) if obj is None else None
        lines = obj.price_lines if obj is not None else template.price_lines if template else []
        if lines:
            return {"classes": tab, "fields": ["price_lines", "prices_include_tax"]}
        return {
            "classes": tab,
            "fields": ["amount", "price_lines", "prices_include_tax"],
            "description": _("One amount for the whole job, or lines: with lines, their total is the amount."),
        }

    def _definitions(self, request: HttpRequest, obj: Job | None) -> Sequence[FieldDefinition]:
        """The template's fields, as frozen for a job, as they stand for a new one; fetched once per request."""
        kept: Sequence[FieldDefinition] | None = request.__dict__.get("_job_definitions")
        if kept is None:
            if obj is not None:
                kept = obj.field_definitions()
            else:
                template = self._chosen_template(request)
                kept = template.field_definitions() if template else ()
            request.__dict__["_job_definitions"] = kept
        return kept

    def get_form(
        self, request: HttpRequest, obj: Job | None = None, change: bool = False, **kwargs: Any
    ) -> type[JobAdminForm]:
        base = JobAdminForm if change else NewJobForm
        customer = None if change else self._chosen_customer(request)
        definitions = self._definitions(request, obj)
        template = None if change else self._chosen_template(request)
        currency, include_tax = (template.currency, template.prices_include_tax) if template else ("", False)
        kwargs["form"] = job_form(
            base, definitions, user=request.user, customer=customer, currency=currency, include_tax=include_tax
        )
        form: type[JobAdminForm] = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and "notes" in form.base_fields and names_link(obj.notes):
            form.base_fields["notes"].help_text = _placeholder_in_words(getattr(obj, "link_address", ""))
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> Context:
        template, customer = self._chosen_template(request), self._chosen_customer(request)
        initial: dict[str, object] = {"customer": customer.pk if customer else None}
        if name := request.GET.get("new_customer", "").strip()[:160]:
            initial |= {"new_customer": name} | ({} if customer else {"customer_use": CustomerUse.CREATE})
        if template:
            initial |= {"duration_minutes": template.duration_minutes, "price_lines": template.price_lines}
            initial |= {"worker": template.worker_id, "prices_include_tax": template.prices_include_tax}
        if customer:
            site = next((contact for contact in customer.contacts.all() if contact.is_site_contact), None)
            if site:
                initial |= {"contact_name": site.name, "contact_email": site.email, "contact_phone": site.phone}
            places = list(customer.locations.all()[:2])
            if len(places) == 1:
                initial["location"] = places[0].pk
        return initial

    def save_model(self, request: HttpRequest, obj: Job, form: JobAdminForm, change: bool) -> None:
        facts = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        facts = {name: value for name, value in facts.items() if not name.startswith("value_")}
        if change:
            given = {key: value for key, value in form.values.items() if f"value_{key}" in form.changed_data}
            if "location" in facts and facts["location"] and "address" not in facts:
                place = facts["location"]
                facts |= {"address": place.address, "latitude": place.latitude, "longitude": place.longitude}
            saved = services.update_job(obj, facts | ({"values": given} if given else {}), by=request.user)
        else:
            saved = self._make(request, form)
        become(obj, saved)

    def _make(self, request: HttpRequest, form: JobAdminForm) -> Job:
        data = {name: value for name, value in form.cleaned_data.items() if not name.startswith("value_")}
        use, customer, new_name = data.pop("customer_use"), data.pop("customer"), data.pop("new_customer")
        facts = data | {"template": self._chosen_template(request), "values": form.values}
        if use == CustomerUse.CREATE:
            job = services.create_job_for(new_name, facts, by=request.user)
            messages.info(request, _("%s is a new customer now.") % job.customer)
            return job
        update = use == CustomerUse.UPDATE
        job = services.create_job_for(customer, facts, by=request.user, update=update)
        if update:
            messages.info(request, _("The site contact of %s is what this job says.") % job.customer)
        return job

    def get_deleted_objects(
        self, objs: Collection[Job], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with a job, in numbers. Who may delete it may delete what is part of it."""
        counted = {
            str(JobEvent._meta.verbose_name_plural): JobEvent.objects.filter(job__in=objs).count(),
            str(PortalLink._meta.verbose_name_plural): PortalLink.objects.filter(job__in=objs).count(),
            str(JobFile._meta.verbose_name_plural): JobFile.objects.filter(job__in=objs).count(),
            str(ChangeRequest._meta.verbose_name_plural): ChangeRequest.objects.filter(job__in=objs).count(),
        }
        return [about(request, job) for job in objs], {name: n for name, n in counted.items() if n}, set(), []

    def delete_model(self, request: HttpRequest, obj: Job) -> None:
        services.delete_job(obj, by=request.user)

    # --- making one: first the template, then its fields

    def _chosen_template(self, request: HttpRequest) -> JobTemplate | None:
        if "_chosen_template" not in request.__dict__:
            offered = JobTemplate.objects.current().visible_to(request.user).within_reach(request.user)
            slug = request.GET.get("template", "")
            request.__dict__["_chosen_template"] = offered.filter(slug=slug).first() if slug else None
        chosen: JobTemplate | None = request.__dict__["_chosen_template"]
        return chosen

    def _chosen_customer(self, request: HttpRequest) -> Customer | None:
        if "_chosen_customer" not in request.__dict__:
            key = request.GET.get("customer", "")
            rows = shown_to(Customer.objects.current(), request.user)
            request.__dict__["_chosen_customer"] = rows.filter(pk=key).first() if is_key(key) else None
        chosen: Customer | None = request.__dict__["_chosen_customer"]
        return chosen

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        template = self._chosen_template(request)
        free_hand = request.user.is_superuser or not PortalSettings.load().mandatory_templates
        if template is None and not (free_hand and request.GET.get("template") == "none"):
            return self._pick_template(request, free_hand)
        title = _("New job: %s") % (template or _("without a template"))
        return super().add_view(request, form_url, {"title": title, "template": template, **(extra_context or {})})

    def _pick_template(self, request: HttpRequest, free_hand: bool) -> HttpResponse:
        customer = self._chosen_customer(request)
        choice = CustomerChoice(
            initial={
                "customer": customer.pk if customer else None,
                "new_customer": request.GET.get("new_customer", ""),
            },
            user=request.user,
            admin_site=self.admin_site,
        )
        templates = JobTemplate.objects.current().visible_to(request.user).within_reach(request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("New job"),
            "opts": self.opts,
            "templates": templates.order_by("category", "name"),
            "free_hand": free_hand,
            "form": choice,
            "media": self.media + choice.media,
            "chosen_without": request.GET.get("template") == "none",
        }
        return TemplateResponse(request, "jobs/admin/pick_template.html", context)

    # --- the page

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        job = self.record(request, object_id) if object_id else None
        if job is not None:
            extra_context = {**job_context(request, job), "title": job.number, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/sheet/", wrap(self.sheet), name="jobs_job_sheet"),
            path("<int:object_id>/files/<str:reference>/", wrap(self.file), name="jobs_job_file"),
            path("<int:object_id>/live/", wrap(self.live), name="jobs_job_live"),
            *super().get_urls(),
        ]

    def _seen_job(self, request: HttpRequest, object_id: int) -> Job:
        job: Job | None = self.record(request, object_id)
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return job

    def sheet(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The job sheet, as PDF."""
        job = self._seen_job(request, object_id)
        paper = job_sheet(job, for_customer=False, link_address=services.link_address_for(request.user, job))
        response = HttpResponse(paper, content_type="application/pdf")
        response.headers["Content-Disposition"] = file_header(f"{job.number}.pdf", to_keep=False)
        return response

    def file(self, request: HttpRequest, object_id: int, reference: str) -> FileResponse:
        """A file of a job: pictures to look at, the rest to keep. Never believed to be a page."""
        job = self._seen_job(request, object_id)
        found = job.files.filter(reference=reference).first()
        if found is None:
            raise Http404
        response = FileResponse(
            found.content.open("rb"),
            content_type=header(found.kind),
            filename=file_name(found.download_name),
            as_attachment=not found.is_picture,
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    def live(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The cards of a job as they stand now: the page asks for them while it is open."""
        job = self._seen_job(request, object_id)
        return TemplateResponse(request, "jobs/admin/live.html", job_context(request, job))


def _placeholder_in_words(address: str) -> str:
    """What the placeholder in a job's notes means, for the form that shows it."""
    if address:
        return _("%(placeholder)s stands for the address of the portal link: %(address)s") % {
            "placeholder": PLACEHOLDER,
            "address": address,
        }
    return _("%s stands for the address of the portal link. Leave it where it is.") % PLACEHOLDER


def _sections(definitions: Iterable[FieldDefinition]) -> list[Fieldset]:
    """The template's fields as tabs: one for those before the first section header, one for each header."""
    sections: list[tuple[str, list[str]]] = [(_("Fields"), [])]
    for one in definitions:
        if one.kind == FieldKind.HEADER:
            sections.append((one.label, []))
        elif has_form_field(one):
            sections[-1][1].append(f"value_{one.key}")
    return [(title, {"classes": ("tab",), "fields": tuple(names)}) for title, names in sections if names]
