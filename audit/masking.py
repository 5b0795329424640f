"""Lines of logs without tokens: whoever reads a log opens nothing with it.

Which parts of an address are tokens is read from the map of addresses: every parameter called ``token``. What is logged
passes ``MaskingFormatter``, tracebacks too: Django's own lines, ours (``LOGGING``), those of gunicorn
(config/access_log.py) and of Celery (config/celery.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from audit.expressions import Expression, Match, escape

SECRET = "token"  # noqa: S105  (the name of a parameter)
_PARAMETER = Expression(r"<(?:\w{1,40}:)?(\w{1,40})>", longest=1000)
_building = False
# In the parameter of another address, and wherever somebody likes, signs are written as their numbers.
# Twice where an address stands in one that stands in another; behind a backslash in JSON.
SLASH = r"(?:\\?/|%(?:25){0,3}2[fF])"
# One part of an address between slashes, and a token.
PART = r"(?:[^/\s%]|%(?!(?:25){0,3}2[fF])){1,255}"
TOKEN = r"(?:[^/\s?#\"'<>%]|%(?!(?:25){0,3}(?:2[fF]|3[fF]|23)))+"  # noqa: S105  (an expression)


def secret_routes(urlconf: str | None = None) -> list[str]:
    """The addresses that carry a token, as they are written in the maps."""
    return [route for route in _routes(get_resolver(urlconf)) if SECRET in _names(route)]


def _names(route: str) -> set[str]:
    return {found[1] for found in _PARAMETER.finditer(route)}


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        elif isinstance(one, URLResolver):
            yield from _routes(one, route)


@lru_cache(maxsize=8)
def _tokens_in(urlconf: str) -> Expression:
    """Finds what stands before a token in an address, and the token."""
    befores = {_before(route) for route in secret_routes(urlconf)}
    return Expression(rf"({'|'.join(sorted(befores))}){TOKEN}", longest=1_000_000, listed=False)


def _before(route: str) -> str:
    pieces, end = [SLASH], 0
    for found in _PARAMETER.finditer(route):
        pieces += (_written(sign) for sign in route[end : found.start()])
        if found[1] == SECRET:
            break
        pieces.append(PART)
        end = found.end()
    return "".join(pieces)


def _written(sign: str) -> str:
    """A sign of an address, as it is or as its number, as whoever asks may write each of them."""
    if sign == "/":
        return SLASH
    number = "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{ord(sign):02x}")
    return f"(?:{escape(sign)}|%{number})"


def holds_token(address: str) -> bool:
    """Does an address hold a token? Then it is not written into another address."""
    return mask_tokens(address) != address


def mask_tokens(text: str) -> str:
    """A text in which tokens of addresses are replaced by "…". Before the apps are loaded there are no addresses."""
    global _building
    if ("/" not in text and "%" not in text) or not apps.ready or _building:
        return text
    _building = True
    try:
        expression = _tokens_in(settings.ROOT_URLCONF)
    finally:
        _building = False
    return expression.sub(_masked, text)


def _masked(found: Match) -> str:
    return f"{found[1]}…"


class MaskingFormatter(logging.Formatter):
    """Django's and our lines, with what was thrown, without tokens."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return mask_tokens(super().format(record))


class _MaskedFormatter(logging.Formatter):
    """The lines of a formatter of others, without tokens."""

    def __init__(self, theirs: logging.Formatter) -> None:
        super().__init__()
        self._theirs = theirs

    def format(self, record: logging.LogRecord) -> str:
        return mask_tokens(self._theirs.format(record))


def mask_handlers(*loggers: logging.Logger) -> None:
    """Take the tokens out of what the handlers of loggers write that others set up, in their own format."""
    for logger in loggers:
        for handler in logger.handlers:
            if not isinstance(handler.formatter, (MaskingFormatter, _MaskedFormatter)):
                handler.setFormatter(_MaskedFormatter(handler.formatter or logging.Formatter()))
