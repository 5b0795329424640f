"""An address in one piece, taken apart into street, postcode and town: in the orders in which people write it.

Every way of reading it is tried, and each has to make sense: a town has no number in it, a street has a number or is
called one. Where exactly one does, that is it; otherwise the address stays whole. Nothing of it is lost, whatever
happens. Why no library: docs/decisions/0138-addresses-in-one-piece.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.expressions import IGNORECASE, Expression, Match

LONGEST = 300
# Postcodes as they are written where our customers live: 1016 AB, SW1A 1AA, 62701-1234, 20457, 1010; D-20457.
_POSTCODE = Expression(
    r"(?<![\w-])(?:[A-Z]{1,2}-)?"
    r"(?P<code>\d{4} ?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}-\d{4}|\d{5}|\d{4})(?![\w-])",
    longest=LONGEST,
)
_BETWEEN = Expression(r"[\n;,|]", longest=LONGEST)
_HOUSE = Expression(
    r"(?:no\.? ?|nr\.? ?|# ?)?\d{1,5}(?: ?[-–/+] ?\d{1,5})? ?[A-Za-z]?(?: ?[-–/] ?[A-Za-z])?", longest=30
)
_STATE = Expression(r"[A-Z]{2}", longest=2)
_WORD = Expression(r"[^\W\d_]+", longest=LONGEST)
_NUMBER_OF_A_HOUSE = Expression(r"\d{1,4} ?[a-z]?(?:[ /-]{1,3}\d{1,4} ?[a-z]?)?", IGNORECASE, longest=20)
# What stands between a street and the town behind it.
_EDGES = " -–—/·"
# How the words for a street end, or what they are.
_ENDS_OF_STREETS = (
    "straße", "strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "chaussee", "steig", "stieg", "pfad",
    "twiete", "promenade", "straat", "gracht", "laan", "plein",
)  # fmt: skip
_STREETS = frozenset(
    ("ring", "kai", "street", "st", "road", "rd", "lane", "ln", "avenue", "ave", "drive", "dr", "way", "close", "court",
     "crescent", "square", "terrace", "boulevard", "blvd", "row", "mews", "parade", "quay", "highway")
)  # fmt: skip
_FIRST_OF_STREETS = frozenset({"rue", "via", "calle"})
# Parts of a house, which are neither street nor town.
_PARTS_OF_HOUSES = frozenset(
    ("suite", "flat", "unit", "floor", "apt", "apartment", "building", "gate", "yard", "room", "level", "rear", "dock",
     "hinterhaus", "vorderhaus", "seitenflügel", "gartenhaus", "halle", "tor", "etage", "stock", "og", "eg", "ug", "dg",
     "aufgang", "eingang", "gebäude", "zimmer", "raum", "wohnung", "whg", "tel")
)  # fmt: skip
_COUNTRIES = frozenset(
    ("germany", "deutschland", "austria", "österreich", "switzerland", "schweiz", "netherlands", "niederlande",
     "united kingdom", "uk", "great britain", "usa", "united states")
)  # fmt: skip


class Address(NamedTuple):
    """An address by its parts. What is not known is empty; one that was left whole is all street."""

    street: str
    postcode: str = ""
    city: str = ""


def join_address(parts: Sequence[str], between: str) -> str:
    """The parts of an address in one line; a house's number stands behind its street."""
    line = ""
    for part in parts:
        before = " " if _HOUSE.fullmatch(part) else between
        line = f"{line}{before}{part}" if line else part
    return line


def split_address(text: str) -> Address:
    """The parts of an address in one piece; the whole of it as street where they cannot be told apart for sure."""
    whole = Address(text.strip())
    if len(text) > LONGEST:
        return whole
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > 1 and parts[-1].lower() in _COUNTRIES:
        parts.pop()
    found = {address for address in _readings(parts) if _is_street(address.street) and _is_town(address.city)}
    if len(found) == 1:
        return found.pop()
    if not found and len(parts) > 1 and not _holds_postcode(parts):
        without = Address(", ".join(parts[:-1]), "", parts[-1])
        if _is_street(without.street) and _is_town(without.city):
            return without
    return _before_its_town(parts) or whole


