"""Telephone numbers, in one form whatever way they were typed, read by the habits of ``settings.DEFAULT_COUNTRY``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy

from audit.expressions import Expression
from audit.named import FormOf

# How long a telephone number can be, with all that people set between its digits.
LONGEST_NUMBER = 40
# What is written in place of the zero that is left out behind a country code.
_ZERO = "(0)"
# A word of a search that belongs to a number, and how many digits make one worth looking for as such.
_PART_OF_NUMBER = Expression(r"[+(\d][\d()/.+–-]*", longest=LONGEST_NUMBER)
_DIGITS_OF_A_NUMBER = 7
# Two numbers in one field.
_BETWEEN_NUMBERS = Expression(r"[\n,;|]| / | oder | or ", longest=LONGEST_NUMBER * 3)
_LETTERS = Expression(r"[^\W\d_]+\.?|[()]", longest=LONGEST_NUMBER * 3)
# What no number holds: looked for, it is found nowhere.
NOWHERE = "-"


def parse_number(written: str) -> phonenumbers.PhoneNumber | None:
    """The number that is meant; None where it is not one, or not a whole one.

    Of several, the first. Words around it ("mobil", "Büro") are left out. Where a country code stands without its plus
    (49 171 5550133) and a mobile number behind it, it is that number, although some of those could be a landline.
    """
    text = unicodedata.normalize("NFKC", written[: LONGEST_NUMBER * 3]).strip()
    for candidate in _candidates(text):
        number = _parsed(candidate)
        if number is not None and phonenumbers.is_valid_number(number):
            return number
    return _parsed(text)


def _candidates(text: str) -> Iterator[str]:
    digits = digits_of(text)
    code = country_code()
    if code and digits.startswith(code) and not text.lstrip("( ").startswith("+"):
        number = _parsed(f"+{digits}")
        if number is not None and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE:
            yield f"+{digits}"
    yield text
    yield _LETTERS.sub(" ", text)
    for part in _BETWEEN_NUMBERS.split(text):
        yield _LETTERS.sub(" ", part)


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    if len(text) > LONGEST_NUMBER:
        return None
    try:
        return phonenumbers.parse(text, settings.DEFAULT_COUNTRY)
    except phonenumbers.NumberParseException:
        return None


def normal_number(written: str) -> str:
    """A number as E.164 (+49171…), for comparing; its digits where no number can be read; "" for none."""
    number = parse_number(written)
    if number is None:
        return digits_of(written)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits_of(text: str) -> str:
    """The digits of a text, in whatever script."""
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


@lru_cache(maxsize=4)
def _country_code(region: str) -> str:
    code = phonenumbers.country_code_for_region(region)
    return str(code) if code else ""


def country_code() -> str:
    """That of the business's country, in digits."""
    return _country_code(settings.DEFAULT_COUNTRY)


@lru_cache(maxsize=4096)
def searchable_number(written: str) -> str:
    """The digits of a number as they are kept to be searched: with the country's code, without zeros before it.

    Made in a moment, for rows by the ten thousand: it does not ask whether there is such a number.
    """
    digits = digits_of(written.replace(_ZERO, ""))
    if not digits or digits.startswith("00") or "+" in written:
        return digits.lstrip("0")
    if digits[0] == "0" or _ZERO in written:
        return country_code() + digits.lstrip("0")
    return digits


def asked_number(words: str) -> str:
    """What ``searchable_number`` has to hold for these words to be a part of it; what it never holds for others."""
    if any(sign.isalpha() for sign in words):
        return NOWHERE
    return digits_of(words.replace(_ZERO, "")).lstrip("0") or NOWHERE


def numbers_in(words: list[str]) -> Iterator[tuple[list[str], str]]:
    """The words of a search, in pieces: ([words], what a kept number has to hold for them to be one).

    Words that make a number together stay together; each other one comes alone, with "".
    """
    run: list[str] = []
    for word in [*words, ""]:
        if word and _PART_OF_NUMBER.fullmatch(word):
            run.append(word)
            continue
        if run:
            digits = asked_number("".join(run))
            if len(digits) >= _DIGITS_OF_A_NUMBER:
                yield run, digits
            else:
                yield from (([one], "") for one in run)
            run = []
        if word:
            yield [word], ""


def search_of_number(field: str = "phone") -> FormOf[str, str]:
    """The column in which a telephone number is searched, by any way of writing it."""
    return FormOf(
        gettext_lazy("digits to be found by"),
        of=field,
        made_by=searchable_number,
        asked_by=asked_number,
        max_length=LONGEST_NUMBER + 5,
    )
