"""The letters of documents. They come with packages, so that paper looks the same on every machine.

Nothing else is ever taken: typst falls back silently to what it finds, and PDF/A refuses a sign without a letter.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

import fontpkg_inter
import fontpkg_rubik
import typst
from reportlab.pdfbase.ttfonts import TTFontFile

FOLDERS = tuple(Path(package.ROOT) / "files" for package in (fontpkg_inter, fontpkg_rubik))
# What stands where there is no letter for a sign: an empty box.
MISSING = "\u25a1"
# A word of so many signs has no place to break, and would run out of its column.
LONGEST_WORD = 24
# A mark of the order of bytes, in the middle of a text: PDF/A refuses it.
_REFUSED = {0xFEFF}
# Signs that choose how another one is drawn, and joiners: without a letter of their own they say nothing.
_SILENT = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Our fonts and no others: neither those of the machine, nor those that typst brings."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in FOLDERS]
    )


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    """The signs that one of our fonts has a letter for. Private ones mean nothing outside a font, and PDF/A refuses
    them."""
    found: set[int] = set()
    for folder in FOLDERS:
        for path in folder.glob("*.ttf"):
            if "Italic" not in path.name:
                found |= set(TTFontFile(str(path)).charToGlyph)
    meaningless = ("Cc", "Cn", "Co", "Cs")
    return frozenset(sign for sign in found - _REFUSED if unicodedata.category(chr(sign)) not in meaningless)


def printable(text: str) -> str:
    """A text of signs that there are letters for: others are an empty box, silent ones are left out."""
    covered = _covered()
    if all(ord(sign) in covered for sign in text):
        return text
    said = []
    for sign in unicodedata.normalize("NFC", text):
        if ord(sign) in covered:
            said.append(sign)
        elif sign.isspace():
            said.append(" ")
        elif unicodedata.category(sign) not in _SILENT:
            said.append(MISSING)
    return "".join(said)


def breakable(text: str) -> str:
    """A printable text whose longest words may break: between two signs stands an invisible place to."""
    return " ".join(_pieces(word) if len(word) > LONGEST_WORD else word for word in printable(text).split(" "))


def _pieces(word: str) -> str:
    return "\u200b".join(word[start : start + 8] for start in range(0, len(word), 8))
