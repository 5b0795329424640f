"""Regular expressions for text that comes from outside, each with the longest text it is tried on.

An expression that tries again from every place can take minutes on text that was written for it. So every expression
of the project is one of these: it has a limit, it is listed here, and ``tests/text`` counts its steps on long text of
many shapes (docs/decisions/0078-long-text.md). ``re`` itself is imported nowhere else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.deconstruct import deconstructible

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

IGNORECASE, MULTILINE, VERBOSE = re.IGNORECASE, re.MULTILINE, re.VERBOSE
Match = re.Match[str]
escape = re.escape


class Expression:
    """A compiled expression for texts of at most ``longest`` characters.

    A longer text does not match (``match``, ``fullmatch``). Of a longer text, only the first ``longest`` characters
    are searched, replaced or split, and the rest stays as it is. ``listed``: False for an expression that is built
    from something a person chose; it is tested through its module.
    """

    _made: ClassVar[list[Expression]] = []

    def __init__(self, pattern: str, flags: int = 0, *, longest: int, listed: bool = True) -> None:
        self.compiled = re.compile(pattern, flags)
        self.longest = longest
        self.place: str = sys._getframe(1).f_globals["__name__"]
        if listed:
            self._made.append(self)

    @classmethod
    def all(cls) -> list[Expression]:
        """Return every expression that an imported module makes, in the order of the imports."""
        return list(cls._made)

    def __str__(self) -> str:
        return f"{self.place}: {self.pattern}"

    @property
    def pattern(self) -> str:
        """Return the expression as it is written."""
        return self.compiled.pattern

    def match(self, text: str) -> Match | None:
        """Match at the beginning of a text; None when the text is too long."""
        return None if len(text) > self.longest else self.compiled.match(text)

    def fullmatch(self, text: str) -> Match | None:
        """Match the whole of a text; None when the text is too long."""
        return None if len(text) > self.longest else self.compiled.fullmatch(text)

    def search(self, text: str) -> Match | None:
        """Find the first match."""
        return self.compiled.search(text, 0, self.longest)

    def finditer(self, text: str) -> Iterator[Match]:
        """Find every match, in order."""
        return self.compiled.finditer(text, 0, self.longest)

    def sub(self, replacement: str | Callable[[Match], str], text: str) -> str:
        """Return the text with every match replaced."""
        return self.compiled.sub(replacement, text[: self.longest]) + text[self.longest :]

    def split(self, text: str) -> list[str]:
        """Return the pieces between the matches."""
        pieces = self.compiled.split(text[: self.longest])
        pieces[-1] += text[self.longest :]
        return pieces


@deconstructible(path="django.core.validators.RegexValidator")
class LimitedRegexValidator(RegexValidator):
    """Django's validator, which refuses longer text before it tries its expression. A migration sees no difference."""

    longest = 200

    def __init__(self, regex: str, message: StrOrPromise) -> None:
        super().__init__(regex, message)
        self.limited = Expression(regex, longest=self.longest)
        self.limited.place = sys._getframe(1).f_globals["__name__"]

    def __call__(self, value: object) -> None:
        """Raises ValidationError with the message."""
        if self.limited.fullmatch(str(value)) is None:
            raise ValidationError(self.message, code=self.code, params={"value": str(value)[: self.longest]})
