"""Repeating jobs: a form that reads like a sentence, and the dates that follow from it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from accounts.models import Location
from jobs import services
from jobs.admin.dialogs import workers_for
from jobs.admin.forms import CONSOLE_WIDGETS
from jobs.models import Occurrence, Series
from jobs.recurrence import DAYS, KINDS, MAX_RULES, Rule, clean_rules
from permissions.console import ConsoleModelAdmin, DialogForm, ScopedFilter, console_action, shown_to
from templates_app.choices import FieldKind
from templates_app.forms import given_values, value_fields
from templates_app.models import JobTemplate
from templates_app.services import FIELD_FACTS

STATE_COLOURS = {"running": "success", "paused": "warning", "ended": "info", "stuck": "danger"}
STATE_WORDS = {
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "ended": gettext_lazy("Ended"),
    "stuck": gettext_lazy("Makes no jobs"),
}
FACTS = (
    "name", "customer", "template", "location", "worker", "notes", "asset_id", "start_time", "starts_on", "ends_on",
    "count", "create_days_ahead",
)  # fmt: skip
RULE_FIELDS = ("kind", "every", "on", "day")


def _rule_fields(number: int) -> dict[str, forms.Field]:
    """The questions of one rule, named "rule<number>_<fact>"."""
    first = number == 1
    kinds = [*([] if first else [("", _("nothing more"))]), *KINDS.items()]
    days = [(str(day), _("day %d") % day) for day in range(1, 32)]
    return {
        f"rule{number}_kind": forms.ChoiceField(
            label=_("It comes") if first else _("and also"),
            choices=kinds,
            required=first,
            widget=UnfoldAdminSelectWidget(choices=kinds),
        ),
        f"rule{number}_every": forms.IntegerField(
            label=_("every … days, weeks or months"),
            min_value=1,
            max_value=366,
            initial=1,
            required=False,
            widget=UnfoldAdminIntegerFieldWidget,
            help_text=_("1: each one. 2: every other."),
        ),
        f"rule{number}_on": forms.MultipleChoiceField(
            label=_("on"),
            choices=[(day, WEEKDAYS_ABBR[index]) for index, day in enumerate(DAYS)],
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
        ),
        f"rule{number}_day": forms.ChoiceField(
            label=_("on"),
            choices=[*days, ("-1", _("the last day"))],
            required=False,
            widget=UnfoldAdminSelectWidget(choices=[*days, ("-1", _("the last day"))]),
            help_text=_("In a shorter month its last day."),
        ),
    }


class SeriesForm(forms.ModelForm):
    """The facts of a series, its rules, and the fields of its template."""

    user: Any = None

    class Meta:
        model = Series
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, rule in enumerate(self.instance.rules or [], start=1):
            for fact, value in rule.items():
                self.initial.setdefault(f"rule{number}_{fact}", value)
        for key, value in (self.instance.values or {}).items():
            self.initial.setdefault(f"value_{key}", value)
        if "location" in self.fields:
            customer = self.instance.customer if self.instance.pk else None
            places = Location.objects.filter(customer=customer) if customer else Location.objects.all()
            self.fields["location"].queryset = shown_to(places, self.user)  # type: ignore[attr-defined]
        if "worker" in self.fields:
            self.fields["worker"].queryset = workers_for(self.user)  # type: ignore[attr-defined]
        if "template" in self.fields:
            self.fields["template"].queryset = shown_to(JobTemplate.objects.current(), self.user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        rules = [rule for number in range(1, MAX_RULES + 1) if (rule := self._rule(number))]
        try:
            self.instance.rules = clean_rules(rules)
        except ValidationError as error:
            self.add_error("rule1_kind" if "rule1_kind" in self.fields else None, error)
        place, customer = data.get("location"), data.get("customer")
        if place and customer and place.customer_id != customer.pk:
            self.add_error("location", _("This location belongs to another customer than %s.") % customer)
        return data

    def _rule(self, number: int) -> Rule | None:
        data = self.cleaned_data
        kind = data.get(f"rule{number}_kind")
        if not kind:
            return None
        rule: Rule = {"kind": kind}
        if kind != "weekday":
            rule["every"] = data.get(f"rule{number}_every") or 1
        if kind == "week":
            rule["on"] = data.get(f"rule{number}_on") or []
        if kind == "month":
            rule["day"] = int(data.get(f"rule{number}_day") or 1)
        return rule

    def _post_clean(self) -> None:
        # The rules were checked above, at the questions they are asked in; the model knows them by one name.
        rules, self.instance.rules = self.instance.rules, [{"kind": "weekday"}]
        super()._post_clean()  # type: ignore[misc]
        self.instance.rules = rules

    @property
    def facts(self) -> dict[str, Any]:
        """What the service is given."""
        facts = {name: self.cleaned_data[name] for name in FACTS if name in self.cleaned_data}
        return facts | {"rules": self.instance.rules, "values": given_values(self.cleaned_data)}


class StateFilter(DropdownFilter):
    """Running, paused, ended, or in trouble."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATE_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        match self.value():
            case "running":
                return queryset.running()  # type: ignore[attr-defined,no-any-return]
            case "paused":
                return queryset.filter(paused_at__isnull=False)
            case "ended":
                return queryset.filter(ends_on__lt=today)
            case "stuck":
                return queryset.exclude(problem="")
        return queryset


class DateDialog(DialogForm):
    """Which date?"""

    day = forms.DateField(label=gettext_lazy("Date"), widget=UnfoldAdminDateWidget)


