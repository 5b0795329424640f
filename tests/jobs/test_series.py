from __future__ import annotations

from datetime import date, time, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.act import Source
from console.errors import Refused
from jobs import tasks
from jobs.choices import EventKind, JobStatus
from jobs.models import Job, Occurrence, Series
from jobs.services import (
    create_series,
    delete_job,
    end_series,
    make_due_occurrences,
    pause_series,
    resume_series,
    skip_date,
    unskip_date,
    update_series,
)
from permissions.resolver import rights_of
from tests.factories import make_location, make_template

DAILY = [{"kind": "day", "every": 1}]
TODAY = date(2026, 11, 23)  # a Monday


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def make_series(cast):
    def _make_series(**facts):
        facts = {
            "name": "Acme daily",
            "customer": cast.acme,
            "template": cast.exchange,
            "rules": DAILY,
            "starts_on": TODAY,
            "create_days_ahead": 3,
        } | facts
        return create_series(facts, by=cast.dana)

    return _make_series


def days(series):
    return [occurrence.on.isoformat()[5:] for occurrence in series.occurrences.filter(job__isnull=False)]


def test_its_jobs_are_made_some_days_ahead(make_series, clock):
    series = make_series()
    assert days(series) == ["11-23", "11-24", "11-25", "11-26"]
    clock.move_to("2026-11-24T00:05:00+01:00")
    assert make_due_occurrences().jobs == 1
    assert days(series)[-1] == "11-27"
    assert make_due_occurrences().jobs == 0


def test_each_is_a_job_like_any_other(cast, make_series):
    make_series(notes="Blue gate", worker=cast.theo, asset_id="BIN-1", create_days_ahead=0)
    job = Job.objects.get()
    assert (job.source, job.created_by, job.status) == (Source.SERIES, None, JobStatus.SCHEDULED)
    assert (job.worker, job.asset_id, job.contact_email) == (cast.theo, "BIN-1", "site@acme.example")
    assert "Blue gate" in job.notes
    assert job.portal_links.get() and "{portal_link}" in job.notes
    assert timezone.localtime(job.planned_start).isoformat() == "2026-11-23T08:00:00+01:00"
    row = job.history.get()
    assert (row.history_source, row.actor, row.history_user) == (Source.SERIES, "Series “Acme daily”", None)
    assert [event.kind for event in job.events.all()] == [
        EventKind.CREATED, EventKind.SCHEDULED, EventKind.ASSIGNED,
    ]  # fmt: skip


def test_eight_in_the_morning_stays_eight_when_the_clocks_change(make_series, clock):
    clock.move_to("2027-03-26T09:00:00+01:00")
    series = make_series(starts_on=date(2027, 3, 26), create_days_ahead=4)
    starts = [occurrence.job.planned_start for occurrence in series.occurrences.all()]
    assert {timezone.localtime(start).time() for start in starts} == {time(8)}
    assert {start.utcoffset() for start in map(timezone.localtime, starts)} == {timedelta(hours=1), timedelta(hours=2)}


def test_a_time_the_clocks_jump_over_is_not_lost(make_series, clock):
    clock.move_to("2027-03-27T09:00:00+01:00")
    series = make_series(starts_on=date(2027, 3, 28), start_time=time(2, 30), create_days_ahead=1)
    start = series.occurrences.get(on=date(2027, 3, 28)).job.planned_start
    assert timezone.localtime(start).isoformat() == "2027-03-28T03:30:00+02:00"


def test_an_outage_is_caught_up_with(make_series, clock):
    series = make_series()
    clock.move_to("2026-12-10T09:00:00+01:00")
    make_due_occurrences()
    expected = [f"{TODAY + timedelta(days=n):%m-%d}" for n in range(21)]
    assert days(series) == expected


def test_a_long_outage_is_caught_up_with_in_portions(make_series, clock):
    series = make_series()
    clock.move_to("2028-01-10T09:00:00+01:00")
    make_due_occurrences()
    assert series.occurrences.count() == (date(2028, 1, 13) - TODAY).days + 1


