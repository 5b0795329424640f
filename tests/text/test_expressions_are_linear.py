"""Twice the text takes an expression at most about twice the steps: counted, not timed."""

from __future__ import annotations

import re
from math import inf

import pytest

from audit.expressions import MULTILINE, Expression, LimitedRegexValidator
from config.cleaners import cleaners, shapes
from imports.reading.text import quote_expressions
from tests.text.steps import Steps, TooManySteps

# Every module with an expression is imported by what reads text.
cleaners()
# Beyond this an expression shows its nature; steps are what costs here. All shapes are tried at the first length, and
# those that take most steps there at LONG and half of it.
LOOK, LOOKED_AT, LONG = 24, 12, 120
FRAMES = slice(5)
# Steps for each character of an expression that is tried on no more than LONG characters.
EACH = 60
BUILT = [expression for sign in ",;\t|" for expression in quote_expressions(sign)]
QUADRATIC = (r"\d+[.,]?\d*x", r"\s*,\s*\s*x", r"(\w+)*!", r"a.*a.*b")


def steps(expression, text):
    """Of every use at once: from the beginning, and from everywhere."""
    work = Steps(expression.pattern, expression.compiled.flags & ~re.UNICODE, text)
    try:
        work.at(0)
        work.everywhere()
    except TooManySteps:
        return inf
    return work.count


def worst_shapes(expression):
    """Names of those that take most steps."""
    looks = dict(shapes(LOOK, FRAMES))
    return sorted(looks, key=lambda name: -steps(expression, looks[name]))[:LOOKED_AT]


def is_linear(expression):
    names, longest = worst_shapes(expression), min(expression.longest, LONG)
    short, long = dict(shapes(longest // 2, FRAMES)), dict(shapes(longest, FRAMES))
    for name in names:
        once, twice = steps(expression, short[name]), steps(expression, long[name][: expression.longest])
        if twice == inf:
            return False
        if twice > 2.3 * once + 200 and (expression.longest > LONG or twice > EACH * longest):
            return False
    return True


@pytest.mark.parametrize("expression", [*Expression.all(), *BUILT], ids=str)
def test_twice_the_text_takes_about_twice_the_steps(expression):
    assert is_linear(expression)


@pytest.mark.parametrize("pattern", QUADRATIC)
def test_one_that_is_not_linear_is_noticed(pattern):
    assert not is_linear(Expression(pattern, longest=10_000, listed=False))


@pytest.mark.parametrize("expression", [*Expression.all(), *BUILT], ids=str)
def test_the_counting_matcher_finds_what_the_real_one_finds(expression):
    for _name, text in shapes(9, FRAMES):
        found = Steps(expression.pattern, expression.compiled.flags & ~re.UNICODE, text).everywhere()
        assert found == [match.span() for match in expression.compiled.finditer(text)], text


def test_there_are_expressions():
    assert len(Expression.all()) > 30 and any(one.compiled.flags & MULTILINE for one in BUILT)


def test_a_longer_text_does_not_match_and_loses_nothing():
    digits = Expression(r"\d+", longest=10, listed=False)
    assert digits.fullmatch("1" * 10) and not digits.fullmatch("1" * 11) and not digits.match("1" * 11)
    assert digits.sub("", "1" * 15) == "1" * 5
    assert digits.split("a1" * 8) == ["a", "a", "a", "a", "a", "a1a1a1"]


def test_the_validator_refuses_what_is_longer():
    colour = LimitedRegexValidator(r"^[a-z]*$", "No.")
    colour("a" * 200)
    for text in ("a" * 201, "a\n", "A"):
        with pytest.raises(Exception, match="No"):
            colour(text)
