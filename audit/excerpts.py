"""The beginning of what is too long for an answer, and how much more there is.

Whatever lists what was refused (problems of the API, errors of a form, problems of an import) lists at most
``MOST_LISTED`` of it, and shows at most ``MOST_SHOWN`` characters of what somebody sent: an answer must not grow with
the question (docs/decisions/0078-long-text.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

Item = TypeVar("Item")

MOST_LISTED = 20
MOST_SHOWN = 80
MORE = "more"


def excerpt(value: object, most: int = MOST_SHOWN) -> str:
    """Return a value as text of at most ``most`` characters; one that was cut ends in "…"."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def first_few(items: Collection[Item], most: int = MOST_LISTED) -> tuple[list[Item], str]:
    """Return the first items, and "and 12 more" for the rest ("" when there is no rest)."""
    more = len(items) - most
    return list(islice(items, most)), and_more(more) if more > 0 else ""


def and_more(count: int) -> str:
    """Return "and 12 more"."""
    return ngettext("and %(count)s more", "and %(count)s more", count) % {"count": f"{count:,}"}


def not_named(count: int) -> ValidationError:
    """Return a fault that stands for so many others. Whoever shortens a list of faults again adds its count."""
    return ValidationError(and_more(count), code=MORE, params={"count": count})


def counted(fault: ValidationError) -> int:
    """Return how many other faults this one stands for; 0 for one of its own."""
    return int(fault.params["count"]) if fault.code == MORE and isinstance(fault.params, dict) else 0


def some_sentences(sentences: Iterable[str]) -> list[str]:
    """Return each different sentence once, at most so many; the last then says how many more there are."""
    first, more = first_few(dict.fromkeys(sentences).keys())
    return [*first, more] if more else first


def in_a_row(names: Iterable[object]) -> str:
    """Return names as "one, two and 12 more", each cut to what is shown."""
    first, more = first_few(list(names))
    said = ", ".join(excerpt(name) for name in first)
    return f"{said} {more}" if more else said
