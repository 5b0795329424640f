"""Form fields of the pages of billing."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from billing.countries import country_choices


def _countries() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices()]


class CountryField(forms.ChoiceField):
    """A country by its name in the reader's language; kept as its code of two letters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminSelectWidget)
        super().__init__(choices=_countries, **kwargs)
