"""The only arithmetic of documents: a line, a group of one rate, a document. Pure: no query, no clock.

Net documents add tax to what is printed; gross documents take it out of what is printed. Either way a document's total
is the sum of its printed lines and what is printed below them, to the cent (EN 16931: BR-CO-10, -13, -14, -15, -17).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from money.minor import ZERO, in_minor_units, round_together

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Priced:
    """What a line says: how many, at what price (before or with tax, as its document says), by which tax."""

    quantity: Decimal
    unit_price: Decimal
    category: str  # UNTDID 5305: S, Z, E, AE, K, G, O
    rate: Decimal  # percent: 19.00


@dataclass(frozen=True)
class LineAmounts:
    """What a line comes to. ``printed`` stands on it: its net, or with prices that include tax its gross."""

    printed: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True)
class TaxGroup:
    """What one rate of one category comes to, as it is printed below the lines."""

    category: str
    rate: Decimal
    base: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Amounts:
    """A document's sums; ``lines`` in the order in which they were given."""

    lines: tuple[LineAmounts, ...]
    groups: tuple[TaxGroup, ...]
    net: Decimal
    tax: Decimal
    total: Decimal


def printed_amount(line: Priced) -> Decimal:
    """Quantity times unit price, half up."""
    return in_minor_units(line.quantity * line.unit_price)


def amounts_of(lines: Sequence[Priced], *, prices_include_tax: bool) -> Amounts:
    """Everything a document of these lines adds up to.

    Groups come in the order in which their first line does. Tax is worked out for a group, never for a line; each line
    carries its share of it by largest remainder, so that the lines' gross add up to the total, and a place's lines to
    what that place owes.
    """
    printed = [printed_amount(line) for line in lines]
    nets, taxes = [ZERO] * len(lines), [ZERO] * len(lines)
    groups = []
    for category, rate in dict.fromkeys((line.category, line.rate) for line in lines):
        places = [place for place, line in enumerate(lines) if (line.category, line.rate) == (category, rate)]
        said = [printed[place] for place in places]
        whole = sum(said, ZERO)
        if prices_include_tax:
            base = in_minor_units(whole * HUNDRED / (HUNDRED + rate))
            tax = in_minor_units(whole - base)
            net_shares = round_together(base, [amount * HUNDRED / (HUNDRED + rate) for amount in said])
            tax_shares = [in_minor_units(gross - net) for gross, net in zip(said, net_shares, strict=True)]
        else:
            base, tax = whole + ZERO, in_minor_units(whole * rate / HUNDRED)
            net_shares, tax_shares = said, round_together(tax, [amount * rate / HUNDRED for amount in said])
        for place, net, share in zip(places, net_shares, tax_shares, strict=True):
            nets[place], taxes[place] = net, share
        groups.append(TaxGroup(category, rate, base, tax))
    net, tax = sum((group.base for group in groups), ZERO), sum((group.tax for group in groups), ZERO)
    rows = zip(printed, nets, taxes, strict=True)
    return Amounts(
        tuple(LineAmounts(said, net, tax, in_minor_units(net + tax)) for said, net, tax in rows),
        tuple(groups),
        net,
        tax,
        in_minor_units(net + tax),
    )
