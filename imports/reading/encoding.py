"""In which encoding a text is written."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from audit.expressions import Expression
from console.errors import Refused
from imports.reading.shape import SAMPLE, Reading
from imports.reading.wrapping import unpacked

# Windows code pages by which spreadsheets save, in the order in which a doubtful file is taken for one of them.
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp437", "cp850", "cp852")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", *CODE_PAGES)

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# How bytes that are none of an encoding's come through, so that they can be told apart and mended.
SURROGATES = "imports.surrogates"
_BASE = 0xDC00
_UNREADABLE = Expression("[\udc00-\udcff]", longest=1 << 21)


def sample_of(path: Path, reading: Reading) -> bytes:
    with unpacked(path, reading) as stream:
        sample = stream.read(SAMPLE)
    if not sample:
        raise Refused(_("The file is empty."))
    return sample


def encoding_of(path: Path, reading: Reading, sample: bytes) -> str:
    for bom, encoding in MARKS:
        if sample.startswith(bom):
            return encoding
    if guess := _utf16_without_mark(sample):
        return guess
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b" for byte in sample[:4096])
    if odd > max(2, len(sample[:4096]) // 20):
        raise Refused(_("This is not a text file. Save the table as CSV or XLSX and upload that."))
    doubtful = _not_utf8(path, reading)
    if doubtful is None:
        return "utf-8"
    best = from_bytes(doubtful, cp_isolation=list(CODE_PAGES)).best()
    found = best.encoding if best else CODE_PAGES[0]
    return _of_latin_pages(doubtful) if found in LETTERS else found


# Code pages for Latin letters give the same bytes to different ones. A text is written in one language, as a rule: the
# page by which the most of its letters belong to one is right; of several the first.
LETTERS = {
    "cp1252": ("äöüß", "àâæçèéêëîïôùûüÿœ", "áéíñóúü", "àèéìíòóù", "àáâãçéêíóôõú", "åäöæøéü", "áéëïóöü"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıöşüi̇",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}
COMMON_LETTERS = frozenset("".join(letters for languages in LETTERS.values() for letters in languages))
# Signs that stand beside a letter are letters read wrongly. Not those that belong there: m², m³, nº.
_SIGN_IN_WORD = Expression(
    r"(?<=[^\W\d_])(?!(?<=[mM])[²³](?![^\W\d_])|(?<=[nN])[ºª](?![^\W\d_]))[¡-¿×÷]|[¡-¿×÷](?=[^\W\d_])",
    longest=SAMPLE,
)


def _of_latin_pages(sample: bytes) -> str:
    return max(LETTERS, key=lambda page: _belonging(sample, page))


def _belonging(sample: bytes, page: str) -> float:
    """The share of a text's special letters that belong to one language of a code page, at best."""
    text = sample.decode(page, errors="replace")
    special = [letter for letter in text.lower() if letter > "\x7f" and (letter.isalpha() or letter == "\ufffd")]
    wrong = sum(1 for _found in _SIGN_IN_WORD.finditer(text))
    known = max(sum(letter in letters for letter in special) for letters in LETTERS[page])
    return known / (len(special) + wrong) if special or wrong else 1.0


def _utf16_without_mark(sample: bytes) -> str:
    """Text in UTF-16 without a byte order mark has a zero in every second place, or nearly."""
    piece = sample[:4096]
    if len(piece) < 4:
        return ""
    half = len(piece) // 2
    if piece[1::2].count(0) > half * 0.6 and piece[::2].count(0) < half * 0.2:
        return "utf-16-le"
    if piece[::2].count(0) > half * 0.6 and piece[1::2].count(0) < half * 0.2:
        return "utf-16-be"
    return ""


def _not_utf8(path: Path, reading: Reading) -> bytes | None:
    """None for a file that is UTF-8, but for a few bytes (they are counted); else lines that show what it is instead.

    The whole file is judged: one that holds more characters of UTF-8 than bytes that are none is UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors=SURROGATES)
    good = bad = 0
    lines: list[bytes] = []
    with unpacked(path, reading) as stream:
        while chunk := stream.read(1 << 20):
            text = decoder.decode(chunk)
            if chunk.isascii():
                continue
            wrong = _count_unreadable(text)
            good += max(0, len(chunk) - len(text))
            bad += wrong
            if wrong and sum(map(len, lines)) < 65_536:
                lines += [line for line in chunk.splitlines() if not line.isascii()][:400]
            if bad > 100_000 and bad > good:
                break
    bad += _count_unreadable(decoder.decode(b"", final=True))
    if bad <= good or not bad:
        reading.unreadable = bad
        return None
    return b"\n".join(lines)[:65_536] or b"\xff"


def decoded(sample: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise Refused(_("“%s” is not an encoding that can be read.") % encoding)
    return sample.decode(encoding, errors="replace").lstrip("\ufeff")


def _as_surrogates(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return "".join(chr(_BASE + byte) for byte in fault.object[fault.start : fault.end]), fault.end


codecs.register_error(SURROGATES, _as_surrogates)


def has_unreadable(text: str) -> bool:
    """Does the text hold a byte that is none of its encoding's?"""
    return _UNREADABLE.search(text) is not None


def _count_unreadable(text: str) -> int:
    return sum(1 for _found in _UNREADABLE.finditer(text))


def readable(text: str) -> str:
    """The text with the sign for what cannot be read in the place of each such byte."""
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def mended_bytes(text: str) -> str:
    """The text with each such byte as the character it is in the code page that fits best."""
    letters = [found[0] for found in _UNREADABLE.finditer(text[:2000])]
    page = max(("cp1252", "cp850", "cp1250"), key=lambda one: sum(_is_letter(sign, one) for sign in letters))
    return _UNREADABLE.sub(lambda found: _in_page(found[0], page), text)


def _in_page(sign: str, page: str) -> str:
    return bytes([ord(sign) - _BASE]).decode(page, errors="replace")


def _is_letter(sign: str, page: str) -> bool:
    return _in_page(sign, page).lower() in COMMON_LETTERS
