"""Keys of records and other whole numbers, as they come from outside."""

from __future__ import annotations


def is_key(words: str) -> bool:
    """Can that be a record's key? Other alphabets have digits too, and a database holds no number of any length."""
    return words.isascii() and words.isdigit() and len(words) < 19


def whole_number(words: str) -> int | None:
    """A count, a place, a page that somebody sent; None for what is none. Python reads no number of any length."""
    return int(words) if is_key(words) else None
