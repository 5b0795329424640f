"""What a piece of work costs, line by line. Money is decimal; a total is the sum of its lines as they are printed.

A line is stored as {"description", "quantity", "unit_price"}, the numbers as text: 2.5 and 120.00. "unit" and "tax"
stand there only where they are another than the usual (a piece, the standard rate), so that lines of before say what
they always said. Its amount is quantity times unit price, rounded to cents half up, as everybody rounds by hand.

Whether prices are before tax or include it is said once, by the template or job that has the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from audit.excerpts import excerpt
from audit.expressions import Expression
from audit.one_line import is_storable, one_line
from money import in_cents
from templates_app.choices import TaxClass, Unit
from templates_app.kinds import decimal_from

Stored = list[dict[str, str]]

MAX_LINES = 50
MAX_DESCRIPTION = 200
# A price for a kilogram or a piece of thousands needs more than cents; electronic invoices take as many (BT-146).
_FINEST_PRICE = Decimal("0.0001")
# What fits the column of a job's amount, with room for its other lines.
_MAX_QUANTITY, _MAX_AMOUNT = Decimal(10) ** 6, Decimal(10) ** 9


@dataclass(frozen=True)
class PriceLine:
    """One line. ``unit_price``: for one ``unit``, before tax or with it as the record says that has the line; a
    discount has a price below zero."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    unit: Unit = Unit.PIECE
    tax: TaxClass = TaxClass.STANDARD

    @property
    def amount(self) -> Decimal:
        """What the line comes to, in cents."""
        return in_cents(self.quantity * self.unit_price) or Decimal("0.00")

    @property
    def per_unit(self) -> str:
        """What its unit price is for, in words: "per tonne"; empty for a piece."""
        if self.unit == Unit.PIECE:
            return ""
        if self.unit == Unit.LUMP_SUM:
            return str(Unit.LUMP_SUM.label)
        return _("per %s") % self.unit.label

    @property
    def unusual_tax(self) -> str:
        """Its kind of tax in words; empty for the standard rate."""
        return "" if self.tax == TaxClass.STANDARD else str(self.tax.label)

    def stored(self) -> dict[str, str]:
        """The line as it is kept."""
        line = {
            "description": self.description,
            "quantity": plain_number(self.quantity),
            "unit_price": str(self.unit_price),
        }
        if self.unit != Unit.PIECE:
            line["unit"] = str(self.unit.value)
        if self.tax != TaxClass.STANDARD:
            line["tax"] = str(self.tax.value)
        return line