def _before_its_town(parts: list[str]) -> Address | None:
    """A place that is no street (Field behind the mill), with postcode and town behind a comma: these are sure."""
    *above, last = parts or [""]
    code = _POSTCODE.match(last)
    town = last[code.end() :].strip(_EDGES) if code else ""
    if code is None or not _is_town(town) or len(above) != 1 or _is_part_of_a_house(above[0]) or _holds_postcode(above):
        return None
    return Address(above[0], code["code"], town)


def _holds_postcode(parts: list[str]) -> bool:
    """Is there a postcode in these parts? The number before what is called a street is a house's."""
    return any(code.start() or not _is_called_a_street(part) for part in parts for code in _POSTCODE.finditer(part))


def _holds_town(street: str) -> bool:
    """Does a street hold a town behind its postcode? Then there are two addresses in one."""
    found = (part[code.end() :].strip(_EDGES) for part in street.split(", ") for code in _POSTCODE.finditer(part))
    return any(_is_town(town) for town in found if town)


def _readings(parts: list[str]) -> Iterator[Address]:
    """Every way of reading an address that holds a postcode, whether it makes sense or not."""
    for place, part in enumerate(parts):
        for code in _POSTCODE.finditer(part):
            yield from _readings_of(parts[:place], part, code, parts[place + 1 :])


def _readings_of(above: list[str], part: str, code: Match, below: list[str]) -> Iterator[Address]:
    before, after = part[: code.start()].strip(_EDGES), part[code.end() :].strip(_EDGES)
    postcode = code["code"]
    if before and after:
        # Street 12 20457 Town; Town 20457 Street 12.
        if not below:
            yield Address(", ".join((*above, before)), postcode, after)
        if not above:
            yield Address(", ".join((after, *below)), postcode, before)
    elif before and _STATE.fullmatch(before) and len(above) > 1:
        # Street 12, Town, IL 62701.
        yield Address(", ".join(above[:-1]), postcode, f"{above[-1]}, {before}")
    elif before or after:
        # Beside its town; the street stands before them or behind.
        if not (above and below):
            yield Address(", ".join(above or below), postcode, before or after)
        if before and not above and len(below) == 1:
            # Street 12 20457, Town.
            yield Address(before, postcode, below[0])
        if after and not above and not below:
            yield from _without_a_comma(postcode, after.split())
    else:
        # By itself, with the town in the part before or behind.
        if above:
            yield Address(", ".join(above[:-1] or below), postcode, above[-1])
        if below:
            yield Address(", ".join(above or below[1:]), postcode, below[0])


def _without_a_comma(postcode: str, words: list[str]) -> Iterator[Address]:
    """20457 Town Hauptstr. 12a: for sure only where town and street are one word each."""
    if len(words) > 2 and _is_street(words[1]) and not _is_street(words[0]):
        number = " ".join(words[2:])
        if len(words[1]) > 5 and _NUMBER_OF_A_HOUSE.fullmatch(number):
            yield Address(f"{words[1]} {number}", postcode, words[0])


def _words(text: str) -> list[str]:
    return [found[0].lower() for found in _WORD.finditer(text)]


def _is_called_a_street(text: str) -> bool:
    words = _words(text)
    if not words:
        return False
    return (
        any(word.endswith(_ENDS_OF_STREETS) for word in words)
        or words[0] in _FIRST_OF_STREETS
        or (words[-1] in _STREETS and (len(words) > 1 or words[-1] not in ("st", "dr")))
    )


def _is_part_of_a_house(text: str) -> bool:
    return not _PARTS_OF_HOUSES.isdisjoint(_words(text))


def _is_street(text: str) -> bool:
    """Is that a street, perhaps with a house, a yard or a firm beside it?"""
    return not _holds_town(text) and any(
        _is_called_a_street(part)
        or (any(map(str.isdigit, part)) and bool(_words(part)) and not _is_part_of_a_house(part))
        for part in text.split(", ")
    )


def _is_town(text: str) -> bool:
    """Can that be a town?"""
    return (
        bool(_words(text))
        and not any(map(str.isdigit, text))
        and not _is_called_a_street(text)
        and not _is_part_of_a_house(text)
        and text.lower() not in _COUNTRIES
    )
