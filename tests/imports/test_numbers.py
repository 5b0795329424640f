"""A number is understood where it can mean one thing; else the other cells of its column decide, or it is asked."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from imports.choices import DecimalMark
from imports.columns.base import Formats
from imports.columns.cells import Minutes
from imports.columns.jobs import JOB_COLUMNS
from imports.columns.numbers import decimal_mark_of, read_money, read_number

SUMS = {
    "120": "120", "120.5": "120.5", "120,50": "120.5", "1,234.50": "1234.5", "1.234,50": "1234.5", "1 234,50": "1234.5",
    "1\N{NO-BREAK SPACE}234,50": "1234.5", "1\N{NARROW NO-BREAK SPACE}234,50": "1234.5", "1'234.50": "1234.5",
    "1’234.50": "1234.5", "1.234.567": "1234567", "1,234,567": "1234567", "1 000 000": "1000000", "0,125": "0.125",
    ".5": "0.5", "12.": "12", "1234,567": "1234.567",
    # Currencies, before and behind.
    "€1,234.50": "1234.5", "1.234,50 €": "1234.5", "EUR 120,50": "120.5", "120,50EUR": "120.5", "US$ 12": "12",
    "$12.5": "12.5", "CHF 1'234.50": "1234.5", "Fr. 12.50": "12.5", "120 zł": "120", "12 kr.": "12", "12 Euro": "12",
    # No cents.
    "120,-": "120", "120,– €": "120", "1'234.–": "1234", "120.--": "120",
    # Below zero.
    "-12": "-12", "\N{MINUS SIGN}12": "-12", "12-": "-12", "120,50- EUR": "-120.5", "(120.50)": "-120.5",
    "(€120.50)": "-120.5", "€ (120.50)": "-120.5", "-€120": "-120", "€-120": "-120", "+12": "12",
}  # fmt: skip
NO_SUMS = [
    "", "-", "abc", "12 h", "12 Stück", "12 XYZ", "EUR 12 USD", "1E5", "1.2.3", "1,23,456", "12 50", "1.234,5.6", "--5",
    "-5-", "(12", "1,2,3", "0x10", "1/2", "１２x", "12" * 40,
]  # fmt: skip
UNCLEAR = ["1.234", "1,234", "12.345", "1,000", "€1.234", "-1.234", "999,999"]


@pytest.mark.parametrize(("text", "sum_of_money"), SUMS.items())
def test_a_sum_means_what_its_writer_meant(text, sum_of_money):
    assert read_money(text, Formats()) == Decimal(sum_of_money)


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_is_no_sum_is_a_problem(text):
    with pytest.raises(ValidationError, match="is not a number"):
        read_money(text, Formats())


@pytest.mark.parametrize("text", UNCLEAR)
@pytest.mark.parametrize("read", [read_number, read_money])
def test_three_digits_behind_the_only_mark_are_asked_about(read, text):
    if read is read_number and "€" in text:
        return
    with pytest.raises(ValidationError) as problem:
        read(text, Formats())
    assert problem.value.code == "unclear_number"


@pytest.mark.parametrize(
    ("decimal", "is_inferred", "number", "money"),
    [
        (DecimalMark.POINT, False, "1.234", "1.234"),
        (DecimalMark.COMMA, False, "1234", "1234"),
        (DecimalMark.COMMA, True, "1234", "1234"),
        # Money has two decimals: that a column writes them behind a point does not make three of them money.
        (DecimalMark.POINT, True, "1.234", None),
    ],
)
def test_who_says_how_the_file_writes_numbers_is_heard(decimal, is_inferred, number, money):
    how = Formats(decimal=decimal, decimal_is_inferred=is_inferred)
    assert read_number("1.234", how) == Decimal(number)
    if money is not None:
        assert read_money("1.234", how) == Decimal(money)
        return
    with pytest.raises(ValidationError) as problem:
        read_money("1.234", how)
    assert problem.value.code == "unclear_number"


def test_a_currency_belongs_to_sums_only():
    with pytest.raises(ValidationError):
        read_number("€12", Formats())


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234,50", DecimalMark.COMMA), ("12,5", DecimalMark.COMMA), ("1.234.567", DecimalMark.COMMA),
        ("1 234,50 €", DecimalMark.COMMA), ("1,234.50", DecimalMark.POINT), ("12.50", DecimalMark.POINT),
        ("1'234.5", DecimalMark.POINT), ("0.125", DecimalMark.POINT), ("1,234", None), ("1.234", None), ("120", None),
        ("no number", None),
    ],
)  # fmt: skip
def test_a_cell_proves_which_mark_its_column_writes(text, mark):
    assert decimal_mark_of(text) == mark


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90), ("1:30", 90), ("01:30:00", 90), ("26:30", 1590), ("1.5 h", 90), ("1,5 Std.", 90),
        ("1 h 30 min", 90),        ("90 min", 90), ("90 Minuten", 90), ("1 Stunde", 60), ("2h", 120), ("1h30", 90),
    ],
)  # fmt: skip
def test_how_long_something_takes_is_told_in_minutes_or_hours(text, minutes):
    column = next(column for column in JOB_COLUMNS if column.key == "duration_minutes")
    assert isinstance(column, Minutes) and column.clean(text, Formats()) == minutes


@pytest.mark.parametrize("text", ["soon", "1:75:99:1", "0", "-5", "1.5.2 h", "h", "1,234"])
def test_what_is_no_duration_is_a_problem(text):
    column = next(column for column in JOB_COLUMNS if column.key == "duration_minutes")
    with pytest.raises(ValidationError):
        column.clean(text, Formats())


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_every_way_of_writing_a_sum_says_the_same(amount):
    english = f"{amount:,.2f}"
    swapped = english.translate({44: ".", 46: ","})
    ways = [english, swapped, f"{amount:.2f}", english.replace(",", "'"), english.replace(",", " "), f"€{english}"]
    ways += [f"{swapped} EUR", f"({english.lstrip('-')})" if amount < 0 else english]
    assert {read_money(way, Formats()) for way in ways} == {amount}


@given(st.text(alphabet="0123456789.,'’ -()€$EURCHF\u2212\u202f", max_size=80) | st.text(max_size=100))
def test_any_text_is_a_number_or_a_problem_with_a_sentence(text):
    for read in (read_number, read_money):
        try:
            assert read(text, Formats()).is_finite()
        except ValidationError as problem:
            assert problem.messages[0]
