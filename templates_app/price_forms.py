"""Price lines on a page: one row each, the total below, worked out as one types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from console.keys import whole_number
from money import default_currency
from templates_app.choices import TaxClass, Unit
from templates_app.prices import MAX_LINES, NAMES, Stored, clean_lines, lines_from

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What a line that does not say it has.
_USUAL = {"unit": Unit.PIECE.value, "tax": TaxClass.STANDARD.value}


class PriceLinesInput(forms.Widget):
    """Rows of description, quantity, unit, unit price and tax; an empty one at the end takes the next line without a
    script.

    What was not on the page at all (no count of rows) is None: nothing is said about the lines.
    """

    template_name = "templates_app/widgets/price_lines.html"
    currency = ""
    include_tax = False

    class Media:
        js = ("templates_app/price_lines.js",)
        css = {"all": ("templates_app/price_lines.css",)}

    def value_from_datadict(self, data: Mapping[str, str], files: object, name: str) -> list[dict[str, str]] | None:
        count = whole_number(data.get(f"{name}-count", ""))
        if count is None:
            return None
        rows = []
        for n in range(min(count, MAX_LINES + 50)):
            row = {part: data.get(f"{name}-{n}-{part}", "") for part in NAMES}
            # As lines are kept: the usual is not said.
            rows.append(
                {part: said for part, said in row.items() if said != _USUAL.get(part) and (said or part not in _USUAL)}
            )
        return [row for row in rows if row["description"].strip() or row["unit_price"].strip()]

    def value_omitted_from_data(self, data: Mapping[str, str], files: object, name: str) -> bool:
        return f"{name}-count" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-description" if id_ else ""

    def carry_over(self, data: MutableMapping[str, str], name: str, was: object, now: Stored | None) -> None:
        """Somebody else changed the lines meanwhile: theirs stand, unless this person changed them too."""
        given = self.value_from_datadict(data, None, name)
        if given is None or not same_lines(given, was):
            return
        data[f"{name}-count"] = str(len(now or []))
        for n, line in enumerate(now or []):
            for part in NAMES:
                data[f"{name}-{n}-{part}"] = line.get(part, "")

    def get_context(self, name: str, value: Stored | None, attrs: dict[str, object] | None) -> dict[str, object]:
        context = super().get_context(name, None, attrs)
        rows = [_row(name, n, line) for n, line in enumerate([*(value or []), {}])]
        return context | {
            "rows": rows,
            "blank": _row(name, "__n__", {}),
            "currency": self.currency or default_currency(),
            "include_tax": self.include_tax,
            "input_classes": " ".join(INPUT_CLASSES),
            "select_classes": " ".join(SELECT_CLASSES),
        }


def _row(name: str, n: int | str, line: Mapping[str, object]) -> dict[str, object]:
    try:
        amount = lines_from([line])[0].amount if line else None
    except (KeyError, ArithmeticError, ValueError):
        amount = None
    said = {part: str(line.get(part) or _USUAL.get(part, "")) for part in NAMES}
    choices = {"units": _offered(Unit.choices, said["unit"]), "taxes": _offered(TaxClass.choices, said["tax"])}
    return {"prefix": f"{name}-{n}", "amount": amount, **said, **choices}


def _offered(choices: Iterable[tuple[str, StrOrPromise]], chosen: str) -> list[tuple[str, StrOrPromise, bool]]:
    """(code, words, is it chosen) of a pick list. What was sent and is no choice stays to be seen beside its fault."""
    rows = [(code, words, code == chosen) for code, words in choices]
    return rows if any(row[2] for row in rows) else [(chosen, chosen, True), *rows]


def same_lines(one: object, other: object) -> bool:
    """Do both come to the same lines? What cannot be read is different from everything."""
    try:
        return clean_lines(one or []) == clean_lines(other or [])
    except forms.ValidationError:
        return False


class PriceLinesFormField(forms.Field):
    """A form field of price lines. Cleans to the lines as they are stored; None when the page did not show them."""

    widget = PriceLinesInput

    def __init__(self, *, currency: str = "", help_text: StrOrPromise = "") -> None:
        super().__init__(required=False, label=_("Price lines"), help_text=help_text)
        self.price_currency(currency)

    def price_currency(self, currency: str, *, include_tax: bool = False) -> None:
        """Says what the sums beside the lines are in (empty for the business's own), and whether they are with tax."""
        if isinstance(self.widget, PriceLinesInput):
            self.widget.currency, self.widget.include_tax = currency, include_tax

    def clean(self, value: object) -> Stored | None:
        """The lines. Raises ValidationError with a sentence for each fault."""
        return None if value is None else clean_lines(value)

    def has_changed(self, initial: object, data: object) -> bool:
        return data is not None and not same_lines(data, initial)
