"""Whatever reads text from outside takes at most about twice the lines of code for twice the text: counted, not timed.

What runs inside Python itself is not counted here: expressions are, in ``test_expressions_are_linear``, and
``manage.py bench_text`` times the whole.
"""

from __future__ import annotations

import sys

import pytest

from config.cleaners import Cleaner, cleaners, shapes

# All shapes are tried at the first length; those that take most lines there at LENGTH and at twice that.
LOOK, LOOKED_AT, LENGTH, FRAMES = 60, 3, 400, slice(2)


def lines_run(cleaner, text):
    """How many lines of Python a cleaner goes through."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        cleaner(text)
    finally:
        sys.settrace(before)
    return count


def grows_too_fast(cleaner):
    """The shapes on which it does."""
    cleaner("1")  # what is imported or compiled once
    looks, short, long = (dict(shapes(length, FRAMES)) for length in (LOOK, LENGTH, 2 * LENGTH))
    names = sorted(looks, key=lambda name: -lines_run(cleaner, looks[name]))[:LOOKED_AT]
    return [name for name in names if lines_run(cleaner, long[name]) > 2.3 * lines_run(cleaner, short[name]) + 300]


def test_twice_the_text_takes_about_twice_the_lines():
    found = {cleaner.name: shape for cleaner in cleaners() for shape in grows_too_fast(cleaner)[:1]}
    assert not found


def test_every_kind_of_cleaner_is_there():
    names = [cleaner.name for cleaner in cleaners()]
    assert len(names) == len(set(names))
    kinds = {"expression": 30, "template field": 12, "import column": 40, "column": 100, "form": 80, "API": 60}
    for kind, least in kinds.items():
        assert sum(name.startswith(kind) for name in names) >= least, kind


@pytest.mark.parametrize("read", [lambda text: [one for one in text for _other in text], lambda text: [_pairs(text)]])
def test_one_that_is_not_linear_is_noticed(read):
    assert grows_too_fast(Cleaner("quadratic", read))


def _pairs(text):
    found = 0
    for one in text:
        for other in text:
            found += one == other
    return found
