"""Yes is yes in whichever way Excel, a database or a person writes it, in English and German."""

from __future__ import annotations

import pytest

from templates_app.yes_and_no import yes_or_no

YES = [
    "yes",
    "Yes",
    "YES",
    "y",
    "Y",
    "true",
    "TRUE",
    "T",
    "1",
    "1.0",
    "-1",
    "on",
    "x",
    "X",
    "WAHR",
    "wahr",
    "ja",
    "Ja",
    "JA",
    "j",
    "J",
    "an",
    "aktiv",
    "✓",
    "☑",
]
NO = [
    "no",
    "No",
    "NO",
    "n",
    "N",
    "false",
    "FALSE",
    "F",
    "0",
    "0.0",
    "off",
    "FALSCH",
    "falsch",
    "nein",
    "Nein",
    "NEIN",
    "aus",
    "inaktiv",
    "✗",
    "☐",
    "-",
]


@pytest.mark.parametrize(("word", "answer"), [*((word, True) for word in YES), *((word, False) for word in NO)])
def test_a_word_says_yes_or_no(word, answer):
    assert yes_or_no(word) is answer and yes_or_no(f" {word} ") is answer


@pytest.mark.parametrize("word", ["", " "])
def test_an_empty_cell_says_no(word):
    assert yes_or_no(word) is False


@pytest.mark.parametrize("word", ["perhaps", "2", "vielleicht", "yes and no", "yn", "WAHRSCHEINLICH"])
def test_any_other_word_is_neither(word):
    assert yes_or_no(word) is None
