"""Repeating jobs: the list, the page with the dates that follow from it while it is edited, and the buttons."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant

from audit.private_hooks import become
from console.kit import ConsoleModelAdmin, DayInput, DialogForm, LookupFilter, ScopedFilter, console_action
from console.shapes import AnyPrefetch, AnyRows, Context, Fieldsets, Words
from jobs import services
from jobs.admin.forms import CONSOLE_WIDGETS, Fieldset
from jobs.admin.series_form import SeriesForm, WhenForm
from jobs.models import Occurrence, Series
from jobs.models.series import SeriesQuerySet
from jobs.recurrence import DAYS
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.forms import has_form_field, value_fields

STATE_COLOURS = {"running": "success", "paused": "warning", "ended": "info", "stuck": "danger"}
STATE_WORDS: dict[str, Words] = {
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "ended": gettext_lazy("Ended"),
    "stuck": gettext_lazy("Makes no jobs"),
}
DATES_SHOWN = 10


class SeriesStateFilter(LookupFilter):
    """Running, paused, ended, or in trouble."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Series]) -> list[tuple[str, Words]]:
        return list(STATE_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> SeriesQuerySet:
        assert isinstance(queryset, SeriesQuerySet)
        match self.value():
            case "running":
                return queryset.running()
            case "paused":
                return queryset.filter(paused_at__isnull=False)
            case "ended":
                return queryset.ended()
            case "stuck":
                return queryset.exclude(problem="")
        return queryset


class DateDialog(DialogForm):
    """Which date?"""

    day = forms.DateField(label=gettext_lazy("Date"), widget=DayInput)

    def about(self, obj: Series) -> None:
        super().about(obj)
        self.fields["day"].initial = self.request.GET.get("day")


class EndDialog(DialogForm):
    """Its last day."""

    day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("Empty: today."),
    )


def _state(series: Series) -> str:
    state = series.state
    return "stuck" if series.problem and state == "running" else state


def _made_later(request: HttpRequest, series: Series) -> str:
    count = series.occurrences.filter(on__gt=timezone.localdate(), job__isnull=False).count()
    kept = ngettext("%d job that is made already stays.", "%d jobs that are made already stay.", count) % count
    return f"{series.sentence}. {kept}"


def _state_words(series: Series) -> str:
    return str(STATE_WORDS[_state(series)])


