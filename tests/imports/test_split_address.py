"""An address that stands in one cell becomes street, postcode and town, where the person says so."""

from __future__ import annotations

import pytest

from accounts.models import Location
from imports.columns.addresses import parse_address

ADDRESSES = {
    "12 Harbour Road, 20457 Hamburg": ("12 Harbour Road", "20457", "Hamburg"),
    "Hafenstraße 12\n20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12 20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12, D-20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "10 Downing Street, London SW1A 2AA": ("10 Downing Street", "SW1A 2AA", "London"),
    "10 Downing Street, London, SW1A 2AA": ("10 Downing Street", "SW1A 2AA", "London"),
    "742 Evergreen Terrace, Springfield, IL 62701": ("742 Evergreen Terrace", "62701", "Springfield, IL"),
    "Herengracht 1, 1016 AB Amsterdam": ("Herengracht 1", "1016 AB", "Amsterdam"),
    "Yard 3, 12 Harbour Road, 20457 Hamburg": ("Yard 3, 12 Harbour Road", "20457", "Hamburg"),
    "12 Harbour Road, Hamburg": ("12 Harbour Road", "", "Hamburg"),
    "1000 Harbour Road": ("1000 Harbour Road", "", ""),
    "20457": ("20457", "", ""),
    "": ("", "", ""),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_its_parts_are_found(text):
    assert parse_address(text) == ADDRESSES[text]


FILE = "customer,address\nNew Bakery,12 Harbour Road; 20457 Hamburg\n"


def test_ines_has_the_address_taken_apart(cast, imported):
    columns = {"name": {"from": ["customer"]}, "street": {"from": ["address"], "split": True}}
    imported(FILE, by=cast.ines, kind="customers", columns=columns)
    place = Location.objects.get(customer__name="New Bakery")
    assert (place.street, place.postcode, place.city) == ("12 Harbour Road", "20457", "Hamburg")


def test_a_column_of_its_own_counts_before_what_was_taken_apart(cast, imported):
    text = "customer,address,town\nNew Bakery,12 Harbour Road; 20457 Hamburg,Altona\n"
    columns = {
        "name": {"from": ["customer"]},
        "street": {"from": ["address"], "split": True},
        "city": {"from": ["town"]},
    }
    imported(text, by=cast.ines, kind="customers", columns=columns)
    place = Location.objects.get(customer__name="New Bakery")
    assert (place.postcode, place.city) == ("20457", "Altona")


def test_unless_she_says_so_it_stays_in_one_piece(cast, imported):
    imported(FILE, by=cast.ines, kind="customers")
    assert Location.objects.get(customer__name="New Bakery").street == "12 Harbour Road; 20457 Hamburg"
