"""Of the names that are there, the one that somebody may have meant is found, and none where none is near."""

from __future__ import annotations

import pytest

from imports.nearest import NearNames

THERE = ["Acme Builders", "Birch Hotel", "Cedar School", "Müller Bau GmbH & Co. KG", "Alpha GmbH & Co. KG", "Elm"]
NEAREST = {
    "Acme Bilders": "Acme Builders",
    "Acme Builder": "Acme Builders",
    "ACME BUILDERS LTD": "Acme Builders",
    "Builders, Acme": "Acme Builders",
    "Birch Hotels": "Birch Hotel",
    "Cedar Primary School": "Cedar School",
    "Mueller Bau": "Müller Bau GmbH & Co. KG",
    "Muller Bau": "Müller Bau GmbH & Co. KG",
    "Beta GmbH & Co. KG": None,
    "New Bakery": None,
    "X": None,
    "": None,
    "☃": None,
}


@pytest.fixture(scope="module")
def there():
    return NearNames([(name, name) for name in THERE])


@pytest.mark.parametrize("name", NEAREST)
def test_the_nearest_name(there, name):
    assert there.nearest(name) == NEAREST[name]


def test_among_twenty_thousand_a_name_is_found_by_what_is_its_own():
    many = [f"Harbour Builders {number} GmbH" for number in range(20_000)]
    there = NearNames([(name, name) for name in [*many, "Quay Bakery"]])
    assert there.nearest("Quay Bakkery") == "Quay Bakery"
    assert there.nearest("Harbour Builders 777") == "Harbour Builders 777 GmbH"
