"""The working hours of a worker as a form asks for them: a start and an end for each day of the week."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from unfold.widgets import INPUT_CLASSES

from accounts.working_hours import DAYS, clean_hours


class HoursWidget(forms.MultiWidget):
    """A row for each day, with the browser's own fields for times."""

    template_name = "jobs/admin/working_hours.html"

    def __init__(self) -> None:
        look = {"class": " ".join(INPUT_CLASSES), "step": "300"}
        names = [f"{day}_{edge}" for day in DAYS for edge in ("from", "until")]
        super().__init__({name: forms.TimeInput({**look, "type": "time"}, format="%H:%M") for name in names})

    def decompress(self, value: object) -> list[str]:
        hours = value if isinstance(value, dict) else {}
        return [time for day in DAYS for time in hours.get(day) or ("", "")]

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        for index, part in enumerate(parts):
            part["attrs"].pop("required", None)
            words = _("%s, until") if index % 2 else _("%s, from")
            part["attrs"]["aria-label"] = words % WEEKDAYS[index // 2]
        context["days"] = [(WEEKDAYS[index], parts[2 * index], parts[2 * index + 1]) for index in range(len(DAYS))]
        return context


class HoursField(forms.MultiValueField):
    """{day: [from, until]} of the days on which both are given."""

    widget = HoursWidget

    def __init__(self, **kwargs: Any) -> None:
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        fields = [forms.CharField(required=False) for _day in DAYS for _edge in range(2)]
        super().__init__(fields=fields, require_all_fields=False, **(kwargs | {"required": False}))

    def compress(self, data_list: list[str]) -> dict[str, list[str]]:
        times = data_list or [""] * 2 * len(DAYS)
        return clean_hours({day: times[2 * index : 2 * index + 2] for index, day in enumerate(DAYS)})

    def has_changed(self, initial: object, data: list[str] | None) -> bool:
        before = initial if isinstance(initial, list) else HoursWidget().decompress(initial)
        return [str(one or "") for one in before] != [str(one or "") for one in data or []]
