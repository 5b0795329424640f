"""A file that says of a job what only people change is not passed over in silence."""

from __future__ import annotations

import pytest

from imports.choices import Existing, RowState

HEADER = "id,template,customer,start,worker,asset id"


@pytest.fixture
def there(cast, imported):
    imported(f"{HEADER}\nA-1,Skip exchange,Acme,2026-12-01 08:00,,SK-1", by=cast.ines)


@pytest.mark.usefixtures("there")
class TestAJobThatIsThere:
    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("A-1,Skip exchange,Acme,2026-12-02 08:00,,SK-1", "Planned start"),
            ("A-1,Skip exchange,Birch,2026-12-01 08:00,,SK-1", "Customer"),
            ("A-1,Skip exchange,Acme,2026-12-01 08:00,Theo,SK-1", "Worker"),
        ],
    )
    def test_the_check_names_what_stays(self, cast, checked, row, told):
        run = checked(f"{HEADER}\n{row}", by=cast.ines, existing=Existing.UPDATE)
        [[note, count]] = run.report["notes"]
        assert told in note and count == 1 and run.report["counts"][RowState.CHANGED] == 0

    def test_the_rest_is_changed_all_the_same(self, cast, checked):
        row = "A-1,Skip exchange,Acme,2026-12-02 08:00,,SK-2"
        run = checked(f"{HEADER}\n{row}", by=cast.ines, existing=Existing.UPDATE)
        [[note, _count]] = run.report["notes"]
        assert "Planned start" in note and run.report["counts"][RowState.CHANGED] == 1

    def test_of_what_is_the_same_nothing_is_said(self, cast, checked):
        row = "A-1,Skip exchange,Acme,2026-12-01 08:00,,SK-1"
        run = checked(f"{HEADER}\n{row}", by=cast.ines, existing=Existing.UPDATE)
        [[note, _count]] = run.report["notes"]
        assert note == "says what Portico says already"
