"""Moments in forms: a date and a time by the reader's clock, and which of two moments, where the clocks change.

Every form that takes a date and a time uses these; tests/architecture/test_moments_in_forms.py holds it. Why:
docs/decisions/0152-clocks-that-change.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from audit.wall_clock import NotOneMoment, can_be_kept, moment_at, moments_at, pinned, written_exactly
from console.shapes import Context, Words

# The code of the error of a time that does not exist, or comes twice.
CODE = "not_one_moment"
# Behind the name of a field: which of the two.
WHICH = "_which"


class MomentWidget(forms.DateTimeInput):
    """The browser's own picker of date and time; beneath it, where the time shown could be two moments, both of them.

    What is chosen there counts for the time it was asked about, and is dropped when another one is typed.
    """

    input_type = "datetime-local"
    template_name = "console/moment.html"
    # How a page dresses the choice.
    which_class, radio_class = "which", ""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")

    def value_from_datadict(
        self, data: Mapping[str, object], files: MultiValueDict[str, UploadedFile[bytes]], name: str
    ) -> object:
        """Return what was typed; where that could be two moments and one was chosen, the moment with its offset."""
        typed = super().value_from_datadict(data, files, name)
        if (chosen := data.get(name + WHICH)) and (wall := _typed(typed)):
            moments = map(written_exactly, moments_at(wall))
            return next((moment for moment in moments if moment == chosen), typed)
        return typed

    def format_value(self, value: object) -> str | None:
        """Return what the picker shows: the time by the reader's clock."""
        wall, _moment = _shown(value)
        return super().format_value(value if wall is None else wall)

    def get_context(self, name: str, value: object, attrs: Context | None) -> Context:
        wall, moment = _shown(value)
        context = super().get_context(name, value, attrs)
        if wall is not None:
            context["widget"]["which"] = self._which(name, wall, moment, context["widget"]["attrs"].get("id", ""))
        return context

    def _which(self, name: str, wall: datetime, moment: datetime | None, id: str) -> Context | None:
        try:
            moment_at(wall)
        except NotOneMoment as problem:
            if problem.comes_twice:
                legend = _("%s comes twice. Which one?") % wall.strftime("%H:%M")
            else:
                legend = _("%s doesn't exist. Which time instead?") % wall.strftime("%H:%M")
            chosen = moment and written_exactly(moment)
            rows = zip(map(written_exactly, problem.moments), problem.labels, strict=True)
            choices = [
                {"value": value, "label": label, "checked": value == chosen, "id": f"{id}{WHICH}_{number}"}
                for number, (value, label) in enumerate(rows)
            ]
            return {
                "name": name + WHICH,
                "legend": legend,
                "choices": choices,
                "class": self.which_class,
                "radio_class": self.radio_class,
            }
        return None


class MomentField(forms.DateTimeField):
    """A date and a time by the reader's clock. Cleaned, it is a moment with a fixed offset, or None."""

    widget = MomentWidget

    def prepare_value(self, value: object) -> object:
        """Leave a moment as it is: which of two it is would be lost with its offset."""
        return value

    def has_changed(self, initial: object, data: object) -> bool:
        """Compare the moments, whatever zone the first one is told in."""
        return super().has_changed(pinned(initial) if isinstance(initial, datetime) else initial, data)

    def to_python(self, value: str | datetime | date | None) -> datetime | None:
        """Return the moment. Raises ValidationError; with the code CODE where it could be two."""
        try:
            moment = super().to_python(value)
        except ValidationError as problem:
            raise _named(problem, self.error_messages["invalid"]) from None
        if moment is None:
            return None
        if not can_be_kept(moment):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return pinned(moment)


def _named(problem: ValidationError, invalid: Words) -> ValidationError:
    """Return a problem of Django's, in our words where it is about clocks that change."""
    if problem.code != "ambiguous_timezone":
        return problem
    try:
        moment_at((problem.params or {})["datetime"])
    except NotOneMoment as which:
        return ValidationError(which.sentence, code=CODE)
    # Too early or too late for a moment.
    return ValidationError(invalid, code="invalid")


def _typed(typed: object) -> datetime | None:
    """The naive time that was typed, or None where it says a moment exactly, or none."""
    if not isinstance(typed, str):
        return None
    try:
        forms.DateTimeField().to_python(typed)
    except ValidationError as problem:
        if problem.code == "ambiguous_timezone":
            wall: datetime = (problem.params or {})["datetime"]
            return wall
    return None


def _shown(value: object) -> tuple[datetime | None, datetime | None]:
    """What the reader's clock shows (naive) and the moment, as far as a value says them."""
    if isinstance(value, str):
        if (wall := _typed(value)) is not None:
            return wall, None
        try:
            value = forms.DateTimeField().to_python(value)
        except ValidationError:
            return None, None
    if not isinstance(value, datetime) or timezone.is_naive(value):
        return (value, None) if isinstance(value, datetime) else (None, None)
    try:
        local = timezone.localtime(value)
    except OverflowError:
        return None, None
    return local.replace(tzinfo=None), pinned(local)
