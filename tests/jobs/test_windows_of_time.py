"""Customers are promised windows of time: kept when a job moves, shown wherever its start is, and sane."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from audit.wall_clock import NotOneMoment
from jobs.models import Job
from jobs.pdf import job_sheet
from jobs.schedule import seen_mark
from jobs.services import (
    cancel_job,
    create_series,
    make_due_occurrences,
    postpone_job,
    schedule_job,
    undo_cancel_job,
    unschedule_job,
    update_series,
)
from jobs.windows import end_of_window, length_of_window, moved_window
from tests.console.forms import filled
from tests.factories import make_job

DAY = "2031-05-05"


def at(clock, day=DAY):
    return timezone.make_aware(datetime.fromisoformat(f"{day}T{clock}"))


def fresh(job):
    return Job.objects.get(pk=job.pk)


def told(job):
    job.refresh_from_db()
    moments = (job.planned_start, job.window_end)
    return " .. ".join(timezone.localtime(moment).strftime("%d %H:%M") for moment in moments if moment)


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, planned_start=at("08:00"), window_end=at("10:00"))


# --- what it is


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("08:00", "10:00", 2), ("22:00", "02:00", 4), ("22:00", "00:00", 2), ("08:00", "07:00", None)],
)
def test_a_window_ends_on_its_day_or_in_the_night_after(start, end, hours):
    ends = [time.fromisoformat(one) for one in (start, end)]
    if hours is None:
        with pytest.raises(ValidationError, match="ends before it begins"):
            length_of_window(*ends)
        return
    assert length_of_window(*ends) == timedelta(hours=hours)
    assert end_of_window(at(start), ends[1]) == at(start) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (at("08:00"), at("08:00"), "ends before it begins"),
        (at("08:00"), at("07:00"), "ends before it begins"),
        (at("08:00"), at("08:01", "2031-05-06"), "a day long at most"),
        (None, at("08:00"), "needs a planned start"),
    ],
)
def test_no_job_is_made_with_a_window_nobody_means(cast, start, end, why):
    with pytest.raises(ValidationError, match=why):
        make_job(cast.acme, cast.exchange, planned_start=start, window_end=end)


def test_the_database_keeps_it_too(job):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(window_end=at("07:00"))


# --- moving it


def test_it_moves_with_the_start(cast, job):
    schedule_job(job, by=cast.dana, start=at("13:30", "2031-05-07"))
    assert told(job) == "07 13:30 .. 07 15:30"


def test_over_a_change_of_the_clocks_it_stays_as_long_on_the_wall(cast, job):
    schedule_job(job, by=cast.dana, start=at("08:00", "2031-11-05"))
    assert told(job) == "05 08:00 .. 05 10:00"


def test_another_window_takes_its_place_and_none_takes_it_away(cast, job):
    schedule_job(job, by=cast.dana, start=at("08:00"), window_end=at("12:00"))
    assert told(job) == "05 08:00 .. 05 12:00"
    schedule_job(job, by=cast.dana, start=at("08:00"), window_end=None)
    assert told(job) == "05 08:00"


def test_it_goes_with_the_start_and_comes_back_with_the_job(cast, job):
    cancel_job(job, by=cast.dana, reason="rain")
    undo_cancel_job(job, by=cast.dana)
    assert told(job) == "05 08:00 .. 05 10:00"
    postpone_job(job, by=cast.dana)
    assert told(job) == ""
    schedule_job(job, by=cast.dana, start=at("08:00"), window_end=at("10:00"))
    unschedule_job(job, by=cast.dana)
    assert told(job) == ""


def test_events_and_history_say_it(cast, job):
    schedule_job(job, by=cast.dana, start=at("09:00"))
    schedule_job(job, by=cast.dana, start=at("09:00"), window_end=at("12:00"))
    said = [event.payload.for_office() for event in job.events.order_by("pk")]
    assert said[1] == "Scheduled for Mon 5 May, 08:00–10:00"
    assert said[2] == "Moved from Mon 5 May, 08:00 to Mon 5 May, 09:00–11:00"
    assert said[3].endswith("09:00–12:00")
    assert [timezone.localtime(row.window_end).hour for row in job.history.order_by("history_id")] == [10, 11, 12]


def test_nothing_new_writes_nothing(cast, job):
    before = job.history.count()
    schedule_job(job, by=cast.dana, start=at("08:00"), window_end=at("10:00"))
    assert job.history.count() == before


def test_a_job_is_late_when_its_window_is_over(job):
    for clock, late in (("08:30", False), ("10:01", True)):
        with time_machine.travel(at(clock), tick=False):
            assert (Job.objects.get(pk=job.pk).is_overdue, Job.objects.overdue().exists()) == (late, late)


# --- the console


def click(client, job, **answers):
    answers = {"_form_submitted": "1", "worker": "", "duration_minutes": "60", **answers}
    return client.post(reverse("admin:jobs_job_schedule", args=[job.pk]), answers)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"start": f"{DAY}T14:00", "window_end": "10:00"}, "05 14:00 .. 05 16:00"),
        ({"start": f"{DAY}T08:00", "window_end": "12:00"}, "05 08:00 .. 05 12:00"),
        ({"start": f"{DAY}T08:00", "window_end": ""}, "05 08:00"),
        ({"start": f"{DAY}T08:00", "window_end": "07:00"}, "05 08:00 .. 05 10:00"),
    ],
)
def test_dana_schedules_by_the_dialog(cast, sign_in, job, answers, expected):
    click(sign_in(cast.dana), job, **answers)
    assert told(job) == expected


def test_dana_drags_it_on_the_board(cast, sign_in, job):
    data = {
        "job": job.number,
        "to": "slot",
        "worker": cast.theo.pk,
        "start": f"{DAY}T15:00",
        "seen": seen_mark(fresh(job)),
    }
    page = sign_in(cast.dana).post(reverse("admin:jobs_schedule_move"), data, headers={"HX-Request": "true"})
    assert told(job) == "05 15:00 .. 05 17:00"
    assert f"{job.number}: Mon 5 May, 15:00–17:00, Theo." in page.content.decode()


def test_the_pages_of_the_office_show_it(cast, sign_in, job):
    dana = sign_in(cast.dana)
    for address in (
        reverse("admin:jobs_job_change", args=[job.pk]),
        reverse("admin:jobs_job_changelist"),
        f"{reverse('admin:jobs_schedule')}?day={DAY}",
    ):
        assert "08:00–10:00" in dana.get(address).content.decode(), address


def test_a_new_job_is_promised_a_window(cast, sign_in):
    dana = sign_in(cast.dana)
    url = f"/admin/jobs/job/add/?{urlencode({'template': cast.exchange.slug, 'customer': cast.acme.pk})}"
    data = filled(dana.get(url)) | {"planned_start": f"{DAY}T08:00", "window_end": "10:30"}
    assert dana.post(url, data).status_code == 302
    assert told(Job.objects.get()) == "05 08:00 .. 05 10:30"


def test_a_new_job_without_a_start_is_promised_nothing(cast, sign_in):
    dana = sign_in(cast.dana)
    url = f"/admin/jobs/job/add/?{urlencode({'template': cast.exchange.slug, 'customer': cast.acme.pk})}"
    page = dana.post(url, filled(dana.get(url)) | {"planned_start": "", "window_end": "10:30"})
    assert "A window of time needs a planned start." in page.content.decode() and not Job.objects.exists()


def test_the_job_sheet_says_it(job):
    job = Job.objects.select_related("customer", "template", "worker", "blueprint").get(pk=job.pk)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(job_sheet(job, for_customer=True))).pages)
    assert "08:00–10:00" in text


# --- the companion site


def test_cora_reads_the_window_and_carl_reads_nothing(cast, sign_in, job):
    for address in (f"/jobs/{job.number}/", "/jobs/", "/"):
        text = sign_in(cast.cora).get(address).content.decode()
        assert "between 08:00 and 10:00" in text, address
        assert "between 08:00" not in sign_in(cast.carl).get(address).content.decode()


def test_cora_takes_it_along_in_her_file(cast, sign_in, job):
    text = b"".join(sign_in(cast.cora).get("/jobs/export.csv").streaming_content).decode("utf-8-sig")
    assert "End of the window" in text and "2031-05-05 10:00" in text


# --- series


@pytest.fixture
def series(cast):
    facts = {
        "name": "Acme daily", "customer": cast.acme, "template": cast.exchange, "starts_on": date(2027, 3, 26),
        "rules": [{"kind": "day", "every": 1}], "create_days_ahead": 0, "window_end": time(10),
    }  # fmt: skip
    with time_machine.travel("2027-03-26T06:00:00+01:00", tick=False):
        yield create_series(facts, by=cast.dana)


def test_the_jobs_of_a_series_get_its_window(series):
    assert told(series.occurrences.get().job) == "26 08:00 .. 26 10:00"
    assert series.sentence == "Every day, between 08:00 and 10:00"


def test_a_series_takes_no_window_nobody_means(cast, series):
    with pytest.raises(ValidationError) as refusal:
        update_series(series, {"window_end": time(7)}, by=cast.dana)
    assert refusal.value.message_dict == {"window_end": ["The window ends before it begins."]}


@pytest.mark.parametrize("window_end", [None, time(3), time(4)])
def test_preview_and_job_agree_in_the_hour_the_clocks_skip(cast, sign_in, series, window_end):
    update_series(series, {"start_time": time(2, 30), "window_end": window_end}, by=cast.dana)
    page = sign_in(cast.dana).get(reverse("admin:jobs_series_preview"), {"series": series.pk})
    shown = {row["day"]: row["times"] for row in page.context["days"]}
    with time_machine.travel("2027-03-28T01:00:00+01:00", tick=False):
        make_due_occurrences()
    job = series.occurrences.get(on=date(2027, 3, 28)).job
    times = [timezone.localtime(moment).strftime("%H:%M") for moment in (job.planned_start, job.window_end) if moment]
    assert times[0] == "03:30" and shown[date(2027, 3, 28)] == "–".join(times)
    assert not shown[date(2027, 3, 27)] and job.window_end != job.planned_start


# --- the night in which the clocks change


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (
            "2027-03-28T01:00+01:00", "02:30",
            "02:30 doesn't exist on 28 March 2027: the clocks go forward. Choose 01:30 or 03:30.",
        ),
        ("2027-03-28T01:00+01:00", "03:30", "2027-03-28T03:30:00+02:00"),
        ("2027-10-31T01:00+02:00", "02:30", "2027-10-31T02:30:00+02:00"),
        # In the second of both hours, its end is in the second too.
        ("2027-10-31T02:15+02:00", "02:30", "2027-10-31T02:30:00+02:00"),
        ("2027-10-31T02:15+01:00", "02:30", "2027-10-31T02:30:00+01:00"),
    ],
)  # fmt: skip
def test_a_window_ends_when_the_clock_first_shows_it(start, end, said):
    try:
        told = end_of_window(datetime.fromisoformat(start), time.fromisoformat(end)).isoformat()
    except NotOneMoment as problem:
        told = problem.sentence
    assert told == said


@pytest.mark.parametrize(
    ("start", "end", "to", "expected"),
    [
        # Half an hour by the clock, and half an hour of the night.
        ("2027-10-31T02:15+01:00", "2027-10-31T02:45+01:00", "2027-11-02T08:00+01:00", "2027-11-02T08:30:00+01:00"),
        # The clocks go back within it: it is as long as it was.
        ("2027-10-31T02:45+02:00", "2027-10-31T02:15+01:00", "2027-11-02T08:00+01:00", "2027-11-02T08:30:00+01:00"),
        ("2027-11-02T08:00+01:00", "2027-11-02T08:30+01:00", "2027-10-31T02:15+01:00", "2027-10-31T02:45:00+01:00"),
        ("2027-11-02T08:00+01:00", "2027-11-02T09:30+01:00", "2027-03-28T01:00+01:00", "2027-03-28T03:30:00+02:00"),
    ],
)
def test_a_window_that_moves_with_its_job_is_never_over_before_it_begins(start, end, to, expected):
    moved = moved_window(*map(datetime.fromisoformat, (start, end, to)))
    assert moved == datetime.fromisoformat(expected)


def test_dana_is_told_why_a_window_cannot_end_there(cast, sign_in, job):
    data = {"_form_submitted": "1", "start": "2027-03-28T01:00", "window_end": "02:30", "duration_minutes": "45"}
    answer = sign_in(cast.dana).post(reverse("admin:jobs_job_schedule", args=[job.pk]), data)
    assert "02:30 doesn&#x27;t exist on 28 March 2027" in answer.content.decode()
