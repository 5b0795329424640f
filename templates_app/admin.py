"""The pages of job templates in the console."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, BooleanRadioFilter, DropdownFilter
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from permissions.console import (
    ConsoleModelAdmin,
    ConsoleStackedInline,
    ConsoleTabularInline,
    DialogForm,
    console_action,
)
from templates_app import services
from templates_app.choices import Use
from templates_app.forms import value_fields
from templates_app.models import JobTemplate, TemplateField, TemplateStep, facts_of, key_from


class _OnePerLine(forms.CharField):
    """A list of words, written one on each line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != list(initial or []))


class FieldForm(forms.ModelForm):
    """One field of a template."""

    choices = _OnePerLine(
        label=gettext_lazy("Choices"), required=False, help_text=gettext_lazy("For pick lists: one on each line.")
    )

    class Meta:
        model = TemplateField
        fields: tuple[str, ...] = ()


class OrderedFormSet(PaginationInlineFormSet):
    """Rows in an order of their own: what is added, and not dragged to a place, comes last. A key that nobody wrote
    is made from the name, and differs from the others."""

    def validate_unique(self) -> None:
        taken = {form.instance.key for form in self.forms}
        for form in self.forms:
            data = getattr(form, "cleaned_data", None) or {}
            words = data.get("name") or data.get("label")
            if words and not data.get("key") and not data.get("DELETE"):
                base = key_from(words)
                key = (
                    base if base not in taken else next(k for n in range(2, 1000) if (k := f"{base}_{n}") not in taken)
                )
                data["key"] = form.instance.key = key
                taken.add(key)
        super().validate_unique()

    def save_new(self, form: Any, commit: bool = True) -> Any:
        if not form.cleaned_data.get("position"):
            taken = [one.instance.position for one in self.forms if one is not form]
            form.instance.position = max(taken, default=0) + 1
        return super().save_new(form, commit=commit)


class FieldFormSet(OrderedFormSet):
    """The fields of a template, together: a condition names a field that is there."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        keys = {_key_of(form): form.cleaned_data["label"] for form in kept if form.cleaned_data.get("label")}
        by_label = {label.casefold(): key for key, label in keys.items()}
        for form in kept:
            wanted = (form.cleaned_data.get("shown_when") or "").strip()
            if not wanted:
                continue
            # People write what they read: the label will do for the key.
            key = wanted if wanted in keys else by_label.get(wanted.casefold())
            if key is None or key == _key_of(form):
                choices = ", ".join(sorted(other for other in keys if other != _key_of(form)))
                form.add_error(
                    "shown_when", _("There is no other field of that key. There are: %s.") % (choices or "–")
                )
            else:
                form.instance.shown_when = key


def _key_of(form: Any) -> str:
    return form.cleaned_data.get("key") or form.instance.key or key_from(form.cleaned_data.get("label") or "")


class StepInline(ConsoleTabularInline):
    """What is done, in order."""

    model = TemplateStep
    formset = OrderedFormSet
    # The handle by which a row is dragged stands in the first column, so the hidden one is last.
    fields = ("name", "location_kind", "worker_use", "portal_use", "key", "position")
    ordering_field = "position"
    hide_ordering_field = True


class FieldInline(ConsoleStackedInline):
    """What is to be known, in order."""

    model = TemplateField
    form = FieldForm
    formset = FieldFormSet
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    fields = (
        "position",
        ("label", "kind"),
        "help",
        ("choices", "default"),
        ("worker_use", "portal_use"),
        ("minimum", "maximum"),
        ("shown_when", "shown_value"),
        "key",
    )


class ArchivedFilter(DropdownFilter):
    """Those in use, unless she asks for the others."""

    title = gettext_lazy("state")
    parameter_name = "archived"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("", gettext_lazy("In use")), ("yes", gettext_lazy("Archived")), ("all", gettext_lazy("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "all":
                return queryset
            case "yes":
                return queryset.filter(archived_at__isnull=False)
        return queryset.current()


class CopyDialog(DialogForm):
    """What shall the copy be called?"""

    name = forms.CharField(label=gettext_lazy("Name of the copy"), max_length=120, widget=UnfoldAdminTextInputWidget)

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["name"].initial = _("%s (copy)") % obj.name


class TemplateForm(forms.ModelForm):
    """A template's own facts."""

    class Meta:
        model = JobTemplate
        fields: tuple[str, ...] = ()
        widgets = {"colour": UnfoldAdminColorInputWidget()}