def test_what_lies_before_today_is_not_made_up_for(make_series):
    assert days(make_series(starts_on=TODAY - timedelta(days=30), create_days_ahead=0)) == ["11-23"]


def test_a_pause_makes_nothing_and_leaves_no_debt(cast, make_series, clock):
    series = pause_series(make_series(create_days_ahead=0), by=cast.dana)
    clock.move_to("2026-11-27T09:00:00+01:00")
    assert make_due_occurrences().jobs == 0
    resume_series(series, by=cast.dana)
    assert days(series) == ["11-23", "11-27"]
    actors = list(series.history.values_list("actor", flat=True))
    assert actors == ["Dana"] * 3


class TestSkipping:
    def test_a_skipped_date_is_left_out(self, cast, make_series, clock):
        series = make_series(create_days_ahead=0)
        skip_date(series, date(2026, 11, 24), by=cast.dana)
        assert date(2026, 11, 24) not in series.next_dates()
        clock.move_to("2026-11-25T09:00:00+01:00")
        make_due_occurrences()
        assert days(series) == ["11-23", "11-25"]

    def test_taken_back_it_is_made(self, cast, make_series, clock):
        series = make_series(create_days_ahead=0)
        day = date(2026, 11, 24)
        skip_date(series, day, by=cast.dana)
        clock.move_to("2026-11-24T09:00:00+01:00")
        make_due_occurrences()
        assert days(series) == ["11-23"]
        unskip_date(series, day, by=cast.dana)
        assert days(series) == ["11-23", "11-24"]

    def test_what_is_made_or_never_comes_cannot_be_skipped(self, cast, make_series):
        series = make_series(rules=[{"kind": "weekday"}])
        with pytest.raises(Refused, match="J-000001"):
            skip_date(series, TODAY, by=cast.dana)
        with pytest.raises(Refused, match="no date"):
            skip_date(series, date(2026, 11, 29), by=cast.dana)


def test_it_ends_by_date_by_count_or_by_hand(cast, make_series, clock):
    by_date = make_series(name="a", ends_on=TODAY + timedelta(days=1))
    by_count = make_series(name="b", count=3)
    by_hand = end_series(make_series(name="c", create_days_ahead=0), by=cast.dana)
    clock.move_to("2026-12-10T09:00:00+01:00")
    make_due_occurrences()
    assert [len(days(series)) for series in (by_date, by_count, by_hand)] == [2, 3, 1]
    assert by_hand.state == "ended"


def test_a_deleted_job_is_not_made_again(cast, make_series):
    series = make_series(create_days_ahead=0)
    delete_job(Job.objects.get(), by=cast.olivia)
    Series.objects.update(settled_until=TODAY - timedelta(days=1))
    assert make_due_occurrences().jobs == 0
    assert series.occurrences.count() == 1


