"""A sum of money is rounded as everybody rounds by hand, and written as its reader writes it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from imports.columns.base import Formats
from imports.columns.jobs import JOB_COLUMNS
from money import format_money, in_cents
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.prices import PriceLine
from templates_app.values import clean_value


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.125", "0.13"), ("0.135", "0.14"), ("-0.125", "-0.13"), ("7", "7.00"), ("0.1249", "0.12")]
)
def test_half_a_cent_is_rounded_away_from_nothing(amount, cents):
    assert str(in_cents(Decimal(amount))) == cents


def test_every_source_rounds_alike():
    """A line of a price, a cell of a file, a value that a program computed."""
    line = PriceLine("x", Decimal("0.5"), Decimal("0.25")).amount
    amount = next(column for column in JOB_COLUMNS if column.key == "amount")
    assert line == amount.clean("0.125", Formats()) == Decimal("0.13")
    assert clean_value(FieldDefinition("x", "X", FieldKind.CURRENCY), 0.125) == "0.13"


@pytest.mark.parametrize(("language", "written"), [("en", "€1,234.50"), ("de", "1.234,50\N{NO-BREAK SPACE}€")])
def test_a_sum_is_written_as_its_reader_writes_it(language, written):
    with translation.override(language):
        assert format_money(Decimal("1234.5"), "EUR") == written
        assert format_money("1234.5", "EUR") == written


def test_a_yen_has_no_cents_and_an_unknown_currency_is_named():
    with translation.override("en"):
        assert format_money(1234, "JPY") == "¥1,234"
        assert "XTS" in format_money(Decimal("1.5"), "XTS")


@pytest.mark.parametrize("currency", ["EUR", "RSD", "ALL", "HUF", "CHF", "USD", "BAM", "TND", "IQD"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_lines_add_up_to_their_total_as_they_are_printed(language, currency):
    """Babel alone prints two lines of 0.50 RSD as 0 and 0, and their total as 1."""
    with translation.override(language):
        line, total = format_money("0.50", currency), format_money(1, currency)
    assert any(mark + "50" in line for mark in ".,") and any(mark + "00" in total for mark in ".,")


@pytest.mark.parametrize("currency", ["JPY", "ISK", "KRW", "CLP"])
def test_a_currency_without_cents_shows_those_that_are_there(currency):
    with translation.override("en"):
        assert format_money("0.50", currency).endswith("0.50") and format_money(1, currency).endswith("1")
