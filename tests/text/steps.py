"""Counting what a regular expression does: a small backtracking matcher over Python's own parse tree.

Slower than the real one in everything, and never cleverer: where it takes a number of steps that grows with the text,
so does the real one at most. No clock is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# No linear expression takes so many on a text of some hundred characters.
MOST = 25_000
_CATEGORIES = {
    sre.CATEGORY_DIGIT: str.isdecimal,
    sre.CATEGORY_NOT_DIGIT: lambda sign: not sign.isdecimal(),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: lambda sign: not sign.isspace(),
    sre.CATEGORY_WORD: lambda sign: sign.isalnum() or sign == "_",
    sre.CATEGORY_NOT_WORD: lambda sign: not (sign.isalnum() or sign == "_"),
}
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)


class TooManySteps(Exception):
    """The expression goes back and tries again without an end in sight."""


class Steps:
    """One expression at work on one text."""

    def __init__(self, pattern: str, flags: int, text: str) -> None:
        self.tree = parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.text, self.count = text, 0
        self.groups: dict[int, tuple[int, int]] = {}

    def at(self, place: int) -> int | None:
        """Where a match that begins at a place ends."""
        return next(self._sequence(list(self.tree), 0, place), None)

    def everywhere(self) -> list[tuple[int, int]]:
        """What ``finditer`` finds."""
        found, place = [], 0
        while place <= len(self.text):
            end = self.at(place)
            if end is None:
                place += 1
                continue
            found.append((place, end))
            place = end if end > place else place + 1
        return found

    def _sequence(self, nodes: list[Any], number: int, place: int) -> Iterator[int]:
        if number == len(nodes):
            yield place
            return
        for after in self._node(nodes[number], place):
            yield from self._sequence(nodes, number + 1, after)

    def _node(self, node: Any, place: int) -> Iterator[int]:
        self.count += 1
        if self.count > MOST:
            raise TooManySteps
        kind, facts = node
        if kind in _REPEATS:
            least, most, inner = facts
            yield from self._repeat(list(inner), least, most, place, greedy=kind is sre.MAX_REPEAT)
        elif kind is sre.SUBPATTERN:
            group, _add, _remove, inner = facts
            for after in self._sequence(list(inner), 0, place):
                self.groups[group] = (place, after)
                yield after
        elif kind is sre.BRANCH:
            for inner in facts[1]:
                yield from self._sequence(list(inner), 0, place)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            direction, inner = facts
            begin = place if direction > 0 else place - inner.getwidth()[0]
            holds = begin >= 0 and any(
                direction > 0 or after == place for after in self._sequence(list(inner), 0, begin)
            )
            if holds == (kind is sre.ASSERT):
                yield place
        elif kind is sre.AT:
            if self._stands(facts, place):
                yield place
        elif place < len(self.text) and self._is(kind, facts, self.text[place]):
            yield place + 1

    def _repeat(self, inner: list[Any], least: int, most: Any, place: int, *, greedy: bool) -> Iterator[int]:
        if len(inner) == 1 and inner[0][0] in (sre.IN, sre.LITERAL, sre.NOT_LITERAL, sre.ANY):
            # One sign after the other: as far as it goes, then back, as the real one does.
            [(kind, facts)] = inner
            end, limit = place, len(self.text) if most is sre.MAXREPEAT else min(len(self.text), place + most)
            while end < limit and self._is(kind, facts, self.text[end]):
                self.count += 1
                end += 1
            ends = range(place + least, end + 1)
            for after in reversed(ends) if greedy else ends:
                self.count += 1
                yield after
            return
        if not greedy and least <= 0:
            yield place
        if most is sre.MAXREPEAT or most > 0:
            for after in self._sequence(inner, 0, place):
                if after > place or least > 0:
                    fewer = most if most is sre.MAXREPEAT else most - 1
                    yield from self._repeat(inner, least - 1, fewer, after, greedy=greedy)
        if greedy and least <= 0:
            yield place

    def _stands(self, where: Any, place: int) -> bool:
        text, lines = self.text, bool(self.flags & sre.SRE_FLAG_MULTILINE)
        if where in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
            return place == 0 or (lines and where is sre.AT_BEGINNING and text[place - 1] == "\n")
        if where is sre.AT_END_STRING:
            return place == len(text)
        assert where is sre.AT_END, where
        return place == len(text) or text[place:] == "\n" or (lines and text[place] == "\n")

    def _is(self, kind: Any, facts: Any, sign: str) -> bool:
        if self.flags & sre.SRE_FLAG_IGNORECASE and sign.swapcase() != sign and len(sign.swapcase()) == 1:
            return self._is_exactly(kind, facts, sign) or self._is_exactly(kind, facts, sign.swapcase())
        return self._is_exactly(kind, facts, sign)

    def _is_exactly(self, kind: Any, facts: Any, sign: str) -> bool:
        if kind is sre.LITERAL:
            return ord(sign) == facts
        if kind is sre.NOT_LITERAL:
            return ord(sign) != facts
        if kind is sre.ANY:
            return sign != "\n"
        assert kind is sre.IN, kind
        negated = facts[0][0] is sre.NEGATE
        return any(self._is_in(one, sign) for one in facts[1 if negated else 0 :]) != negated

    @staticmethod
    def _is_in(one: tuple[Any, Any], sign: str) -> bool:
        kind, facts = one
        if kind is sre.LITERAL:
            return ord(sign) == facts
        if kind is sre.RANGE:
            return facts[0] <= ord(sign) <= facts[1]
        assert kind is sre.CATEGORY, kind
        return _CATEGORIES[facts](sign)
