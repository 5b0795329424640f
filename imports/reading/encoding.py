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
    """None for a file that is UTF-8 from end to end; else some of its lines that show what it is instead."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with unpacked(path, reading) as stream:
        while chunk := stream.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                lines = [line for line in chunk.splitlines() if not line.isascii()]
                return b"\n".join(lines[:400])[:65_536] or chunk[:4096]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return chunk or b"\xff"
    return None


def decoded(sample: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise Refused(_("“%s” is not an encoding that can be read.") % encoding)
    return sample.decode(encoding, errors="replace").lstrip("\ufeff")
