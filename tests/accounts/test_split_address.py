"""An address in one piece is taken apart where that is sure, in every order in which people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import split_address

APART = {
    "12 Harbour Road, 20457 Hamburg": ("12 Harbour Road", "20457", "Hamburg"),
    "Hafenstraße 12\n20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12 20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12 - 20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12, D-20457 Hamburg": ("Hafenstraße 12", "20457", "Hamburg"),
    "Hafenstraße 12; 20457 Hamburg; Deutschland": ("Hafenstraße 12", "20457", "Hamburg"),
    "20457 Hamburg, Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "20457 Hamburg; Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "20457 Hamburg, Hauptstr. 1234": ("Hauptstr. 1234", "20457", "Hamburg"),
    "20457 Hamburg, An der Alster 5": ("An der Alster 5", "20457", "Hamburg"),
    "20457 Hamburg, Hauptstr. 12a, Hinterhaus": ("Hauptstr. 12a, Hinterhaus", "20457", "Hamburg"),
    "20457 Hamburg Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "20457 Hamburg Hauptstraße 12 - 14": ("Hauptstraße 12 - 14", "20457", "Hamburg"),
    "20457, Hamburg, Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hamburg 20457, Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hamburg, 20457, Hauptstr. 12a": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hauptstr. 12a 20457, Hamburg": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hauptstr. 12a, 20457, Hamburg": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hauptstr. 12a, Hamburg, 20457": ("Hauptstr. 12a", "20457", "Hamburg"),
    "Hauptstr. 12a, Hamburg 20457": ("Hauptstr. 12a", "20457", "Hamburg"),
    "60311 Frankfurt am Main, Große Bleichen 5": ("Große Bleichen 5", "60311", "Frankfurt am Main"),
    "Straße des 17. Juni 135, 10623 Berlin": ("Straße des 17. Juni 135", "10623", "Berlin"),
    "Firma Müller, Hauptstr. 5, 20457 Hamburg": ("Firma Müller, Hauptstr. 5", "20457", "Hamburg"),
    "1010 Wien, Stephansplatz 1": ("Stephansplatz 1", "1010", "Wien"),
    "Stephansplatz 1, A-1010 Wien": ("Stephansplatz 1", "1010", "Wien"),
    "10 Downing Street, London SW1A 2AA": ("10 Downing Street", "SW1A 2AA", "London"),
    "10 Downing Street, London, SW1A 2AA": ("10 Downing Street", "SW1A 2AA", "London"),
    "742 Evergreen Terrace, Springfield, IL 62701": ("742 Evergreen Terrace", "62701", "Springfield, IL"),
    "Herengracht 1, 1016 AB Amsterdam": ("Herengracht 1", "1016 AB", "Amsterdam"),
    "Yard 3, 12 Harbour Road, 20457 Hamburg": ("Yard 3, 12 Harbour Road", "20457", "Hamburg"),
    "12 Harbour Road, Hamburg": ("12 Harbour Road", "", "Hamburg"),
    "Marktplatz, Hamburg": ("Marktplatz", "", "Hamburg"),
}
# Whatever these mean, it cannot be told from the words alone.
WHOLE = [
    "1000 Harbour Road", "20457", "20457 Hamburg", "Hamburg", "20457 Hamburg Große Bleichen 5",
    "20457 Bad Homburg Hauptstr. 12a", "20457 Hamburg Lange Straße 5", "Hafenstraße 12, Hinterhaus",
    "Bäckerei Müller, Hafenstraße 12", "Yard 3, 12 Harbour Road", "1200 Broadway, Suite 5",
    "Hauptstr. 12a, 20457 Hamburg, Altona", "20457 Hamburg, 22767 Altona", "Yard, gate 3", "",
    "12345 Broadway, New York", "20457 Hamburg, Altona", "20457 Hamburg, 5 Mill Lane, 28195 Bremen",
    "Musterstadt, Hauptstraße 5, 20457", "12 Harbour Road, 20457 Hamburg, 5 Mill Lane, 28195 Bremen",
]  # fmt: skip


@pytest.mark.parametrize("text", APART)
def test_town_and_street_are_told_apart(text):
    assert split_address(text) == APART[text]


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_unsure_is_left_whole(text):
    assert split_address(text) == (text, "", "")


@given(st.text(st.sampled_from("ab AB,;\n1234 -SW20457Hamburgstr."), max_size=60))
def test_no_letter_and_no_digit_is_lost(text):
    parts = split_address(text)
    kept = sorted(sign for sign in "".join(parts) if sign.isalnum())
    # The sign of a country before a postcode says what the postcode says.
    assert len(kept) >= len([sign for sign in text if sign.isalnum()]) - 2
    assert parts.street or not text.strip()