@admin.register(JobTemplate)
class JobTemplateAdmin(ConsoleModelAdmin):
    """Templates: what is done, what is to be known, and what customers get of both."""

    form = TemplateForm
    inlines = (StepInline, FieldInline)
    list_display = ("name", "category", "duration", "price", "for_portal", "state")
    list_filter = (
        ArchivedFilter,
        ("category", AllValuesCheckboxFilter),
        ("is_portal_default", BooleanRadioFilter),
    )
    search_fields = ("name", "category")
    autocomplete_fields = ()
    filter_horizontal = ()
    empty_state = gettext_lazy("No templates yet. A template is the blueprint of a kind of job: make the first one.")
    change_form_outer_after_template = "templates_app/admin/preview.html"
    actions_detail = ("copy", "archive", "restore")
    fieldsets = (
        (
            gettext_lazy("Template"),
            {
                "classes": ("tab",),
                "fields": (
                    "name",
                    "description",
                    ("category", "colour"),
                    ("duration_minutes", "price"),
                    "worker",
                    "labels",
                    "notes",
                ),
            },
        ),
        (
            gettext_lazy("Portal"),
            {
                "classes": ("tab",),
                "description": gettext_lazy(
                    "Who has this template on the companion site. What customers get of its steps and fields is set "
                    "on each of them; new ones are hidden."
                ),
                "fields": ("is_portal_default", "slug"),
            },
        ),
    )

    def history_parts(self, obj: JobTemplate) -> dict[type[models.Model], models.Q]:
        """Its steps and fields."""
        here = models.Q(template_id=obj.pk)
        return {TemplateStep: here, TemplateField: here}

    def get_readonly_fields(self, request: HttpRequest, obj: JobTemplate | None = None) -> tuple[str, ...]:
        # Addresses and the API are built on it: it never changes once it is there.
        return ("slug",) if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("notes", "description") and field is not None:
            field.widget.attrs["rows"] = 3
        return field

    # --- the list

    @display(description=gettext_lazy("Planned duration"), ordering="duration_minutes")
    def duration(self, template: JobTemplate) -> str:
        return _("%d min") % template.duration_minutes

    @display(description=gettext_lazy("Customers"), label={"default": "success", "named": "info"})
    def for_portal(self, template: JobTemplate) -> tuple[str, str]:
        return ("default", _("Everybody's")) if template.is_portal_default else ("named", _("Only if added"))

    @display(description=gettext_lazy("State"), label={"current": "success", "archived": "warning"})
    def state(self, template: JobTemplate) -> tuple[str, str]:
        return ("archived", _("Archived")) if template.archived_at else ("current", _("In use"))

    # --- the page

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        template = self.record(request, object_id) if object_id else None
        if template is not None:
            extra_context = {**preview_of(template), "touched": services.touched_by_change(template)} | (
                extra_context or {}
            )
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        blueprint_changed = any(formset.has_changed() for formset in formsets)
        if change and blueprint_changed and (touched := services.touched_by_change(form.instance)):
            messages.info(request, touched)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        template = self.record(request, object_id)
        if template is not None and (hanging := services.in_use(template)):
            messages.error(
                request,
                _("“%(template)s” cannot be deleted: %(hanging)s Archive it instead.")
                % {"template": template, "hanging": hanging},
            )
            return HttpResponseRedirect(self.change_url(template))
        return super().delete_view(request, object_id, extra_context)

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
    def copy(self, request: HttpRequest, template: JobTemplate, form: CopyDialog) -> Any:
        made = services.copy_template(template, by=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("“%s” is made. Change what is different about it.") % made)
        return HttpResponseRedirect(reverse("admin:templates_app_jobtemplate_change", args=[made.pk]))

    @console_action(
        permission="change",
        description=gettext_lazy("Archive"),
        text=lambda request, template: " ".join(
            filter(None, [_("No new job is made from it."), services.in_use(template), _("You can restore it.")])
        ),
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


class _Preview(forms.Form):
    """The fields of a template as a customer fills them in, switched off."""


def preview_of(template: JobTemplate) -> dict[str, Any]:
    """What the companion site makes of a template: the form, what is only shown, the steps she sees."""
    definitions = [facts_of(field) for field in template.fields.all()]
    asked = [one for one in definitions if one["portal_use"] in (Use.OPTIONAL, Use.REQUIRED)]
    needed = [one["key"] for one in asked if one["portal_use"] == Use.REQUIRED]
    form = _Preview()
    form.fields.update(value_fields(asked, widgets=PREVIEW_WIDGETS, required=needed))
    for field in form.fields.values():
        field.disabled = True
    return {
        "preview": form,
        "preview_shown": [one for one in definitions if one["portal_use"] == Use.READ_ONLY],
        "preview_steps": [step for step in template.steps.all() if step.portal_use != Use.HIDDEN],
    }


PREVIEW_WIDGETS: dict[str, type[forms.Widget]] = {
    "text": UnfoldAdminTextInputWidget,
    "number": UnfoldAdminTextInputWidget,
    "currency": UnfoldAdminTextInputWidget,
    "datetime": UnfoldAdminTextInputWidget,
    "checkbox": forms.CheckboxInput,
    "pick": UnfoldAdminSelectWidget,
    "multi_pick": forms.CheckboxSelectMultiple,
    "link": UnfoldAdminTextInputWidget,
    "location": UnfoldAdminTextInputWidget,
}