@admin.register(Series)
class SeriesAdmin(ConsoleModelAdmin[Series]):
    """Series are made, changed, paused and ended through ``jobs.services``."""

    list_display = ("head", "state", "customer", "template", "when", "next_one")
    list_display_links = ("head",)
    list_select_related = ("customer", "template", "worker")
    list_filter = (SeriesStateFilter, ("template", ScopedFilter), ("worker", ScopedFilter))
    search_fields = ("name", "customer__name_search")
    search_help_text = gettext_lazy("Name or customer")
    sortable_by = ("head",)
    export_columns = (
        ("name", gettext_lazy("Series")),
        (_state_words, gettext_lazy("State")),
        ("customer__name", gettext_lazy("Customer")),
        ("template__name", gettext_lazy("Template")),
        ("sentence", gettext_lazy("When")),
        ("start_time", gettext_lazy("Start")),
        ("window_end", gettext_lazy("Window until")),
        ("starts_on", gettext_lazy("From")),
        ("ends_on", gettext_lazy("Until")),
        ("count", gettext_lazy("Occurrences at most")),
        ("location", gettext_lazy("Location")),
        ("worker__name", gettext_lazy("Worker")),
        ("asset_id", gettext_lazy("Asset ID")),
        ("notes", gettext_lazy("Notes")),
        ("problem", gettext_lazy("Problem")),
    )
    empty_state = gettext_lazy("No series yet. Make one for work that comes again and again.")
    actions_detail = ("pause", "resume", "skip", "unskip", "end")
    change_form_outer_after_template = "jobs/admin/series_aside.html"

    class Media:
        js = ("jobs/series.js",)
        css = {"all": ("jobs/schedule.css",)}

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        skipped: AnyPrefetch = Prefetch("occurrences", Occurrence.objects.filter(is_skipped=True), to_attr="skipped")
        return super().get_queryset(request).prefetch_related(skipped)

    @display(description=gettext_lazy("Series"), ordering="name", header=True)
    def head(self, series: Series) -> list[str]:
        return [series.name, series.problem]

    @display(description=gettext_lazy("State"), label=STATE_COLOURS)
    def state(self, series: Series) -> tuple[str, str | Promise]:
        state = _state(series)
        return state, STATE_WORDS[state]

    @display(description=gettext_lazy("When"))
    def when(self, series: Series) -> str:
        return series.sentence

    @display(description=gettext_lazy("Next"))
    def next_one(self, series: Series) -> str:
        if series.state != "running":
            return "–"
        days = series.next_dates(1, skipped={one.on for one in series.skipped})
        return date_format(days[0], "D j M Y") if days else "–"

    # --- the form

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("customer",)

    def get_form(
        self, request: HttpRequest, obj: Series | None = None, change: bool = False, **kwargs: Any
    ) -> type[SeriesForm]:
        attributes: dict[str, object] = {"user": request.user}
        if self._may_edit(request, obj):
            attributes |= value_fields(self._definitions(obj), widgets=CONSOLE_WIDGETS)
        else:
            attributes["rules"] = None
        kwargs["form"] = type("SeriesForm", (SeriesForm,), attributes)
        made: type[SeriesForm] = super().get_form(request, obj, change=change, **kwargs)
        return made

    def get_changeform_initial_data(self, request: HttpRequest) -> Context:
        today = timezone.localdate()
        begin = {"starts_on": today, "rules": [{"kind": "week", "every": 1, "on": [DAYS[today.weekday()]]}]}
        return begin | super().get_changeform_initial_data(request)

    def _may_edit(self, request: HttpRequest, obj: Series | None) -> bool:
        return obj is None or self.has_change_permission(request, obj)

    def _definitions(self, obj: Series | None) -> list[FieldDefinition]:
        # A signature is given on the spot, not once for all jobs.
        fields = obj.template.field_definitions() if obj else []
        return [one for one in fields if has_form_field(one) and one.kind != FieldKind.SIGNATURE]

    def get_fieldsets(self, request: HttpRequest, obj: Series | None = None) -> Fieldsets:
        may = self._may_edit(request, obj)
        what = ["name", "customer", "template", "location", "worker", "asset_id", "notes"]
        when: list[str | list[str] | tuple[str, ...]] = ["rules"] if may else []
        when += [("start_time", "window_end"), "starts_on", "ends_on", "count", "create_days_ahead"]
        sets: list[Fieldset] = [
            (_("What"), {"classes": ("tab",), "fields": tuple(what)}),
            (_("When"), {"classes": ("tab",), "fields": when}),
        ]
        values = [f"value_{one.key}" for one in self._definitions(obj)] if may else []
        if values:
            sets.append((_("Fields"), {"classes": ("tab",), "fields": tuple(values)}))
        return sets

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        series = self.record(request, object_id) if object_id else None
        here = reverse("admin:jobs_series_preview")
        extra_context = {"preview_url": f"{here}?series={series.pk}" if series else here, **(extra_context or {})}
        if series is not None:
            extra_context |= self._dates(request, series)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("preview/", self.admin_site.admin_view(self.preview), name="jobs_series_preview"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What the rules in the form say and the next ten dates, saved or not. Changes nothing."""
        key = request.GET.get("series", "")
        saved = self.record(request, key) if key else None
        if key and saved is None:
            raise Http404
        if not (self.has_view_permission(request, saved) if saved else self.has_add_permission(request)):
            raise PermissionDenied
        if saved is not None and "rule1_kind" not in request.GET:
            return TemplateResponse(request, "jobs/admin/series_dates.html", self._dates(request, saved))
        form = WhenForm(request.GET)
        if not form.is_valid():
            mistakes = [str(said) for said in form.errors.get("rules", [])] or [
                _("Say from which day on, and at what time.")
            ]
            return TemplateResponse(request, "jobs/admin/series_dates.html", {"mistakes": mistakes, "is_draft": True})
        draft = Series(**form.cleaned_data)
        is_draft = saved is None or any(getattr(saved, name) != said for name, said in form.cleaned_data.items())
        context = self._dates(request, draft, made_of=saved) | {"is_draft": is_draft}
        if saved is not None and not is_draft:
            context["series"] = saved
        return TemplateResponse(request, "jobs/admin/series_dates.html", context)

    def _dates(self, request: HttpRequest, series: Series, made_of: Series | None = None) -> dict[str, object]:
        """The next ten dates of a series, and between them those that are skipped; what is made has its job."""
        saved = made_of or series
        today = timezone.localdate()
        known: dict[date, Occurrence] = {}
        if saved.pk:
            known = {one.on: one for one in saved.occurrences.filter(on__gte=today).select_related("job")}
        skipped = {day for day, one in known.items() if one.is_skipped}
        days = series.next_dates(DATES_SHOWN + len(skipped), skipped=set()) if series.state != "ended" else []
        coming = [day for day in days if day not in skipped][:DATES_SHOWN]
        shown = [
            {
                "day": day,
                "iso": day.isoformat(),
                # Only where the clock skips the hour that the sentence above names.
                "times": series.times_on(day) if series.is_moved_on(day) else "",
                "is_skipped": day in skipped,
                "job": known[day].job if day in known else None,
            }
            for day in days
            if not coming or day <= coming[-1]
        ]
        may = saved.pk is not None and self.has_change_permission(request, saved)
        return {"series": series, "days": shown, "may_change": may}

    def save_model(self, request: HttpRequest, obj: Series, form: SeriesForm, change: bool) -> None:
        if change:
            saved = services.update_series(obj, form.facts, by=request.user)
        else:
            saved = services.create_series(form.facts, by=request.user)
        become(obj, saved)

    def has_delete_permission(self, request: HttpRequest, obj: Series | None = None) -> bool:
        # Its jobs tell that they come of it: a series is ended.
        return False

    # --- buttons

    @console_action(
        permission="change",
        description=gettext_lazy("Pause"),
        text=_made_later,
        possible=lambda series: series.state == "running",
        icon="pause",
    )
    def pause(self, request: HttpRequest, series: Series, form: DialogForm) -> str:
        return _("%s is paused: it makes no jobs until you resume it.") % services.pause_series(series, by=request.user)

    @console_action(
        permission="change",
        description=gettext_lazy("Resume"),
        text=gettext_lazy("Makes jobs again, from today on. Dates that passed during the pause are not made up for."),
        possible=lambda series: series.state == "paused",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, series: Series, form: DialogForm) -> str:
        return _("%s runs again.") % services.resume_series(series, by=request.user)

    @console_action(
        permission="change",
        description=gettext_lazy("Skip a date"),
        text=lambda request, series: _upcoming(series),
        form_class=DateDialog,
        possible=lambda series: series.state != "ended",
        icon="event_busy",
    )
    def skip(self, request: HttpRequest, series: Series, form: DateDialog) -> str:
        day: date = form.cleaned_data["day"]
        services.skip_date(series, day, by=request.user)
        return _("%(day)s is left out of %(series)s.") % {"day": date_format(day), "series": series}

    @console_action(
        permission="change",
        description=gettext_lazy("Take a skip back"),
        text=lambda request, series: _skipped(series),
        form_class=DateDialog,
        possible=lambda series: any(
            one.is_skipped and one.on >= timezone.localdate() for one in series.occurrences.all()
        ),
        icon="event_available",
    )
    def unskip(self, request: HttpRequest, series: Series, form: DateDialog) -> str:
        day: date = form.cleaned_data["day"]
        services.unskip_date(series, day, by=request.user)
        return _("%(day)s is a date of %(series)s again.") % {"day": date_format(day), "series": series}

    @console_action(
        permission="change",
        description=gettext_lazy("End"),
        text=_made_later,
        form_class=EndDialog,
        possible=lambda series: series.state != "ended",
        icon="stop_circle",
        variant=ActionVariant.DANGER,
    )
    def end(self, request: HttpRequest, series: Series, form: EndDialog) -> str:
        series = services.end_series(series, by=request.user, on=form.cleaned_data["day"])
        return _("%(series)s ends on %(day)s.") % {
            "series": series,
            "day": date_format(series.ends_on or timezone.localdate()),
        }


def _upcoming(series: Series) -> str:
    days = [date_format(day, "D j M") for day in series.next_dates(5, after=series.settled_until)]
    return _("Dates whose job is not made yet: %s.") % (", ".join(days) or _("none"))


def _skipped(series: Series) -> str:
    days = [date_format(one.on, "D j M Y") for one in series.skipped]
    return _("Skipped: %s.") % ", ".join(days)