def test_the_database_takes_no_date_twice(make_series):
    series = make_series(create_days_ahead=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Occurrence.objects.create(series=series, on=TODAY)


def test_a_change_reaches_only_what_is_not_made(cast, make_series, clock):
    series = make_series(create_days_ahead=1)
    update_series(series, {"start_time": time(15), "notes": "New gate"}, by=cast.dana)
    clock.move_to("2026-11-24T09:00:00+01:00")
    make_due_occurrences()
    hours = [timezone.localtime(one.job.planned_start).hour for one in series.occurrences.all()]
    assert hours == [8, 8, 15]


def test_a_change_of_the_template_reaches_only_what_is_not_made(cast, make_series, clock):
    series = make_series(create_days_ahead=0)
    cast.exchange.steps.all().delete()
    clock.move_to("2026-11-24T09:00:00+01:00")
    make_due_occurrences()
    assert [len(one.job.steps()) for one in series.occurrences.all()] == [3, 0]


def test_one_that_cannot_does_not_stop_the_others_and_says_why(cast, make_series, clock):
    ill = make_series(name="ill", worker=cast.theo)
    well = make_series(name="well", customer=cast.birch)
    cast.theo.is_active = False
    cast.theo.save()
    clock.move_to("2026-11-24T09:00:00+01:00")
    made = make_due_occurrences()
    assert made.jobs == 1
    assert "Theo" in made.problems["ill"]
    ill.refresh_from_db()
    assert "Theo" in ill.problem
    # Mended, it catches up.
    clock.move_to("2026-11-25T09:00:00+01:00")
    update_series(ill, {"worker": None}, by=cast.dana)
    ill.refresh_from_db()
    assert (ill.problem, len(days(ill)), len(days(well))) == ("", 6, 5)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"rules": []}, "rules"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": date(1026, 1, 1)}, "starts_on"),
        ({"count": 0}, "count"),
        ({"create_days_ahead": 400}, "create_days_ahead"),
        ({"name": ""}, "name"),
        ({"values": {"colour": "red"}}, "colour"),
    ],
)
def test_nonsense_is_refused_by_name_and_makes_nothing(make_series, facts, field):
    with pytest.raises(ValidationError) as problem:
        make_series(**facts)
    assert field in problem.value.message_dict
    assert not Series.objects.exists()
    assert not Job.objects.exists()


def test_somebody_elses_location_is_refused(cast, make_series):
    with pytest.raises(Refused, match="another customer"):
        make_series(location=make_location(cast.cedar))


def test_its_fields_are_checked_when_it_is_saved(cast, make_series):
    template = make_template(fields=({"label": "Size", "kind": "pick", "choices": ["small"]},))
    assert make_series(template=template, values={"size": "SMALL"}).values == {"size": "small"}


def test_the_command_and_the_task_do_the_same(make_series, clock):
    make_series(create_days_ahead=0)
    clock.move_to("2026-11-24T09:00:00+01:00")
    out = StringIO()
    call_command("make_due_occurrences", stdout=out)
    assert "Made 1 jobs." in out.getvalue()
    tasks.make_due_occurrences()
    assert Job.objects.count() == 2


def test_nothing_due_costs_few_queries(make_series):
    for n in range(3):
        make_series(name=str(n))
    with CaptureQueriesContext(connection) as caught:
        make_due_occurrences()
    # Which of them have been used up is asked once for all.
    # Two of them ask whether a restore waits for a decision, or was decided.
    assert len(caught) <= 4 + 3 * 3


def test_whose_it_is(cast, make_series):
    series = make_series()
    assert set(Series.objects.for_portal(rights_of(cast.cora))) == {series}
    assert not Series.objects.for_portal(rights_of(cast.carl)).exists()
    assert not Series.objects.visible_to(cast.nell).exists()
    assert Series.objects.visible_to(cast.sam).exists()


def test_it_is_read_in_words(make_series):
    series = make_series(rules=[{"kind": "week", "every": 2, "on": ["mo", "th"]}], count=5)
    assert series.sentence == "Every other week on Monday and Thursday, at 08:00, 5 times"
    assert [f"{day:%m-%d}" for day in series.next_dates(9)] == ["11-23", "11-26", "12-07", "12-10", "12-21"]


def test_of_a_time_that_comes_twice_the_first_counts(make_series, clock):
    clock.move_to("2027-10-30T09:00:00+02:00")
    series = make_series(starts_on=date(2027, 10, 31), start_time=time(2, 30), create_days_ahead=1)
    start = series.occurrences.get(on=date(2027, 10, 31)).job.planned_start
    assert timezone.localtime(start).isoformat() == "2027-10-31T02:30:00+02:00"


def test_the_form_of_a_series_says_what_becomes_of_such_times(cast, sign_in):
    page = sign_in(cast.dana).get(reverse("admin:jobs_series_add")).content.decode()
    assert "when it comes twice, the first counts" in page
