"""The list of job templates, the editor, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from audit.private_hooks import formsets_of
from console.effects import Forecast
from console.forecast import forecast_of, require_seen_effect
from console.kit import ConsoleModelAdmin, DialogForm, LookupFilter, ValuesFilter, YesNoFilter, console_action
from console.kit.parts import told_when_put_away
from console.reader import Reader, StaffReader
from console.shapes import AnyField, AnyForm, AnyFormSet, AnyRows, Words
from templates_app import services
from templates_app.admin.effects import change_of
from templates_app.admin.forms import CopyDialog, FieldInline, StepInline, TemplateForm
from templates_app.admin.preview import preview_as_typed, preview_of
from templates_app.models import JobTemplate, TemplateField, TemplateQuerySet, TemplateStep
from templates_app.versions import versions_of


class ArchivedTemplatesFilter(LookupFilter):
    """Those in use, unless she asks for the others."""

    title = gettext_lazy("state")
    parameter_name = "archived"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Words]]:
        return [("", gettext_lazy("In use")), ("yes", gettext_lazy("Archived")), ("all", gettext_lazy("All"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> TemplateQuerySet:
        assert isinstance(queryset, TemplateQuerySet)
        match self.value():
            case "all":
                return queryset
            case "yes":
                return queryset.filter(archived_at__isnull=False)
        return queryset.current()


@admin.register(JobTemplate)
class JobTemplateAdmin(ConsoleModelAdmin[JobTemplate]):
    """Templates: what is done, what is to be known, and what customers get of both."""

    form = TemplateForm
    inlines = (StepInline, FieldInline)
    list_display = ("name", "category", "duration", "price_", "for_portal", "state")
    list_filter = (
        ArchivedTemplatesFilter,
        ("category", ValuesFilter),
        ("is_portal_default", YesNoFilter),
    )
    search_fields = ("name_search", "category")
    autocomplete_fields = ("labels",)
    empty_state = gettext_lazy("No templates yet. A template is the blueprint of a kind of job: make the first one.")
    change_form_outer_after_template = "templates_app/admin/preview.html"
    actions_detail = ("copy", "archive", "restore")
    fieldsets = (
        (
            gettext_lazy("Template"),
            {"classes": ("tab",), "fields": ("name", "description", ("category", "colour"), "slug")},
        ),
        (
            gettext_lazy("Each job"),
            {
                "classes": ("tab",),
                "description": gettext_lazy("What every job made from it begins with."),
                "fields": (("duration_minutes", "worker"), "labels", "notes"),
            },
        ),
        (gettext_lazy("Price"), {"classes": ("tab",), "fields": ("price_lines", "currency", "prices_include_tax")}),
        (
            gettext_lazy("Portal"),
            {
                "classes": ("tab",),
                "description": gettext_lazy(
                    "Who has this template on the companion site. What customers get of its steps and fields is set "
                    "on each of them; new ones are hidden."
                ),
                "fields": ("is_portal_default",),
            },
        ),
    )

    class Media:
        js = ("templates_app/conditional_fields.js", "templates_app/editor.js")
        css = {"all": ("templates_app/editor.css",)}

    def history_parts(self, obj: JobTemplate) -> dict[type[models.Model], models.Q]:
        """Its steps and fields."""
        here = models.Q(template_id=obj.pk)
        return {TemplateStep: here, TemplateField: here}

    def get_readonly_fields(self, request: HttpRequest, obj: JobTemplate | None = None) -> tuple[str, ...]:
        # Addresses and the API are built on it: it never changes once it is there.
        return ("slug",) if obj else ()

    def formfield_for_dbfield(self, db_field: AnyField, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("notes", "description") and field is not None:
            field.widget.attrs["rows"] = 3
        return field

    # --- the list

    @display(description=gettext_lazy("Planned duration"), ordering="duration_minutes")
    def duration(self, template: JobTemplate) -> str:
        return _("%d min") % template.duration_minutes

    @display(description=gettext_lazy("Price"), ordering="price", header=True)
    def price_(self, template: JobTemplate) -> list[str]:
        if template.price is None:
            return ["–", ""]
        price = number_format(template.price, decimal_pos=2, force_grouping=True)
        return [f"{price} {template.currency}", template.tax_words]

    @display(description=gettext_lazy("Customers"), label={"default": "success", "named": "info"})
    def for_portal(self, template: JobTemplate) -> tuple[str, str]:
        return ("default", _("Everybody's")) if template.is_portal_default else ("named", _("Only if added"))

    @display(description=gettext_lazy("State"), label={"current": "success", "archived": "warning", "double": "info"})
    def state(self, template: JobTemplate) -> tuple[str, str]:
        if template.archived_at:
            return "archived", _("Archived")
        return ("double", _("Looks like a double: rename")) if template.is_double else ("current", _("In use"))

    # --- the page

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        template = self.record(request, object_id) if object_id else None
        shown = {
            **preview_of(template or JobTemplate()),
            "touched": services.touched_by_change(template, None, StaffReader(request.user)) if template else [],
            "preview_url": self._preview_url(template) if self._may_edit(request, template) else "",
        }
        return super().changeform_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _may_edit(self, request: HttpRequest, template: JobTemplate | None) -> bool:
        return self.has_change_permission(request, template) if template else self.has_add_permission(request)

    def _preview_url(self, template: JobTemplate | None) -> str:
        if template is None:
            return reverse("admin:templates_app_jobtemplate_new_preview")
        return reverse("admin:templates_app_jobtemplate_preview", args=[template.pk])

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(self.preview), name="templates_app_jobtemplate_new_preview"),
            path("<int:object_id>/preview/", wrap(self.preview), name="templates_app_jobtemplate_preview"),
            path("<int:object_id>/versions/", wrap(self.versions), name="templates_app_jobtemplate_versions"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """The cards beside the editor for what stands in it: the portal's form, and what saving would do. Saves
        nothing."""
        template = self.record(request, object_id) if object_id else None
        if object_id and template is None:
            raise Http404
        if not self._may_edit(request, template):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = self.get_form(request, template, change=template is not None)(
            request.POST, instance=template or JobTemplate()
        )
        form.is_valid()
        formsets = formsets_of(self, request, form.instance, change=template is not None)
        change = change_of(form, formsets)
        context = preview_as_typed(form.instance, formsets) | {
            "original": template,
            "preview_url": self._preview_url(template),
            "preview_is_typed": True,
            "changes": change.sentences if template else [],
            "touched": services.touched_by_change(template, change, StaffReader(request.user))
            if template and change.reaches_jobs
            else [],
        }
        return TemplateResponse(request, "templates_app/admin/preview_cards.html", context)

    def versions(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The versions of a template that jobs were made from, with what differs from one to the next."""
        template = self.record(request, object_id)
        if template is None:
            raise Http404
        if not self.has_view_permission(request, template):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Versions of %s") % template,
            "opts": self.opts,
            "original": template,
            "versions": versions_of(template, services.use_of_versions(template, StaffReader(request.user))),
            "back": self.change_url(template),
        }
        return TemplateResponse(request, "templates_app/admin/versions.html", context)

    def save_model(self, request: HttpRequest, obj: JobTemplate, form: AnyForm, change: bool) -> None:
        if change and "is_portal_default" in form.changed_data:
            # Before it is saved: afterwards everybody has it, or has lost it.
            request.__dict__["_default_effect"] = forecast_of(obj, StaffReader(request.user))
        services.save_template(obj, by=request.user, labels=form.cleaned_data.get("labels"))

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Sequence[AnyFormSet], change: bool) -> None:
        touched: list[str] = []
        if change:
            forecast = request.__dict__.get("_default_effect") or Forecast()
            what = change_of(form, formsets)
            if what.reaches_jobs:
                touched = services.touched_by_change(form.instance, what, StaffReader(request.user))
            if what.reaches_jobs and services.is_followed(form.instance):
                forecast.consequences = [*touched, *forecast.consequences]
            require_seen_effect(request, forecast)
        super().save_related(request, form, formsets, change)
        if touched:
            messages.info(request, " ".join(touched))

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        rows = formset.save(commit=False)
        if formset.model in (TemplateStep, TemplateField):
            services.change_parts(form.instance, saved=rows, deleted=formset.deleted_objects, by=request.user)

    def why_kept(self, record: JobTemplate, reader: Reader) -> str:
        return services.why_template_kept(record, reader)

    def delete_model(self, request: HttpRequest, obj: JobTemplate) -> None:
        services.delete_template(obj, by=request.user)

    # --- buttons

    @console_action(
        permission="add",
        description=gettext_lazy("Copy"),
        text=gettext_lazy(
            "The copy gets the same steps, fields and labels. Customers do not have it until you say so."
        ),
        form_class=CopyDialog,
        icon="content_copy",
    )
    def copy(self, request: HttpRequest, template: JobTemplate, form: CopyDialog) -> HttpResponseRedirect:
        made = services.copy_template(template, by=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("“%s” is made. Change what is different about it.") % made)
        return HttpResponseRedirect(reverse("admin:templates_app_jobtemplate_change", args=[made.pk]))

    @console_action(
        permission="change",
        description=gettext_lazy("Archive"),
        text=lambda request, template: _before_archiving(template, StaffReader(request.user)),
        possible=lambda template: template.archived_at is None,
        icon="archive",
    )
    def archive(self, request: HttpRequest, template: JobTemplate, form: DialogForm) -> str:
        return _("“%s” is archived.") % services.archive_template(template, by=request.user)

    @console_action(
        permission="change",
        description=gettext_lazy("Restore"),
        text=gettext_lazy("Jobs can be made from it again."),
        possible=lambda template: template.archived_at is not None,
        icon="unarchive",
    )
    def restore(self, request: HttpRequest, template: JobTemplate, form: DialogForm) -> str:
        return _("“%s” is in use again.") % services.restore_template(template, by=request.user)


def _before_archiving(template: JobTemplate, reader: Reader) -> str:
    said = [_("No new job is made from it."), services.in_use(template, reader), *told_when_put_away(template, reader)]
    return " ".join(filter(None, [*said, _("You can restore it.")]))
