"""Jobs that were begun elsewhere come with their state: their "Done" is our completed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.errors import Refused
from imports.choices import Existing
from imports.services import guess_mapping, start_undo
from jobs.choices import EventKind, JobStatus
from jobs.models import Job

TEXT = """id,template,customer,status,start,closed
1,Skip exchange,Acme Builders,Done,2026-01-05 08:00,2026-01-05 09:30
2,Skip exchange,Acme Builders,Off,,2026-01-06 10:00
3,Skip exchange,Acme Builders,Doing,2026-01-07 08:00,
4,Skip exchange,Acme Builders,Later,2026-01-07 08:00,
5,Skip exchange,Acme Builders,Planned,2029-01-07 08:00,
6,Skip exchange,Acme Builders,New,,
"""
COLUMNS = {
    "external_id": {"from": ["id"]},
    "template": {"from": ["template"]},
    "customer": {"from": ["customer"]},
    "planned_start": {"from": ["start"]},
    "ended_at": {"from": ["closed"]},
    "job_state": {
        "from": ["status"],
        "values": {
            "Done": "Completed", "Off": "Cancelled", "Doing": "Started", "Later": "Postponed", "Planned": "scheduled",
            "New": "",
        },
    },
}  # fmt: skip


def job(number):
    return Job.objects.get(external_id=str(number))


def events(number):
    return list(job(number).events.order_by("id").values_list("kind", flat=True))


def test_each_job_stands_where_the_file_says(cast, imported):
    run = imported(TEXT, by=cast.ines, columns=COLUMNS, commit={"announce": False})
    assert (run.made, run.failed) == (6, 0)
    assert [job(n).status for n in range(1, 7)] == [
        "completed", "cancelled", "started", "postponed", "scheduled", "unassigned",
    ]  # fmt: skip


def test_it_has_the_times_the_steps_and_the_events_that_belong_to_it(cast, imported):
    imported(TEXT, by=cast.ines, columns=COLUMNS, commit={"announce": False})
    done = job(1)
    assert done.completed_at == datetime(2026, 1, 5, 8, 30, tzinfo=UTC) and set(done.steps_done) == {
        step.key for step in done.steps()
    }
    assert events(1) == [EventKind.CREATED, EventKind.SCHEDULED, EventKind.COMPLETED]
    assert job(2).cancelled_at.day == 6 and events(2) == [EventKind.CREATED, EventKind.CANCELLED]
    assert job(3).started_at == job(3).planned_start and EventKind.STARTED in events(3)
    assert job(4).planned_start is None
    assert all(job(n).history.count() == 1 for n in range(1, 7))


def test_the_portal_link_of_what_is_over_is_dead(cast, imported, portal):
    imported(TEXT, by=cast.ines, columns=COLUMNS, commit={"announce": False})
    assert [bool(job(n).portal_links.get().why_dead) for n in (1, 2, 5)] == [True, True, False]


def test_words_nobody_explained_are_one_problem_with_a_choice(cast, checked):
    columns = COLUMNS | {"job_state": {"from": ["status"]}}
    problems = checked(TEXT, by=cast.ines, columns=columns).report["problems"]
    assert {(group["rows"][0][1], group["reason"], group["code"]) for group in problems} >= {
        ("Done", "is not a state of a job", "unknown")
    }


@pytest.mark.parametrize(
    ("status", "start", "closed", "reason"),
    [
        ("Planned", "", "", "needs a planned start"),
        ("New", "", "2026-01-05", "neither completed nor cancelled"),
        ("Done", "", "2029-01-05", "lies in the future"),
    ],
)
def test_what_does_not_go_together_is_said(cast, checked, status, start, closed, reason):
    text = f"id,template,customer,status,start,closed\n1,Skip exchange,Acme Builders,{status},{start},{closed}\n"
    [group] = checked(text, by=cast.ines, columns=COLUMNS).report["problems"]
    assert reason in group["reason"]


def test_the_state_of_a_job_that_is_here_is_not_the_files_to_change(cast, imported):
    imported(TEXT, by=cast.ines, columns=COLUMNS, commit={"announce": False})
    with pytest.raises(Refused, match="nothing to import"):
        imported(TEXT.replace("Planned", "Done"), by=cast.ines, columns=COLUMNS, existing=Existing.UPDATE)
    assert job(5).status == JobStatus.SCHEDULED


def test_undo_takes_them_back(cast, imported):
    start_undo(imported(TEXT, by=cast.ines, columns=COLUMNS, commit={"announce": False}), by=cast.ines)
    assert not Job.objects.exists()


def test_a_column_called_status_is_not_guessed(cast, upload):
    run = upload(TEXT, by=cast.ines)
    assert "job_state" not in guess_mapping(run, by=cast.ines)[0]