class EndDialog(DialogForm):
    """Its last day."""

    day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=UnfoldAdminDateWidget,
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
class SeriesAdmin(ConsoleModelAdmin):
    """Series are made, changed, paused and ended through ``jobs.services``."""

    list_display = ("head", "state", "customer", "template", "when", "next_one")
    list_display_links = ("head",)
    list_select_related = ("customer", "template", "worker")
    list_filter = (StateFilter, ("template", ScopedFilter), ("worker", ScopedFilter))
    search_fields = ("name", "customer__name")
    search_help_text = gettext_lazy("Name or customer")
    sortable_by = ("head",)
    export_columns = (
        ("name", gettext_lazy("Series")),
        (_state_words, gettext_lazy("State")),
        ("customer__name", gettext_lazy("Customer")),
        ("template__name", gettext_lazy("Template")),
        ("sentence", gettext_lazy("When")),
        ("start_time", gettext_lazy("Start")),
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
    conditional_fields = {
        key: condition
        for number in range(1, MAX_RULES + 1)
        for key, condition in (
            (f"rule{number}_every", f"['day', 'week', 'month'].includes(rule{number}_kind)"),
            (f"rule{number}_on", f"rule{number}_kind == 'week'"),
            (f"rule{number}_day", f"rule{number}_kind == 'month'"),
        )
    }

    # --- the list

    def get_queryset(self, request: HttpRequest) -> Any:
        skipped = Prefetch("occurrences", Occurrence.objects.filter(is_skipped=True), to_attr="skipped")
        return super().get_queryset(request).prefetch_related(skipped)

    @display(description=gettext_lazy("Series"), ordering="name", header=True)
    def head(self, series: Series) -> list[str]:
        return [series.name, series.problem]

    @display(description=gettext_lazy("State"), label=STATE_COLOURS)
    def state(self, series: Series) -> tuple[str, Any]:
        state = _state(series)
        return state, STATE_WORDS[state]

    @display(description=gettext_lazy("When"))
    def when(self, series: Series) -> str:
        return series.sentence

    @display(description=gettext_lazy("Next"))
    def next_one(self, series: Series) -> str:
        if series.state != "running":
            return "–"
        days = series.next_dates(1, skipped={one.on for one in series.skipped})  # type: ignore[attr-defined]
        return date_format(days[0], "D j M Y") if days else "–"

    # --- the form

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("customer",)

    def get_form(self, request: HttpRequest, obj: Series | None = None, change: bool = False, **kwargs: Any) -> Any:
        asked: dict[str, Any] = {"user": request.user}
        if obj is None or self.has_change_permission(request, obj):
            for number in range(1, MAX_RULES + 1):
                asked |= _rule_fields(number)
            asked |= value_fields(self._definitions(obj), widgets=CONSOLE_WIDGETS)
        kwargs["form"] = type("SeriesForm", (SeriesForm,), asked)
        return super().get_form(request, obj, change=change, **kwargs)

    def _definitions(self, obj: Series | None) -> list[dict[str, Any]]:
        rows = obj.template.fields.values(*FIELD_FACTS) if obj else []
        no_form = (FieldKind.HEADER, FieldKind.FILE, FieldKind.SIGNATURE)
        return [dict(row) for row in rows if row["kind"] not in no_form]

    def get_fieldsets(self, request: HttpRequest, obj: Series | None = None) -> Any:
        may = obj is None or self.has_change_permission(request, obj)
        when: list[Any] = ["sentence_and_dates"] if obj else []
        if may:
            when += ["rule1_kind", "rule1_every", "rule1_on", "rule1_day"]
        when += ["start_time", ("starts_on", "ends_on"), ("count", "create_days_ahead")]
        sets = [
            (_("What"), {"classes": ("tab",), "fields": ["name", "customer", "template", "location", "worker"]}),
            (_("When"), {"classes": ("tab",), "fields": when}),
        ]
        if may:
            more = [f"rule{n}_{fact}" for n in range(2, MAX_RULES + 1) for fact in RULE_FIELDS]
            sets.append((_("And also"), {"classes": ("tab",), "fields": more}))
        sets.append((_("Notes"), {"classes": ("tab",), "fields": ["notes", "asset_id"]}))
        values = [f"value_{one['key']}" for one in self._definitions(obj)] if may else []
        if values:
            sets.append((_("Fields"), {"classes": ("tab",), "fields": values}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Series | None = None) -> tuple[str, ...]:
        return ("sentence_and_dates",)

    @display(description=gettext_lazy("As it stands"))
    def sentence_and_dates(self, series: Series) -> SafeString:
        """What the rules say, and the next ten dates."""
        days = series.next_dates(10) if series.state != "ended" else []
        by_day = {
            one.on: one for one in series.occurrences.filter(on__in=days, job__isnull=False).select_related("job")
        }
        context = {"series": series, "days": [(day, by_day.get(day)) for day in days]}
        return render_to_string("jobs/admin/series_dates.html", context)

    def save_model(self, request: HttpRequest, obj: Series, form: Any, change: bool) -> None:
        if change:
            saved = services.update_series(obj, form.facts, by=request.user)
        else:
            saved = services.create_series(form.facts, by=request.user)
        obj.__dict__.update(saved.__dict__)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
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
    days = [date_format(one.on, "D j M Y") for one in series.skipped]  # type: ignore[attr-defined]
    return _("Skipped: %s.") % ", ".join(days)
