"""The file that is offered to begin with is a good one: its row passes its own check."""

from __future__ import annotations

import pytest

from imports.choices import RecordKind, RowState
from imports.files_out import blank_file
from imports.kinds import KINDS


@pytest.mark.parametrize("kind", RecordKind.values)
def test_its_row_passes_the_check(cast, checked, kind):
    text = "".join(blank_file(KINDS[kind](by=cast.olivia)))
    run = checked(text, by=cast.olivia, kind=kind)
    assert (run.report["total"], run.report["problems"]) == (1, [])
    assert run.report["counts"][RowState.FAILED] == 0
