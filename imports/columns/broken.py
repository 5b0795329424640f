"""Texts that a program broke before we got them: errors of a spreadsheet, characters that were converted wrongly."""

from __future__ import annotations

from audit.expressions import Expression
from imports.reading.encoding import COMMON_LETTERS

# What cells show whose formula failed, in the languages our customers' programs speak, and a column that is too narrow.
_ERRORS = frozenset(
    [
        "#REF!",
        "#NAME?",
        "#N/A",
        "#VALUE!",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#GETTING_DATA",
        "#TIMEOUT!",
        "#ERROR!",
        "#BEZUG!",
        "#NV",
        "#WERT!",
        "#ZAHL!",
        "#ÜBERLAUF!",
        "#KALK!",
        "#FELD!",
        "#BLOCKIERT!",
        "#VERBINDEN!",
        "#UNBEKANNT!",
        "#DATEN_ABRUFEN",
        "#VALEUR!",
        "#NOM?",
        "#NOMBRE!",
        "#REFERENCE!",
        "#¡REF!",
        "#¡VALOR!",
        "#¿NOMBRE?",
        "#¡NUM!",
        "#¡DIV/0!",
        "#¡NULO!",
        "#NOME?",
        "#VALORE!",
        "#RIF!",
        "#NAAM?",
        "#WAARDE!",
        "#VERW!",
        "#GETAL!",
        "#N/B",
        "#LEEG!",
        "#DEEL/0!",
        "#ND",
    ]
)
_ERROR_NUMBER = Expression(r"(?:Err|Fehler|Error):[0-9]{3}", longest=12)
LONGEST_ERROR = 20
# A sign between the letters of a word that is none: what is left of one that could not be written.
_LOST = Expression(r"(?<=[^\W\d_])[?\x1a](?=[^\W\d_])|\ufffd", longest=2000)
# Signs that come of reading UTF-8 as something else: two or three in the place of one.
_TWICE = Expression(r"[ÂÃÄÅâÐÑ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]", longest=10_000)
_CONTROL = Expression(r"[\x80-\x9f]", longest=10_000)
_PUNCTUATION = frozenset("‘’‚“”„–—…•€™ °§²³´·«»½¼¾±×ø©®")


def is_error(text: str) -> bool:
    """Is it what a spreadsheet shows where a formula failed, or a column is too narrow for its number?"""
    if text[:1] == "#":
        return (len(text) <= LONGEST_ERROR and text.upper() in _ERRORS) or (len(text) > 2 and not text.strip("#"))
    return text[:1] in "EF" and _ERROR_NUMBER.fullmatch(text) is not None


def mended(text: str) -> str | None:
    """What a text that was converted wrongly before was meant to be; itself where that cannot be said.

    None for a text in which nothing looks as if it was.
    """
    if text.isascii():
        return None
    if _TWICE.search(text):
        meant = _read_as_utf8(text)
        if meant is not None:
            return meant
    if _CONTROL.search(text):
        return _without_control_signs(text)
    return text if "\N{REPLACEMENT CHARACTER}" in text else None


def looks_broken(text: str) -> bool:
    """Would a person who reads this name say that something went wrong with it?"""
    if mended(text) is not None or is_error(text) or _LOST.search(text):
        return True
    return bool(text.strip()) and not any(sign.isalnum() for sign in text)


def _read_as_utf8(text: str) -> str | None:
    """The text, if it is UTF-8 that was read as a code page; None if it is not, or not of letters that people write."""
    try:
        meant = b"".join(_byte_of(sign) for sign in text).decode("utf-8")
    except UnicodeError:
        return None
    strange = [sign for sign in meant if sign > "\x7f"]
    if all(sign.lower() in COMMON_LETTERS or sign in _PUNCTUATION or "Ѐ" <= sign <= "ӿ" for sign in strange):
        return meant
    return None


def _byte_of(sign: str) -> bytes:
    """The byte that was read as that sign: by Windows-1252, whose gaps programs fill as Latin-1 does."""
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


def _without_control_signs(text: str) -> str:
    """The text with each control sign as what it is in the code page that fits best."""

    def as_in(page: str) -> str:
        return _CONTROL.sub(lambda found: bytes([ord(found[0])]).decode(page, errors="replace"), text)

    return max((as_in(page) for page in ("cp1252", "cp850", "mac-roman")), key=_sense)


def _sense(text: str) -> int:
    """How many of the special signs of a text stand where people write them."""
    sense = 0
    for place, sign in enumerate(text):
        if sign <= "\x7f":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        inside = before.isalpha() and after.isalpha()
        if sign.isalpha():
            fits = sign.lower() in COMMON_LETTERS and (sign.islower() or not (before.isalpha() and after.islower()))
        else:
            fits = sign in _PUNCTUATION and (not inside or sign == "’")
        sense += 1 if fits else -2
    return sense
