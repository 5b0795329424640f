"""Names that look the same are the same, whatever way they were typed or copied."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.normal_form import LONGEST, normal_form, search_form, searchable, tidy

# Typed or copied: kept as, and compared as.
SPELLINGS = {
    "Acme Builders": ("Acme Builders", "acme builders"),
    "Acme  Builders": ("Acme Builders", "acme builders"),
    " Acme Builders\t": ("Acme Builders", "acme builders"),
    "Acme\u00a0Builders": ("Acme Builders", "acme builders"),
    "Acme\u202fBuilders": ("Acme Builders", "acme builders"),
    "Acme\u2009\u3000Builders": ("Acme Builders", "acme builders"),
    "Acme\nBuilders": ("Acme Builders", "acme builders"),
    "\ufeffAcme Builders": ("Acme Builders", "acme builders"),
    "Acme Build\u00aders": ("Acme Builders", "acme builders"),
    "Acme\u200b Builders\u200e": ("Acme Builders", "acme builders"),
    "\u202aAcme\u202c \u2060Builders": ("Acme Builders", "acme builders"),
    "Acme \u200d Builders": ("Acme Builders", "acme builders"),
    "ACME BUILDERS": ("ACME BUILDERS", "acme builders"),
    "Ａｃｍｅ Builders": ("Ａｃｍｅ Builders", "acme builders"),
    "MÜLLER BAU": ("MÜLLER BAU", "müller bau"),
    "Mu\u0308ller Bau": ("Müller Bau", "müller bau"),
    "Mu\u200b\u0308ller Bau": ("Müller Bau", "müller bau"),
    "Groß & Söhne": ("Groß & Söhne", "gross & söhne"),
    "GROẞ & SÖHNE": ("GROẞ & SÖHNE", "gross & söhne"),
    "Gross & Söhne": ("Gross & Söhne", "gross & söhne"),
    "ΟΔΟΣ": ("ΟΔΟΣ", "οδοσ"),
    "Οδος": ("Οδος", "οδοσ"),
    "İstanbul": ("İstanbul", "istanbul"),
    "Bau\u2011Hof": ("Bau\u2011Hof", "bau-hof"),
    "ﬁrst": ("ﬁrst", "first"),
    "Café\ufe0f": ("Café\ufe0f", "café"),
    "می\u200cخواهم": ("می\u200cخواهم", "میخواهم"),
    "": ("", ""),
    "\u200b \u00a0": ("", ""),
    "\ufe0f\u2060": ("", ""),
    " \ufe0f \u034f\U000e0100": ("", ""),
}
# What stays apart: a different name, not another way to write it.
APART = [("Müller", "Muller"), ("Müller", "Mueller"), ("Acme Builders", "AcmeBuilders"), ("Acme Ltd", "Acme Ltd.")]
# Somebody types the second and finds the first.
FOUND = [
    ("Wexstraße 12", "Wexstrasse"), ("Wexstrasse 12", "Wexstraße"), ("WEXSTRASSE 12", "wexstraße"),
    ("Müller", "Muller"), ("Müller", "Mueller"), ("Müller", "MÜLLER"), ("Müller", "Mu\u0308ll"),
    ("Mueller", "Müller"), ("Mueller", "Muller"), ("Muller", "Müller"), ("Café", "cafe"), ("Cafe", "Café"),
    ("Łódź", "lodz"), ("Smørrebrød", "smorrebrod"), ("Smørrebrød", "smoerrebroed"), ("Bauer", "auer"),
    ("Neue Straße", "neue"), ("Große Bleichen", "Grosse"), ("Ｂａｕ", "bau"), ("İstanbul", "istanbul"),
    ("ISTANBUL", "İstanbul"), ("Ærø", "aeroe"),
]  # fmt: skip
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# What makes trouble comes often.
ODD = st.text(
    st.sampled_from(
        "aIiKſßẞİıΣςσǅﬁÅ\u212a\u0345\u0308\u0307\u0301ͅᾳ\u00ad\u200b\u200d\ufeff\u00a0\u3000 \n-\u2011\u1160한글각가"
    ),
    max_size=12,
)


@pytest.mark.parametrize("typed", SPELLINGS)
def test_what_is_kept_of_a_name_and_what_it_is_compared_by(typed):
    assert (tidy(typed), normal_form(typed)) == SPELLINGS[typed]


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_names_stay_others(one, other):
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(("kept", "typed"), FOUND)
def test_words_are_found_by_any_way_of_typing_them(kept, typed):
    assert search_form(typed) in searchable(kept)


def test_a_name_of_signs_that_become_many_has_a_form_that_an_index_takes():
    assert len(normal_form("\ufdfa" * 160)) <= LONGEST


@given(ANY | ODD)
def test_the_normal_form_of_a_normal_form_is_itself(text):
    form = normal_form(text)
    assert normal_form(form) == form
    assert unicodedata.is_normalized("NFKC", form)


@given(ANY | ODD)
def test_what_is_kept_is_kept_as_it_is_and_is_the_same_name(text):
    kept = tidy(text)
    assert tidy(kept) == kept
    assert normal_form(kept) == normal_form(text)


@given(ANY | ODD)
def test_case_and_composition_make_no_other_name(text):
    form = normal_form(text)
    for form_of_it in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normal_form(unicodedata.normalize(form_of_it, text)) == form
    assert normal_form(unicodedata.normalize("NFD", text).casefold()) == form


@given(ANY | ODD)
def test_every_word_of_a_text_finds_it(text):
    kept = searchable(text)
    assert all(search_form(word) in kept for word in text.split())
    assert search_form(search_form(text)) == search_form(text)
