"""What a piece of work costs, line by line. Money is decimal; a total is the sum of its lines as they are printed.

A line is stored as {"description", "quantity", "unit_price"}, the numbers as text: 2.5 and 120.00. Its amount is
quantity times unit price, rounded to cents half up, as everybody rounds by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from audit.excerpts import excerpt
from audit.one_line import is_storable, one_line
from money import in_cents
from templates_app.choices import TaxClass, Unit
from templates_app.kinds import decimal_from

Stored = list[dict[str, str]]

MAX_LINES = 50
MAX_DESCRIPTION = 200
# What fits the column of a job's amount, with room for its other lines.
_MAX_QUANTITY, _MAX_AMOUNT = Decimal(10) ** 6, Decimal(10) ** 9


@dataclass(frozen=True)
class PriceLine:
    """One line. ``quantity`` of any unit, ``unit_price`` before tax; a discount has a price below zero."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    unit: Unit = Unit.PIECE
    tax: TaxClass = TaxClass.STANDARD

    @property
    def amount(self) -> Decimal:
        """What the line comes to, in cents."""
        return in_cents(self.quantity * self.unit_price)

    def stored(self) -> dict[str, str]:
        """The line as it is kept."""
        return {
            "description": self.description,
            "quantity": plain_number(self.quantity),
            "unit_price": str(self.unit_price),
        }


def plain_number(number: Decimal) -> str:
    """A quantity as people write it: 2, 2.5; never 2.000 or 2E+1."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def lines_from(stored: Iterable[Mapping[str, object]] | None) -> list[PriceLine]:
    """The lines of a template or a job, from how they are kept."""
    return [
        PriceLine(str(line["description"]), Decimal(str(line["quantity"])), Decimal(str(line["unit_price"])))
        for line in stored or []
    ]


def total_of(stored: Iterable[Mapping[str, object]] | None) -> Decimal | None:
    """The sum of the lines as printed; None when there are none."""
    lines = lines_from(stored)
    return sum((line.amount for line in lines), Decimal("0.00")) if lines else None


def price_lines_in_words(stored: Iterable[Mapping[str, object]] | None) -> str:
    """The lines as one text: "1 × Skip exchange at 95.00; 2 × Hour at 60.00"."""
    return "; ".join(
        _("%(quantity)s × %(description)s at %(unit_price)s")
        % {
            "quantity": plain_number(line.quantity),
            "description": line.description,
            "unit_price": line.unit_price,
        }
        for line in lines_from(stored)
    )


def clean_lines(raw: object) -> Stored:
    """Lines as they are stored, from what somebody gave; lines in which nothing stands are left out.

    Raises ValidationError with a sentence for each fault, which names the line.
    """
    if not isinstance(raw, list | tuple) or not all(isinstance(line, Mapping) for line in raw):
        raise ValidationError(_("Price lines are a list of description, quantity and unit price."))
    written = [line for line in raw if any(str(line.get(name) or "").strip() for name in _NAMES)]
    if len(written) > MAX_LINES:
        raise ValidationError(_("These are more than %d price lines.") % MAX_LINES)
    problems: list[str] = []
    lines = [_clean_line(number, line, problems) for number, line in enumerate(written, start=1)]
    if problems:
        raise ValidationError(problems)
    clean = [line for line in lines if line is not None]
    if abs(sum((line.amount for line in clean), Decimal(0))) >= _MAX_AMOUNT:
        raise ValidationError(_("Together these lines come to more than an order can."))
    return [line.stored() for line in clean]


_NAMES = ("description", "quantity", "unit_price")


def _clean_line(number: int, line: Mapping[str, object], problems: list[str]) -> PriceLine | None:
    before = len(problems)

    def fault(sentence: str, **words: object) -> None:
        problems.append(sentence % {"line": number, **words})

    if unknown := set(line) - set(_NAMES):
        fault(_("Line %(line)d: “%(name)s” is unknown."), name=excerpt(min(map(str, unknown))))
    description = one_line(str(line.get("description") or "")).strip()
    if not description:
        fault(_("Line %(line)d: say what it is for."))
    elif len(description) > MAX_DESCRIPTION or not is_storable(description):
        fault(_("Line %(line)d: the description is %(most)d characters of text at most."), most=MAX_DESCRIPTION)
    quantity = _number(line.get("quantity", ""), "1")
    if quantity is None or quantity <= 0 or quantity >= _MAX_QUANTITY or quantity != round(quantity, 3):
        fault(
            _("Line %(line)d: the quantity must be a number above zero such as 1 or 2.5, not “%(value)s”."),
            value=_cut(line, 1),
        )
    unit_price = _number(line.get("unit_price", ""), "")
    if unit_price is None or abs(unit_price) >= _MAX_AMOUNT or unit_price != in_cents(unit_price):
        fault(
            _("Line %(line)d: the unit price must be an amount such as 120.50, not “%(value)s”."), value=_cut(line, 2)
        )
    if len(problems) > before or quantity is None or unit_price is None:
        return None
    made = PriceLine(description, quantity, in_cents(unit_price) or Decimal("0.00"))
    if abs(made.amount) >= _MAX_AMOUNT:
        fault(_("Line %(line)d: this comes to more than an order can."))
        return None
    return made


def _number(raw: object, empty: str) -> Decimal | None:
    text = raw.strip() if isinstance(raw, str) else raw
    number = decimal_from(empty if text in ("", None) else text)
    return number if number is not None and abs(number) < _MAX_AMOUNT else None


def _cut(line: Mapping[str, object], index: int) -> str:
    return str(line.get(_NAMES[index]) or "")[:40]


class PriceLinesField(models.JSONField):
    """Price lines in a column of their own; see this module."""

    def clean(self, value: object, model_instance: models.Model | None) -> Stored:
        return clean_lines(value)

    @staticmethod
    def in_words(value: Stored | None) -> str:
        """The lines as the history tells them."""
        return price_lines_in_words(value)
