"""Rows of history without a change are left out before entries are counted: they hide nothing that lies behind them."""

from __future__ import annotations

from audit import changelog
from console.reader import StaffReader


def test_an_old_change_is_seen_behind_many_rows_that_say_nothing(cast):
    acme = cast.acme
    acme.notes = "Ring twice"
    acme.save()
    for _time in range(25):
        acme.save()
    entries = changelog.entries_of(acme, StaffReader(cast.olivia), limit=10)
    assert [change.name for change in entries[0].changes] == ["notes"]
    assert len(entries) == 2 and entries[-1].kind == "+"


def test_no_more_than_asked_for_are_told(cast):
    acme = cast.acme
    for number in range(25):
        acme.notes = f"Ring {number} times"
        acme.save()
        acme.save()
    assert len(changelog.entries_of(acme, StaffReader(cast.olivia), limit=10)) == 10
