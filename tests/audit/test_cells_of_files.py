"""No cell of a file that leaves is a formula, and a file that comes back says what it said."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.spreadsheet import SEPARATORS, csv_lines, defused, undefused

# (what stands in a record, what stands in the file)
CELLS = [
    # What computes nothing.
    ("", ""),
    ("-5", "-5"),
    ("+49 151 5550133", "+49 151 5550133"),
    ("-1,234.50", "-1,234.50"),
    ("\N{MINUS SIGN}5", "\N{MINUS SIGN}5"),
    ("a=b", "a=b"),
    ("Mill Lane 4-6", "Mill Lane 4-6"),
    ("cora@example.com", "cora@example.com"),
    # The signs.
    ("=1+1", "'=1+1"),
    ("+1+1", "'+1+1"),
    ("-5+1", "'-5+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\N{MINUS SIGN}5+1", "'\N{MINUS SIGN}5+1"),
    ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
    ("\N{FULLWIDTH PLUS SIGN}A1", "'\N{FULLWIDTH PLUS SIGN}A1"),
    ("\N{FULLWIDTH HYPHEN-MINUS}A1", "'\N{FULLWIDTH HYPHEN-MINUS}A1"),
    ("\N{FULLWIDTH COMMERCIAL AT}A1", "'\N{FULLWIDTH COMMERCIAL AT}A1"),
    ("\N{SMALL EQUALS SIGN}1", "'\N{SMALL EQUALS SIGN}1"),
    # Behind what nobody sees.
    (" =1", " '=1"),
    ("\N{NO-BREAK SPACE}=1", "\N{NO-BREAK SPACE}'=1"),
    ("\t=1", "\t'=1"),
    ("\x01=1", "\x01'=1"),
    ("\N{ZERO WIDTH SPACE}=1", "\N{ZERO WIDTH SPACE}'=1"),
    ("\N{ZERO WIDTH NO-BREAK SPACE}@x", "\N{ZERO WIDTH NO-BREAK SPACE}'@x"),
    ("\N{RIGHT-TO-LEFT MARK}=1", "\N{RIGHT-TO-LEFT MARK}'=1"),
    ("\N{SOFT HYPHEN}=1", "\N{SOFT HYPHEN}'=1"),
    ("\N{HANGUL FILLER}=1", "\N{HANGUL FILLER}'=1"),
    ("\N{BRAILLE PATTERN BLANK}=1", "\N{BRAILLE PATTERN BLANK}'=1"),
    ("\N{VARIATION SELECTOR-16}=1", "\N{VARIATION SELECTOR-16}'=1"),
    # Behind a separator that another program takes for its own.
    ("Ring twice;=1", "Ring twice;'=1"),
    ("Ring twice\t=1", "Ring twice\t'=1"),
    ("Ring twice\n=1", "Ring twice\n'=1"),
    ("Ring twice\r=1", "Ring twice\r'=1"),
    ("Ring twice|=1", "Ring twice|'=1"),
    ("Ring twice, =1", "Ring twice, '=1"),
    ("Ring twice\N{LINE SEPARATOR}=1", "Ring twice\N{LINE SEPARATOR}'=1"),
    ("a;b;-c", "a;b;'-c"),
]


@pytest.mark.parametrize(("said", "written"), CELLS)
def test_a_cell_begins_no_formula(said, written):
    assert defused(said) == written


@pytest.mark.parametrize(("said", "written"), CELLS)
def test_a_file_that_comes_back_says_what_it_said(said, written):
    assert undefused(written) == said


TEXT = st.text(st.sampled_from("=+-@'; ,\t\n|ab1\N{ZERO WIDTH SPACE}\N{FULLWIDTH EQUALS SIGN}\N{MINUS SIGN}"))


@given(TEXT)
def test_whatever_the_separator_no_piece_begins_with_a_sign(said):
    written = defused(said)
    if written == said and said[-1:].isdigit():
        return  # a number, perhaps
    for separator in SEPARATORS:
        for piece in written.split(separator):
            assert piece.strip(" \t\n\N{ZERO WIDTH SPACE}")[:1] not in set("=+-@＝−"), (said, written)


@given(TEXT)
def test_it_is_done_once(said):
    assert defused(defused(said)) == defused(said)


@given(TEXT.filter(lambda text: "'" not in text))
def test_nothing_is_lost_on_the_way_there_and_back(said):
    assert undefused(defused(said)) == said


def test_the_writer_leaves_no_cell_out():
    lines = "".join(csv_lines([["Name", "Notes"], ["=1", 5, None, "a;=2"]]))
    rows = list(csv.reader(io.StringIO(lines.removeprefix("\ufeff"))))
    assert rows == [["Name", "Notes"], ["'=1", "5", "", "a;'=2"]]
