"""A telephone number is the same number however it was written."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.telephones import asked_number, normal_number, numbers_in, searchable_number
from alerts.addresses import mobile_number
from audit.normal_form import search_form

MOBILE = [
    "0171 5550133", "0171/5550133", "(0171) 555 01 33", "+49 171 5550133", "+49 (0)171 5550133", "0049 171 5550133",
    "49 171 5550133", "491715550133", "+49-171-555-0133", "+49\u00a0171\u202f5550133", "\u202a+49 171 5550133\u202c",
    "０１７１ ５５５０１３３", "0171 5550133 (mobil)", "Tel. 0171 5550133", "mobil: 0171 5550133", "tel:+491715550133",
]  # fmt: skip
OTHERS = {
    "491701234567": "+491701234567",
    "4940123456": "+4940123456",
    "040 123456": "+4940123456",
    "040 123456 DW 12": "+494012345612",
    "+43 664 1234567": "+436641234567",
    "0043 664 1234567": "+436641234567",
    "0171 5550133 / 040 123456": "+491715550133",
    "+49 (0)171 5550133, 040 123456": "+491715550133",
    "ask at the gate": "",
    "": "",
}


@pytest.mark.parametrize("written", MOBILE)
def test_every_spelling_is_the_number_that_takes_text_messages(written):
    assert normal_number(written) == mobile_number(written) == "+491715550133"


@pytest.mark.parametrize("written", OTHERS)
def test_what_others_mean(written):
    assert normal_number(written) == OTHERS[written]


@pytest.mark.parametrize("written", ["040 123456", "4940123456", "0491 5550133"])
def test_a_landline_stays_one(written):
    with pytest.raises(ValidationError, match="landline"):
        mobile_number(written)


# Without words around it, as people type it into a search.
TYPED = [written for written in MOBILE if not any(map(str.isalpha, written))]


@pytest.mark.parametrize("kept", MOBILE)
def test_any_spelling_finds_any_other(kept):
    digits = searchable_number(kept)
    for typed in TYPED:
        [(_words, requested)] = numbers_in(search_form(typed).split())
        assert requested in digits, typed
        assert all(asked_number(word) in digits for word in search_form(typed).split()), typed


def test_words_and_numbers_of_a_search_are_told_apart():
    assert list(numbers_in(["meier", "0171", "5550133", "12a"])) == [
        (["meier"], ""), (["0171", "5550133"], "1715550133"), (["12a"], ""),
    ]  # fmt: skip
    assert list(numbers_in(["20457", "hamburg"])) == [(["20457"], ""), (["hamburg"], "")]


def test_a_word_is_found_in_no_number():
    assert asked_number("meier") not in searchable_number("0171 5550133")


@given(st.text(max_size=60))
def test_whatever_is_written_is_read(written):
    assert normal_number(written) == normal_number(written)
    assert searchable_number(written).isdigit() or not searchable_number(written)
