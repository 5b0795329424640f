"""A window that a file promises reaches the job, whichever way the file writes it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from jobs.models import Job


def window(job):
    start, end = timezone.localtime(job.planned_start), job.window_end and timezone.localtime(job.window_end)
    return f"{start:%d %H:%M}" + (f" .. {end:%d %H:%M}" if end else "")


@pytest.mark.parametrize(
    ("header", "row", "promised"),
    [
        ("start", "10.12.2026 08:00-10:00", "10 08:00 .. 10 10:00"),
        ("start", "10.12.2026 08:00", "10 08:00"),
        ("start;until", "10.12.2026 08:00;10:00", "10 08:00 .. 10 10:00"),
        ("start;until", "10.12.2026 08:00;10.12.2026 10:00", "10 08:00 .. 10 10:00"),
        ("start;until", "10.12.2026 08:00;", "10 08:00"),
        ("until;start", "10:00;10.12.2026 08:00", "10 08:00 .. 10 10:00"),
        ("start;time window", "10.12.2026;09:30-11:00", "10 09:30 .. 10 11:00"),
        ("start;until", "10.12.2026 22:00;02:00", "10 22:00 .. 11 02:00"),
        # What stands in its own column counts.
        ("start;until", "10.12.2026 08:00-10:00;11:00", "10 08:00 .. 10 11:00"),
    ],
)
def test_a_window_is_read_and_kept(cast, imported, header, row, promised):
    imported(f"customer;{header}\nAcme Builders;{row}\n", by=cast.olivia)
    assert window(Job.objects.get()) == promised


def test_a_date_and_a_window_in_two_columns_are_joined(cast, imported):
    columns = {"customer": {"from": ["customer"]}, "planned_start": {"from": ["day", "window"]}}
    imported("customer;day;window\nAcme Builders;10.12.2026;08:00-10:00\n", by=cast.olivia, columns=columns)
    assert window(Job.objects.get()) == "10 08:00 .. 10 10:00"


@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        ("start", "10.12.2026 10:00-08:00", "planned_start"),
        ("start;until", "10.12.2026 10:00;08:00", "window_end"),
        ("start;until", "10.12.2026 10:00;12.12.2026 10:00", "window_end"),
        ("start;until", ";10:00", "window_end"),
        ("start;until", "10.12.2026 10:00;soon", "window_end"),
        ("requested start", "10.12.2026 08:00-10:00", "requested_start"),
    ],
)
def test_what_is_no_window_is_a_problem(cast, checked, header, row, column):
    run = checked(f"customer;{header}\nAcme Builders;{row}\n", by=cast.olivia)
    assert [group["column"] for group in run.report["problems"]] == [column]
