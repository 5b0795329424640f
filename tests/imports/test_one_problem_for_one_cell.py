"""A cell that cannot be read is one problem: that nothing is left of it is not said as a second one."""

from __future__ import annotations

import pytest

BROKEN = "Br\xfccke GmbH"
REST = "".join(f"Größe {number},G{number}\n" for number in range(40))


@pytest.mark.parametrize(
    ("kind", "header", "row", "column"),
    [
        ("customers", "name,external id", f"{BROKEN},B1", "name"),
        ("jobs", "customer,external id", f"{BROKEN},B1", "customer"),
    ],
)
def test_the_broken_name_is_told_once(cast, checked, kind, header, row, column):
    text = f"{header}\n{REST}".encode() + row.encode("latin-1")
    run = checked(text, by=cast.olivia, kind=kind)
    of_the_last = [
        group["code"]
        for group in run.report["problems"]
        if group["column"] == column and any(number == 42 for number, _value in group["rows"])
    ]
    assert len(of_the_last) == 1 and "empty" not in of_the_last


def test_an_empty_name_is_told_as_such(cast, checked):
    run = checked("name,external id\nAcme,A1\n,B1\n", by=cast.olivia, kind="customers")
    assert [group["code"] for group in run.report["problems"]] == ["empty"]
