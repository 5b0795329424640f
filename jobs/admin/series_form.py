"""The form of a series: its rules read like a sentence, each a row of words with the choices among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Location, User
from console.keys import whole_number
from console.kit import DayInput, shown_to
from jobs.admin.dialogs import ClockInput, offer, workers_for
from jobs.admin.forms import add_what_is_out_of_reach
from jobs.models import Series
from jobs.recurrence import DAYS, KINDS, MAX_EVERY, MAX_RULES, Rule, clean_rules
from templates_app.forms import given_values
from templates_app.models import JobTemplate

FACTS = (
    "name", "customer", "template", "location", "worker", "notes", "asset_id", "rules", "start_time", "window_end",
    "starts_on", "ends_on", "count", "create_days_ahead",
)  # fmt: skip
WHEN = ("start_time", "window_end", "starts_on", "ends_on", "count")


def rules_said(data: Mapping[str, Any]) -> list[Rule]:
    """The rules as the form's fields "rule1_kind", "rule1_every", ... say them, not checked yet."""
    rules = []
    for number in range(1, MAX_RULES + 1):
        kind = data.get(f"rule{number}_kind")
        if not kind:
            continue
        rule: Rule = {"kind": kind}
        if kind in ("day", "week", "month"):
            rule["every"] = _whole(data.get(f"rule{number}_every") or "1")
        if kind == "week":
            rule["on"] = data.getlist(f"rule{number}_on") if hasattr(data, "getlist") else data[f"rule{number}_on"]
        if kind == "month":
            rule["day"] = _whole(data.get(f"rule{number}_day") or "1")
        rules.append(rule)
    return rules


def _whole(said: str) -> int | str:
    number = whole_number(said.removeprefix("-"))
    return said if number is None else -number if said.startswith("-") else number


class RulesWidget(forms.Widget):
    """Up to three rules: "It comes … every … weeks on …, and also …"."""

    template_name = "jobs/admin/series_rules.html"

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[Rule]:
        return rules_said(data)

    def value_omitted_from_data(self, data: Mapping[str, object], files: object, name: str) -> bool:
        return "rule1_kind" not in data

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rules: list[Rule] = list(value) if isinstance(value, list) else []
        rules += [{}] * (MAX_RULES - len(rules))
        context["most"] = MAX_EVERY
        context["rows"] = [self._row(number, rule) for number, rule in enumerate(rules, start=1)]
        return context

    def _row(self, number: int, rule: Rule) -> dict[str, object]:
        kinds = [*([("", _("nothing more"))] if number > 1 else []), *KINDS.items()]
        month = [(day, _("day %d") % day) for day in range(1, 32)] + [(-1, _("the last day"))]
        return {
            "number": number,
            "kind": rule.get("kind", "" if number > 1 else "week"),
            "kinds": kinds,
            "every": rule.get("every", 1),
            "days": [(day, WEEKDAYS_ABBR[index], day in rule.get("on", ())) for index, day in enumerate(DAYS)],
            "month": [(day, words, day == rule.get("day", 1)) for day, words in month],
        }

    def carry_over(self, data: QueryDict, key: str, was: list[Rule], now: list[Rule]) -> None:
        """Somebody else changed the rules meanwhile: hers stand, unless this person changed them herself."""
        if rules_said(data) != was:
            return
        for name in [name for name in data if name.startswith("rule")]:
            data.pop(name)
        for number, rule in enumerate(now, start=1):
            for fact, said in rule.items():
                data.setlist(f"rule{number}_{fact}", said if isinstance(said, list) else [str(said)])


class RulesFormField(forms.Field):
    """A list of rules in their plain form (``jobs.recurrence``)."""

    widget = RulesWidget

    def clean(self, value: object) -> list[Rule]:
        return clean_rules(value)

    def has_changed(self, initial: object, data: object) -> bool:
        return bool(initial != data)


class SeriesForm(forms.ModelForm[Series]):
    """The facts of a series, its rules, and the fields of its template."""

    user: User | AnonymousUser = AnonymousUser()
    rules = RulesFormField(label=gettext_lazy("It comes"))

    class Meta:
        model = Series
        fields: tuple[str, ...] = ()
        widgets = {"start_time": ClockInput, "window_end": ClockInput, "starts_on": DayInput, "ends_on": DayInput}
        help_texts = {
            "start_time": gettext_lazy(
                "The planned start of each job. On a day when the clocks skip this time, the job starts as much later; "
                "when it comes twice, the first counts."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, value in (self.instance.values or {}).items():
            self.initial.setdefault(f"value_{key}", value)
        if "location" in self.fields:
            customer = self.instance.customer if self.instance.pk else None
            places = Location.objects.filter(customer=customer) if customer else Location.objects.all()
            offer(self, "location", shown_to(places, self.user))
        if "worker" in self.fields:
            offer(self, "worker", workers_for(self.user))
        if "template" in self.fields:
            offer(self, "template", shown_to(JobTemplate.objects.current(), self.user))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        place, customer = data.get("location"), data.get("customer")
        if place and customer and place.customer_id != customer.pk:
            self.add_error("location", _("This location belongs to another customer than %s.") % customer)
        add_what_is_out_of_reach(self, "customer", "template")
        return data

    @property
    def facts(self) -> dict[str, Any]:
        """What the service is given."""
        facts = {name: self.cleaned_data[name] for name in FACTS if name in self.cleaned_data}
        return facts | {"values": given_values(self.cleaned_data)}


class WhenForm(forms.Form):
    """What the preview is asked about: the rules and dates as they stand in the form, saved or not."""

    rules = RulesFormField()
    start_time = forms.TimeField()
    window_end = forms.TimeField(required=False)
    starts_on = forms.DateField()
    ends_on = forms.DateField(required=False)
    count = forms.IntegerField(required=False, min_value=1)
