"""Names and words in one form, whatever way they were typed or copied: the same on every database.

A name is kept as it was typed, but for what nobody sees (``tidy``). Two names are the same if their normal forms are
(``normal_form``). Words are searched for in a form that also leaves out accents (``search_form``). Why, and what each
does with which sign: docs/decisions/0136-normal-form-of-names.md.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# A normal form is kept in an indexed column, and one sign can become eighteen: the ligature of a whole prayer.
LONGEST = 500
# Format signs that are seen: they enclose the digits behind them.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# They join signs, or keep them apart, in scripts that are written so (Persian, Hindi) and in pictures.
_JOINERS = frozenset("\u200c\u200d")
_FIRST_JOINED = "\u0590"
# Not seen, although Unicode calls them letters, marks or pictures: fillers, selectors of variants, empty Braille.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
# Of these alone no name is made, although some belong to one between others.
_NOTHING = _UNSEEN | {" "}
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# What Unicode leaves apart: the hyphen at which no line breaks, and the dot that a Turkish capital I keeps.
_ALIKE = (("\u2010", "-"), ("\u2011", "-"), ("i\u0307", "i"))
# Letters that are no letter with an accent to Unicode, and that people type like one.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_ACCENTS = dict.fromkeys(range(0x300, 0x370))


def tidy(text: str) -> str:
    """A name as it is kept: composed, without signs that nobody sees, with one blank wherever there are some, and none
    around it. The same text if it is so already."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not (text.isprintable() and (text.isascii() or _BLANKS.isdisjoint(text))):
        kept: list[str] = []
        for sign in text:
            if sign.isspace() or sign in _BLANKS:
                kept.append(" ")
            elif not _is_unseen(sign) or (sign in _JOINERS and kept and kept[-1] >= _FIRST_JOINED):
                kept.append(sign)
        # Once more: what stood between a letter and its accent may be gone.
        text = unicodedata.normalize("NFC", " ".join("".join(kept).split()).rstrip("\u200c\u200d"))
    if text[:1] in _NOTHING and _NOTHING.issuperset(text):
        return ""
    return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text


def _is_unseen(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind == "Cc" or (kind == "Cf" and sign not in _SEEN)


def normal_form(text: str) -> str:
    """What a name is compared and found by: small letters (ß is ss), one way of writing each sign, no unseen signs, one
    blank between words. At most LONGEST characters. The normal form of a normal form is itself."""
    return _normal_form(text if len(text) <= 2 * LONGEST else text[: 2 * LONGEST])


# A file names the same customers over and over.
@lru_cache(maxsize=8192)
def _normal_form(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())[:LONGEST].rstrip()
    form, before = folded(text), None
    while form != before:
        form, before = folded(form), form
    return form[:LONGEST].rstrip()


def folded(text: str) -> str:
    """A text of any length in the form of names, once through. (Folding case can undo a composition, and composing can
    make a capital: ``normal_form`` goes on until nothing changes.)"""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
    for sign, other in _ALIKE:
        plain = plain.replace(sign, other)
    if not (plain.isprintable() and (plain.isascii() or _UNSEEN.isdisjoint(plain))):
        signs = (" " if sign.isspace() or sign in _BLANKS else sign for sign in plain)
        plain = "".join(sign for sign in signs if sign not in _UNSEEN and not _is_unseen(sign))
    return " ".join(plain.split())


def search_form(text: str) -> str:
    """A text to search in, or a word to search for: as ``normal_form``, and without accents. Of any length."""
    return " ".join(text.lower().split()) if text.isascii() and text.isprintable() else _bare(folded(text))


def _bare(text: str) -> str:
    """The letters without their accents, in the scripts that have some."""
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFD", text.translate(_PLAIN_LETTERS)).translate(_ACCENTS)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def searchable(text: str) -> str:
    """A text to keep for searching: its search form, and behind it the other ways in which people write umlauts.

    Müller is found as muller, mueller and müller; Mueller as well.
    """
    if text.isascii() and text.isprintable():
        plain = text.lower()
        if not ("ae" in plain or "oe" in plain or "ue" in plain):
            return " ".join(plain.split())
    words = [_ways_to_write(word) for word in text.split()]
    others = dict.fromkeys(other for _plain, *rest in words for other in rest)
    return " ".join(filter(None, (*(plain for plain, *_rest in words), *others)))


@lru_cache(maxsize=16_384)
def _ways_to_write(word: str) -> tuple[str, ...]:
    """The search form of a word, and what else people type who mean it. Words of streets and names come again."""
    small = folded(word)
    plain = _bare(small)
    one_letter = plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    others = {_bare(small.translate(_TWO_LETTERS)), one_letter} - {plain}
    return (plain, *sorted(others))
