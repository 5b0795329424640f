"""Dates, times, numbers and choices of a form are short: longer text is refused before anything tries to read it.

Django's own fields try text of any length, and repeat a choice that there is not in what they answer. The limit is
set once, in Django's classes, because forms of libraries have such fields too (docs/decisions/0078-long-text.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django import forms
from django.core.validators import MaxLengthValidator

# How a field of a form reads what was sent.
Reading = Callable[[forms.Field, object], object]
# No date, time or number has so many characters; choices may be words that people wrote.
MOST, MOST_OF_A_CHOICE = 100, 1_000
SHORT: dict[type[forms.Field], int] = {
    forms.DateField: MOST,
    forms.DateTimeField: MOST,
    forms.TimeField: MOST,
    forms.DurationField: MOST,
    forms.IntegerField: MOST,
    forms.FloatField: MOST,
    forms.DecimalField: MOST,
    forms.UUIDField: MOST,
    forms.ChoiceField: MOST_OF_A_CHOICE,
    forms.MultipleChoiceField: MOST_OF_A_CHOICE,
}


def limit_short_answers() -> None:
    """Sets the limits; once, when the project starts."""
    for field, most in SHORT.items():
        if "to_python" in vars(field):
            # In Django's own class.
            field.to_python = _limited(field.to_python, most)  # type: ignore[assignment, method-assign]


def _limited(read: Reading, most: int) -> Reading:
    refuse = MaxLengthValidator(most)

    @wraps(read)
    def to_python(field: forms.Field, value: object) -> object:
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str):
                refuse(one)
        return read(field, value)

    return to_python
