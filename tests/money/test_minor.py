"""Amounts in a ledger's tables are whole cents, whatever database adds them up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from billing.models import CustomerAccount
from money.minor import CENT, ZERO, AmountField, from_minor, in_minor_units, require_two_decimals, share_out, to_minor
from tests.factories import make_customer

amounts = st.decimals("-99999999999", "99999999999", places=2)


@given(amount=amounts)
def test_an_amount_comes_back_as_it_went(amount: Decimal) -> None:
    assert from_minor(to_minor(amount)) == amount
    assert not (from_minor(to_minor(amount)).is_signed() and amount == 0)


@pytest.mark.parametrize("nonsense", ["0.001", "NaN", "Infinity", "1e12", "-1e12"])
def test_what_is_no_amount_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_minor(Decimal(nonsense))


@pytest.mark.parametrize("typed", ["", "abc", "NaN", "1e400", "12.345", "Infinity", "99999999999999"])
def test_what_somebody_types_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError):
        AmountField().clean(typed, None)


@given(total=amounts, weights=st.lists(st.decimals("-1000", "1000", places=2), min_size=1, max_size=9))
def test_shares_add_up_to_the_whole(total: Decimal, weights: list[Decimal]) -> None:
    assert sum(share_out(total, weights), ZERO) == total


@given(total=st.decimals("0", "100000", places=2), weights=st.lists(st.decimals("0.01", "1000", places=2), min_size=1))
def test_no_share_is_a_cent_or_more_off(total: Decimal, weights: list[Decimal]) -> None:
    whole = sum(weights)
    for part, weight in zip(share_out(total, weights), weights, strict=True):
        assert abs(part - total * weight / whole) < CENT + Decimal("0.005")


def test_nothing_has_no_sign() -> None:
    assert str(in_minor_units(Decimal("-0.004"))) == "0.00"


@pytest.mark.parametrize("code", ["JPY", "ISK", "KWD", "TND", "MGA", "XXQ", "EU", ""])
def test_currencies_without_two_decimals_are_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        require_two_decimals(code)


# Babel leaves the decimals out of RSD and ALL; both have them (ISO 4217).
@pytest.mark.parametrize("code", ["EUR", "GBP", "CHF", "USD", "HUF", "RSD", "ALL", "PLN"])
def test_currencies_with_two_decimals_are_taken(code: str) -> None:
    require_two_decimals(code)


@pytest.mark.django_db
def test_every_database_adds_up_to_the_cent() -> None:
    """In SQLite's floating point 0.10 + 0.70 - 0.80 is not 0."""
    for amount in ("0.10", "0.70", "-0.80"):
        CustomerAccount.objects.create(customer=make_customer(), currency="EUR", balance=Decimal(amount))
    assert CustomerAccount.objects.aggregate(together=Sum("balance"))["together"] == ZERO
