"""How long a text message is, in the units carriers charge for (3GPP TS 23.038, TS 23.040)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These take two places each.
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True)
class Length:
    """``units``: places used (septets of GSM-7, or UTF-16 units); ``segments``: messages it is charged as."""

    units: int
    segments: int
    is_plain: bool
    # The characters that make it cost more than plain letters would.
    costly: str = ""


def length_of(text: str) -> Length:
    """The length of a text: plain (GSM-7, 160 alone, 153 in a chain) or not (UCS-2, 70 and 67)."""
    costly = "".join(dict.fromkeys(char for char in text if char not in GSM_BASIC and char not in GSM_EXTENDED))
    if not costly:
        return Length(sum(_septets(char) for char in text), _chain(text, 160, 153, _septets), True)
    return Length(sum(_units(char) for char in text), _chain(text, 70, 67, _units), False, costly)


def _septets(char: str) -> int:
    return 2 if char in GSM_EXTENDED else 1


def _units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _chain(text: str, alone: int, linked: int, size: Callable[[str], int]) -> int:
    """Messages needed. A character of two units is never cut in half: it moves to the next one."""
    sizes = [size(char) for char in text]
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    segments, used = 1, 0
    for one in sizes:
        if used + one > linked:
            segments, used = segments + 1, 0
        used += one
    return segments
