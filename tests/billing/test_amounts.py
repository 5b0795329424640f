"""Whatever the lines, a document's total is the sum of what is printed on it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.amounts import Amounts, Priced, amounts_of
from money.minor import ZERO

quantities = st.decimals("0.001", "9999", places=3)
prices = st.decimals("-9999", "9999", places=4)
rates = st.sampled_from(
    [("S", Decimal("19.00")), ("S", Decimal("7.00")), ("S", Decimal("5.50")), ("E", Decimal("0.00"))]
)
lines = st.lists(st.builds(lambda q, p, r: Priced(q, p, *r), quantities, prices, rates), min_size=0, max_size=12)


def _signless(amounts: Amounts) -> bool:
    said = [amounts.net, amounts.tax, amounts.total]
    said += [value for line in amounts.lines for value in (line.printed, line.net, line.tax, line.gross)]
    return not any(value == 0 and value.is_signed() for value in said)


@given(lines=lines, gross=st.booleans())
def test_a_document_adds_up(lines: list[Priced], gross: bool) -> None:
    sums = amounts_of(lines, prices_include_tax=gross)
    assert sum((line.net for line in sums.lines), ZERO) == sums.net
    assert sum((line.tax for line in sums.lines), ZERO) == sums.tax
    assert sum((line.gross for line in sums.lines), ZERO) == sums.total == sums.net + sums.tax
    assert sum((group.base for group in sums.groups), ZERO) == sums.net
    assert sum((group.tax for group in sums.groups), ZERO) == sums.tax
    assert all(line.gross == line.net + line.tax for line in sums.lines)
    printed = sum((line.printed for line in sums.lines), ZERO)
    assert printed == (sums.total if gross else sums.net)
    assert _signless(sums)


@given(lines=lines)
def test_tax_of_a_net_document_is_the_rate_of_its_group(lines: list[Priced]) -> None:
    for group in amounts_of(lines, prices_include_tax=False).groups:
        assert abs(group.tax - group.base * group.rate / 100) <= Decimal("0.005")


# quantity, unit price, rate; then net, tax and total, worked out by hand.
BY_HAND = [
    ("net, one line", False, [("1", "120.00", "19")], ("120.00", "22.80", "142.80")),
    ("net, half a cent goes up", False, [("0.5", "0.01", "19")], ("0.01", "0.00", "0.01")),
    ("net, tax of the group and not of the lines", False, [("1", "0.03", "19")] * 3, ("0.09", "0.02", "0.11")),
    ("net, two rates", False, [("1", "100.00", "19"), ("2", "50.00", "7")], ("200.00", "26.00", "226.00")),
    ("net, a discount", False, [("1", "100.00", "19"), ("1", "-10.00", "19")], ("90.00", "17.10", "107.10")),
    ("net, nothing left", False, [("1", "10.00", "19"), ("1", "-10.00", "19")], ("0.00", "0.00", "0.00")),
    ("net, less than nothing rounds away from it", False, [("1", "-0.105", "0")], ("-0.11", "0.00", "-0.11")),
    ("gross, one line", True, [("1", "119.00", "19")], ("100.00", "19.00", "119.00")),
    ("gross, what is printed is the total", True, [("3", "0.99", "19")], ("2.50", "0.47", "2.97")),
    ("gross, two rates", True, [("1", "119.00", "19"), ("1", "107.00", "7")], ("200.00", "26.00", "226.00")),
    ("prices per kilogram", False, [("1250.500", "0.0825", "19")], ("103.17", "19.60", "122.77")),
]


@pytest.mark.parametrize(("gross", "said", "wanted"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_sums_are_those_worked_out_by_hand(
    gross: bool, said: list[tuple[str, str, str]], wanted: tuple[str, str, str]
) -> None:
    lines = [Priced(Decimal(q), Decimal(p), "S" if Decimal(r) else "E", Decimal(r)) for q, p, r in said]
    sums = amounts_of(lines, prices_include_tax=gross)
    assert (str(sums.net), str(sums.tax), str(sums.total)) == wanted


# Lines that all but cancel each other: what is printed, whether with tax, and what each line's net and tax are.
NEARLY_NOTHING = [
    ("net, nothing left", False, ("1000.00", "-1000.00"), (("1000.00", "190.00"), ("-1000.00", "-190.00"))),
    ("net, cents left", False, ("1000.00", "-999.97"), (("1000.00", "190.00"), ("-999.97", "-189.99"))),
    ("gross, nothing left", True, ("1190.00", "-1190.00"), (("1000.00", "190.00"), ("-1000.00", "-190.00"))),
    ("gross, cents left", True, ("1190.00", "-1189.97"), (("1000.00", "190.00"), ("-999.97", "-190.00"))),
]


@pytest.mark.parametrize(("gross", "said", "wanted"), [row[1:] for row in NEARLY_NOTHING])
def test_a_line_carries_the_tax_of_its_own_rate_however_little_is_left(
    gross: bool, said: tuple[str, ...], wanted: tuple[tuple[str, str], ...]
) -> None:
    sums = amounts_of([Priced(Decimal(1), Decimal(p), "S", Decimal(19)) for p in said], prices_include_tax=gross)
    assert tuple((str(line.net), str(line.tax)) for line in sums.lines) == wanted


@given(lines=lines, gross=st.booleans())
def test_no_line_is_further_than_cents_from_its_own_rate(lines: list[Priced], gross: bool) -> None:
    for line, amounts in zip(lines, amounts_of(lines, prices_include_tax=gross).lines, strict=True):
        whole = line.rate + 100 if gross else Decimal(100)
        assert abs(amounts.tax - amounts.printed * line.rate / whole) <= Decimal("0.02")
