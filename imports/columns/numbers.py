"""Numbers as people and programs write them, understood where they can mean one thing only.

The one reader of numbers. Which mark stands before the decimals is told by the number itself (1.234,50), else by the
other cells of its column (``decimal_mark_of``), else by whoever imports the file, else it is asked.
"""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audit.expressions import IGNORECASE, Expression
from imports.choices import DecimalMark
from imports.columns.base import Formats, clean_text

# No number is written longer.
LONGEST = 60
_MINUS = dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}"), "-")
# Between thousands where people write neither point nor comma: the Swiss apostrophe in its spellings, and blanks.
_GAPS = dict.fromkeys(map(ord, "’‘ʼ´`\N{PRIME}"), "'")
_DIGITS = Expression(r"[0-9]+", longest=LONGEST)
_GROUPED = {
    mark: Expression(rf"[0-9]{{1,3}}(?:\{mark}[0-9]{{3}})+", longest=LONGEST) for mark in ("'", ".", ",")
}  # fmt: skip
# A sum without cents: 120,- and 1'234.–
_NO_CENTS = Expression(r"(?<=[0-9])[.,]-{1,2}$", longest=LONGEST)
# How most programs write it.
_PLAIN = Expression(r"-?[0-9]+(?:\.[0-9]{1,2})?", longest=LONGEST)
_MARKS = {DecimalMark.POINT: ".", DecimalMark.COMMA: ","}
_SIGN_OF_CURRENCY = Expression(
    r"US\$|CA?\$|AU?\$|NZ\$|HK\$|S\$|R\$|[€$£¥₤₺₹₽₴₩₪₫฿¢]|euros?|dollars?|pounds?|franken|s?fr\.?|kr\.?|zł|kč|ft|lei|лв\.?"
    r"|[A-Z]{3}",
    IGNORECASE,
    longest=LONGEST,
)
_ENDS_IN_CURRENCY = Expression(rf"(?:{_SIGN_OF_CURRENCY.pattern})$", IGNORECASE, longest=LONGEST)
_CODES = frozenset(list_currencies())


def read_number(raw: str, formats: Formats) -> Decimal:
    """A number: 1234.5, 1,234.50, 1.234,50, 1 234,50, 1'234.50, -12, 12-.

    Raises ValidationError where it is none, or could be two ("unclear_number").
    """
    if _PLAIN.fullmatch(raw):
        return Decimal(raw)
    sign, text = _bare(raw)
    return sign * _magnitude(text, formats, is_money=False)


def read_money(raw: str, formats: Formats) -> Decimal:
    """A sum as bookkeepers write it, with or without its currency: €1,234.50, 1.234,50 EUR, (120.50), 120,-.

    Money has two decimals: three digits behind the only mark are thousands, or a question. Raises ValidationError as
    ``read_number`` does.
    """
    if _PLAIN.fullmatch(raw):
        return Decimal(raw)
    sign, text = _bare(raw, currency=True)
    return sign * _magnitude(text, formats, is_money=True)


def decimal_mark_of(raw: str) -> DecimalMark | None:
    """Which mark stands before the decimals, as far as this cell proves it: 1.234,50 and 12,5 prove a comma."""
    if _PLAIN.fullmatch(raw):
        return DecimalMark.POINT if "." in raw else None
    try:
        _sign, text = _bare(raw, currency=True)
        mark = _split(text)[2]
    except ValidationError:
        return None
    return next((known for known, sign in _MARKS.items() if sign == mark), None)


def _bare(raw: str, *, currency: bool = False) -> tuple[int, str]:
    """The sign, and digits with their marks; one apostrophe for whatever else stands between thousands."""
    text = clean_text(raw).translate(_MINUS)
    if len(text) > LONGEST:
        raise _no_number()
    currencies = negatives = 0
    # A currency may stand outside and inside of a sign: €-12, -€12, (€12), 12- €.
    for _round in range(2):
        if currency:
            text, found = _without_currency(text)
            currencies += found
            text = _NO_CENTS.sub("", text)
        text, found = _without_sign(text)
        negatives += found
    if currency:
        text, found = _without_currency(text)
        currencies += found
    if negatives > 1 or currencies > 1:
        raise _no_number()
    return (-1 if negatives else 1), "'".join(text.split()).translate(_GAPS)


def _without_sign(text: str) -> tuple[str, int]:
    """The rest, and how many minus signs it had: 1 for -12, 12- and (12)."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), 1
    if text.startswith(("-", "+")):
        return text[1:].strip(), int(text[0] == "-")
    if text.endswith("-") and text[-2:-1].isdigit():
        return text[:-1].strip(), 1
    return text, 0


def _without_currency(text: str) -> tuple[str, int]:
    """The rest, and how many currencies it had before or behind it."""
    for found in (_SIGN_OF_CURRENCY.match(text), _ENDS_IN_CURRENCY.search(text)):
        if found is not None and _is_currency(found[0]):
            return (text[: found.start()] + text[found.end() :]).strip(), 1
    return text, 0


def _is_currency(word: str) -> bool:
    return len(word) != 3 or not word.isalpha() or word.casefold() in ("sfr", "lei") or word.upper() in _CODES


def _split(text: str) -> tuple[str, str, str]:
    """Whole digits, decimals, and the mark between them: "." or ",", proven; "?." or "?," where it may as well stand
    between thousands; empty where nothing tells. Raises ValidationError for what is no number."""
    if _DIGITS.fullmatch(text):
        return text, "", ""
    point, comma = text.count("."), text.count(",")
    if "'" in text:
        if point + comma > 1:
            raise _no_number()
        mark = "." if point else "," if comma else ""
        whole, _mark, decimals = text.partition(mark) if mark else (text, "", "")
        return _grouped(whole, "'"), _decimals(decimals), mark
    if point and comma:
        mark, thousands = (".", ",") if text.rfind(".") > text.rfind(",") else (",", ".")
        if text.count(mark) > 1:
            raise _no_number()
        whole, _mark, decimals = text.partition(mark)
        return _grouped(whole, thousands), _decimals(decimals), mark
    mark, thousands = (".", ",") if point else (",", ".")
    if point + comma > 1:
        return _grouped(text, mark), "", thousands
    whole, _mark, decimals = text.partition(mark)
    if not (whole or decimals) or (whole and not _DIGITS.fullmatch(whole)):
        raise _no_number()
    decimals = _decimals(decimals)
    is_open = len(decimals) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return whole or "0", decimals, f"?{mark}" if is_open else mark


def _grouped(whole: str, mark: str) -> str:
    """Digits in threes, without the mark between them."""
    if not _GROUPED[mark].fullmatch(whole):
        raise _no_number()
    return whole.replace(mark, "")


def _decimals(text: str) -> str:
    if text and not _DIGITS.fullmatch(text):
        raise _no_number()
    return text


def _magnitude(text: str, formats: Formats, *, is_money: bool) -> Decimal:
    whole, decimals, mark = _split(text)
    if mark.startswith("?"):
        known = _MARKS.get(DecimalMark(formats.decimal))
        # That a column writes its decimals behind this mark does not make three of them money.
        if known is None or (known == mark[1] and is_money and formats.decimal_is_inferred):
            raise ValidationError(
                _("can be two numbers: say in step 2 how the file writes its numbers"), code="unclear_number"
            )
        if known != mark[1]:
            whole, decimals = whole + decimals, ""
    return Decimal(f"{whole}.{decimals}" if decimals else whole)


def _no_number() -> ValidationError:
    return ValidationError(_("is not a number"), code="number")
