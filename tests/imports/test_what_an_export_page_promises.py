"""The page of an export says which cells of the file change nothing when it comes back."""

from __future__ import annotations

import pytest

from imports.choices import RecordKind
from imports.columns import COLUMNS

STAYS = {
    "jobs/job": "No file changes the template, customer, planned start, window, status or worker of a job",
    "accounts/customer": "No file changes the labels of a customer",
    "accounts/portaluser": "No file changes a person&#x27;s e-mail address, or takes a customer from a person",
}
# What the sentence calls each of the columns that no file changes.
SAID = {
    "template": "template", "customer": "customer", "customer_id": "customer", "planned_start": "planned start",
    "window_end": "window", "job_state": "status", "ended_at": "status", "worker": "worker",
}  # fmt: skip


@pytest.mark.parametrize("page", STAYS)
def test_what_stays_is_said(cast, sign_in, page):
    html = sign_in(cast.olivia).get(f"/admin/{page}/export/").content.decode()
    assert "only cells that you corrected" in html and STAYS[page] in html


def test_the_sentence_names_every_column_that_no_file_changes():
    stays = {column.key for column in COLUMNS[RecordKind.JOBS] if not column.changeable}
    # An external ID is corrected in a row that our own number is in.
    assert stays - {"external_id"} == set(SAID)
    assert all(word in STAYS["jobs/job"] for word in SAID.values())
