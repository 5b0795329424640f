"""The page of an export says which cells of the file change nothing when it comes back."""

from __future__ import annotations

import pytest

from imports.choices import RecordKind
from imports.columns import COLUMNS

STAYS = "No file changes the template, customer, planned start, window, status or worker of a job"
# What the sentence calls each of the columns that no file changes.
SAID = {
    "template": "template", "customer": "customer", "customer_id": "customer", "planned_start": "planned start",
    "window_end": "window", "job_state": "status", "ended_at": "status", "worker": "worker",
}  # fmt: skip


@pytest.mark.parametrize(("page", "is_said"), [("jobs/job", True), ("accounts/customer", False)])
def test_what_stays_is_said_where_something_stays(cast, sign_in, page, is_said):
    html = sign_in(cast.olivia).get(f"/admin/{page}/export/").content.decode()
    assert "only cells that you corrected" in html and (STAYS in html) == is_said


def test_the_sentence_names_every_column_that_no_file_changes():
    stays = {column.key for column in COLUMNS[RecordKind.JOBS] if not column.changeable}
    assert {SAID.get(key, key) for key in stays} == set(SAID.values())
    assert all(word in STAYS for word in SAID.values())
