"""An address that stands in one cell, taken apart."""

from __future__ import annotations

from collections.abc import Sequence

from audit.expressions import Expression

# Postcodes as they are written where our customers live: 1016 AB, SW1A 1AA, 62701-1234, 20457, 1010.
_POSTCODE = Expression(
    r"(?<![\w-])(?:[A-Z]{1,2}-)?"
    r"(?P<code>\d{4} ?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}-\d{4}|\d{5}|\d{4})(?![\w-])",
    longest=300,
)
_BETWEEN = Expression(r"[\n;,]", longest=300)
_HOUSE = Expression(
    r"(?:no\.? ?|nr\.? ?|# ?)?\d{1,5}(?: ?[-–/+] ?\d{1,5})? ?[A-Za-z]?(?: ?[-–/] ?[A-Za-z])?", longest=30
)
_STATE = Expression(r"[A-Z]{2}", longest=2)


def join_address(parts: Sequence[str], between: str) -> str:
    """The parts of an address in one line; a house's number stands behind its street."""
    line = ""
    for part in parts:
        before = " " if _HOUSE.fullmatch(part) else between
        line = f"{line}{before}{part}" if line else part
    return line


def parse_address(text: str) -> tuple[str, str, str]:
    """Street and number, postcode, town of an address in one piece; what is not found is empty.

    The postcode says where the town is: beside it, or in the part before it (Springfield, IL 62701). Without one the
    last of several parts is the town.
    """
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    for place in range(len(parts) - 1, -1, -1):
        found = list(_POSTCODE.finditer(parts[place]))
        # A number at the beginning of the first part is the house's.
        found = [one for one in found if place or one.start()]
        if not found:
            continue
        code = found[-1]
        before, after = parts[place][: code.start()].strip(), parts[place][code.end() :].strip()
        above, below = parts[:place], parts[place + 1 :]
        if place == 0:
            # All in one: what stands behind the postcode is the town, or the next part.
            return before, code["code"], after or ", ".join(below)
        beside = " ".join(filter(None, (before, after)))
        if beside and not _STATE.fullmatch(beside):
            return ", ".join(above), code["code"], beside
        if len(above) > 1:
            return ", ".join(above[:-1]), code["code"], ", ".join(filter(None, (above[-1], beside)))
        return ", ".join(above), code["code"], " ".join(filter(None, (beside, *below[:1])))
    if len(parts) > 1:
        return ", ".join(parts[:-1]), "", parts[-1]
    return text.strip(), "", ""
