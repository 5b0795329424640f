"""What the format of a workbook's cell makes of its number, where that is more than how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from openpyxl.styles.numbers import is_date_format, is_timedelta_format

# Signs of a format that stand for themselves, and those that say the number is an amount or a measure.
_PLAIN_SIGNS = frozenset(" -/()+:")
_MEASURES = frozenset("#0?.,%Ee*_@")
_CURRENCIES = ("€", "$", "£", "¥", "EUR", "USD", "GBP", "CHF")


@dataclass(frozen=True)
class NumberFormat:
    """``pieces``: what is shown of a whole number, last sign first: "0" and "#" for a digit, or a sign itself after
    a backslash."""

    is_date: bool = False
    is_time: bool = False
    is_duration: bool = False
    pieces: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Does it show the number as it is?"""
        return not self.is_date and not self.pieces

    def shown(self, number: float) -> str:
        """The number with the zeros and signs that the cell shows; empty where it is no whole number."""
        if number < 0 or not number.is_integer() or number >= 1e15:
            return ""
        digits = list(str(int(number)))
        signs: list[str] = []
        places = sum(1 for piece in self.pieces if piece in ("0", "#"))
        for piece in self.pieces:
            if piece not in ("0", "#"):
                signs.append(piece[1:])
                continue
            places -= 1
            if digits:
                signs.append(digits.pop())
            elif piece == "0":
                signs.append("0")
            # The first place takes all digits that are left.
            while not places and digits:
                signs.append(digits.pop())
        return "".join(reversed(signs))


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    """What a format's code means: dates, and numbers that are shown with zeros or signs in front (000000, "A-"000)."""
    if is_date_format(code):
        plain = _without_texts(code).lower()
        is_time = not any(letter in plain for letter in "yd") and ("h" in plain or "s" in plain)
        return NumberFormat(is_date=True, is_time=is_time, is_duration=is_timedelta_format(code))
    return NumberFormat(pieces=_pieces(code.split(";", 1)[0]))


def _without_texts(code: str) -> str:
    kept, inside = [], False
    for sign in code:
        if sign == '"':
            inside = not inside
        elif not inside:
            kept.append(sign)
    return "".join(kept)


def _pieces(code: str) -> tuple[str, ...]:
    """The pieces of a format for numbers of things; none for one of amounts and measures."""
    pieces: list[str] = []
    place = 0
    while place < len(code):
        sign = code[place]
        if sign == '"':
            end = code.find('"', place + 1)
            if end < 0:
                return ()
            pieces += [f"\\{one}" for one in code[place + 1 : end]]
            place = end + 1
        elif sign == "\\" and place + 1 < len(code):
            pieces.append(code[place : place + 2])
            place += 2
        elif sign == "[":
            end = code.find("]", place)
            # A colour or a condition shows nothing; a currency is an amount.
            if end < 0 or code[place + 1 : place + 2] == "$":
                return ()
            place = end + 1
        elif sign in "0#":
            pieces.append(sign)
            place += 1
        elif sign in _PLAIN_SIGNS:
            pieces.append(f"\\{sign}")
            place += 1
        else:
            return ()
    digits = [index for index, piece in enumerate(pieces) if piece in ("0", "#")]
    zeros = sum(1 for piece in pieces if piece == "0")
    if not digits or digits[-1] != len(pieces) - 1:
        # A sign behind the number is a measure: 45 "min".
        return ()
    before = "".join(piece[1:] for piece in pieces[: digits[0]])
    if any(name in before for name in _CURRENCIES) or (zeros < 2 and len(digits) == len(pieces)):
        return ()
    return tuple(reversed(pieces))