def plain_number(number: Decimal) -> str:
    """A quantity as people write it: 2, 2.5; never 2.000 or 2E+1."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def price_as_kept(price: Decimal) -> Decimal:
    """A unit price with two decimals, or with four where two do not say it. Never with three: 1.234 is a thousand to
    half of those who read it, and what is kept is what a form shows and takes again."""
    fine = price.quantize(_FINEST_PRICE, ROUND_HALF_UP)
    cents = in_cents(fine)
    # 0 less than nothing is nothing.
    return (cents if cents == fine else fine) or Decimal("0.00")


def lines_from(stored: Iterable[Mapping[str, object]] | None) -> list[PriceLine]:
    """The lines of a template or a job, from how they are kept. Raises ValueError for a unit or tax nobody knows."""
    return [
        PriceLine(
            str(line["description"]),
            Decimal(str(line["quantity"])),
            Decimal(str(line["unit_price"])),
            Unit(str(line.get("unit") or Unit.PIECE.value)),
            TaxClass(str(line.get("tax") or TaxClass.STANDARD.value)),
        )
        for line in stored or []
    ]


def total_of(stored: Iterable[Mapping[str, object]] | None) -> Decimal | None:
    """The sum of the lines as printed; None when there are none."""
    lines = lines_from(stored)
    return sum((line.amount for line in lines), Decimal("0.00")) if lines else None


def price_lines_in_words(stored: Iterable[Mapping[str, object]] | None) -> str:
    """The lines as one text: "1 × Skip exchange at 95.00; 2.5 × Tipping at 30.00 per tonne (Reduced rate)"."""
    return "; ".join(map(_in_words, lines_from(stored)))


def _in_words(line: PriceLine) -> str:
    words = {
        "quantity": plain_number(line.quantity),
        "description": line.description,
        "unit_price": line.unit_price,
        "unit": line.unit.label,
        "tax": line.unusual_tax,
    }
    if line.unit == Unit.PIECE:
        said = _("%(quantity)s × %(description)s at %(unit_price)s") % words
    elif line.unit == Unit.LUMP_SUM:
        said = _("%(quantity)s × %(description)s at a lump sum of %(unit_price)s") % words
    else:
        said = _("%(quantity)s × %(description)s at %(unit_price)s per %(unit)s") % words
    return f"{said} ({line.unusual_tax})" if line.unusual_tax else said


def tax_in_words(include_tax: bool) -> str:
    """What stands beside a sum of money: is it before tax or with it?"""
    return _("with tax") if include_tax else _("before tax")


def clean_lines(raw: object) -> Stored:
    """Lines as they are stored, from what somebody gave; lines in which nothing stands are left out.

    Raises ValidationError with a sentence for each fault, which names the line.
    """
    if not isinstance(raw, list | tuple) or not all(isinstance(line, Mapping) for line in raw):
        raise ValidationError(_("Price lines are a list of description, quantity and unit price."))
    # A unit or a kind of tax alone is no line: a form has one of each in its empty row.
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
# All that a line is made of.
NAMES = (*_NAMES, "unit", "tax")
# 1.234 and 1,234, but not 0.125: what may have been meant as thousands.
_MAYBE_THOUSANDS = Expression(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", longest=100)
_Choice = TypeVar("_Choice", Unit, TaxClass)


def _clean_line(number: int, line: Mapping[str, object], problems: list[str]) -> PriceLine | None:
    before = len(problems)

    def fault(sentence: str, **words: object) -> None:
        problems.append(sentence % {"line": number, **words})

    if unknown := set(line) - set(NAMES):
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
    if unit_price is None or abs(unit_price) >= _MAX_AMOUNT or unit_price != price_as_kept(unit_price):
        fault(
            _("Line %(line)d: the unit price must be an amount such as 120.50, not “%(value)s”."),
            value=_cut(line, 2),
        )
    elif isinstance(written := line.get("unit_price"), str) and _MAYBE_THOUSANDS.fullmatch(written.strip()):
        fault(
            _("Line %(line)d: “%(value)s” may be a thousand or one and a bit. Write no mark for thousands, and two or "
              "four decimals."),
            value=_cut(line, 2),
        )  # fmt: skip
    unit = _choice(line.get("unit"), Unit.PIECE)
    if unit is None:
        fault(_("Line %(line)d: there is no unit “%(value)s”. There are: %(all)s."), **_offer(line, "unit", Unit))
    tax = _choice(line.get("tax"), TaxClass.STANDARD)
    if tax is None:
        fault(
            _("Line %(line)d: there is no kind of tax “%(value)s”. There are: %(all)s."),
            **_offer(line, "tax", TaxClass),
        )
    if len(problems) > before or quantity is None or unit_price is None or unit is None or tax is None:
        return None
    made = PriceLine(description, quantity, price_as_kept(unit_price), unit, tax)
    if abs(made.amount) >= _MAX_AMOUNT:
        fault(_("Line %(line)d: this comes to more than an order can."))
        return None
    return made


def _number(raw: object, empty: str) -> Decimal | None:
    text = raw.strip() if isinstance(raw, str) else raw
    number = decimal_from(empty if text in ("", None) else text)
    return number if number is not None and abs(number) < _MAX_AMOUNT else None


def _choice(raw: object, usual: _Choice) -> _Choice | None:
    """The choice of that code; the usual one for nothing, None for what is none."""
    code = raw.strip() if isinstance(raw, str) else raw
    if code in ("", None):
        return usual
    return next((one for one in type(usual) if one.value == code), None)


def _offer(line: Mapping[str, object], name: str, choices: type[Unit] | type[TaxClass]) -> dict[str, object]:
    """What was written there, and what may be."""
    return {"value": excerpt(str(line.get(name))), "all": ", ".join(choices.values)}


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
