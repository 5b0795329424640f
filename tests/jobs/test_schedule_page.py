from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.choices import JobStatus
from jobs.models import Job
from jobs.schedule import build_board, seen_mark, week_of
from jobs.services import cancel_job, schedule_job, start_job
from tests.console.people import narrow
from tests.factories import make_job, make_worker

PAGE, MOVE = "/admin/schedule/", "/admin/schedule/move/"
DAY = "2031-05-05"


def at(clock, day=DAY):
    return timezone.make_aware(datetime.fromisoformat(f"{day}T{clock}"))


def planned(cast, clock="09:00", *, worker=None, customer=None, minutes=60, day=DAY):
    return make_job(
        customer or cast.acme,
        cast.exchange,
        planned_start=at(clock, day),
        worker=worker,
        duration_minutes=minutes,
    )


def slots(response):
    return {
        slot.job.number: slot for row in response.context["board"].rows for cell in row.cells for slot in cell.slots
    }


def drop(client, job, worker=None, start="", to="slot", **more):
    data = {"job": job.number, "to": to, "worker": worker.pk if worker else "", "start": start, **more}
    return client.post(MOVE, data, headers={"HX-Request": "true"})


def fresh(job):
    return Job.objects.get(pk=job.pk)


# --- what it shows


def test_a_day_shows_each_worker_and_what_waits(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    free = make_job(cast.birch, cast.exchange)
    page = sign_in(cast.dana).get(PAGE, {"day": DAY})
    assert list(slots(page)) == [job.number]
    assert [waiting.number for waiting in page.context["waiting"]] == [free.number]
    assert "Theo" in page.content.decode()


def test_a_week_runs_from_monday_to_sunday(cast, sign_in):
    inside, outside = planned(cast, day="2031-05-11"), planned(cast, day="2031-05-12")
    page = sign_in(cast.dana).get(PAGE, {"day": "2031-05-07", "view": "week"})
    assert inside.number in slots(page) and outside.number not in slots(page)
    assert week_of(date(2031, 5, 7))[0] == date(2031, 5, 5)


def test_clashes_and_late_ones_are_said_in_words(cast, sign_in):
    first = planned(cast, "09:00", worker=cast.theo, minutes=90)
    second = planned(cast, "10:00", worker=cast.theo)
    planned(cast, "10:00", worker=make_worker("Wanda"))
    page = sign_in(cast.dana).get(PAGE, {"day": DAY})
    assert slots(page)[first.number].clashes == [second.number]
    assert f"clashes with {first.number}" in page.content.decode()
    assert page.context["facts"]["clashing"] == 2


def test_one_after_the_other_is_no_clash(cast):
    jobs = [planned(cast, "09:00", worker=cast.theo), planned(cast, "10:00", worker=cast.theo)]
    board = build_board(jobs, [cast.theo], [date(2031, 5, 5)])
    assert board.clashes == 0 and board.rows[0].lanes == 1


def test_a_cancelled_job_is_off_the_board(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    cancel_job(job, by=cast.dana, reason="Rain")
    assert not slots(sign_in(cast.dana).get(PAGE, {"day": DAY}))


def test_a_job_without_a_worker_has_a_row_of_its_own(cast, sign_in):
    job = planned(cast)
    page = sign_in(cast.dana).get(PAGE, {"day": DAY})
    assert job.number in slots(page) and page.context["board"].rows[-1].worker is None


def test_the_filters_stand_in_the_address(cast, sign_in):
    wanda = make_worker("Wanda")
    theirs, his = planned(cast, worker=wanda), planned(cast, worker=cast.theo)
    page = sign_in(cast.dana).get(PAGE, {"day": DAY, "worker": wanda.pk, "template": cast.exchange.slug})
    assert list(slots(page)) == [theirs.number] and his.number not in slots(page)
    for link in page.context["links"].values():
        assert f"worker={wanda.pk}" in link and f"template={cast.exchange.slug}" in link


@pytest.mark.parametrize("query", [{"day": "nonsense"}, {"day": "2031-02-31"}, {"view": "year"}, {"worker": "x"}])
def test_nonsense_in_the_address_is_taken_as_not_said(cast, sign_in, query):
    assert sign_in(cast.dana).get(PAGE, query).status_code == 200


def test_it_costs_the_same_on_a_full_day(cast, sign_in):
    dana = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            dana.get(PAGE, {"day": DAY})
        return len(caught)

    planned(cast, worker=cast.theo)
    make_job(cast.birch, cast.exchange)
    queries()
    few = queries()
    for n in range(12):
        planned(cast, f"{8 + n % 8:02d}:00", worker=cast.theo, customer=(cast.birch, cast.cedar)[n % 2])
        make_job(cast.cedar, cast.inspection)
    assert queries() == few


def test_a_narrowed_dispatcher_sees_her_customers_only(cast, sign_in):
    theirs, other = planned(cast, worker=cast.theo), planned(cast, worker=cast.theo, customer=cast.cedar)
    make_job(cast.cedar, cast.exchange)
    narrow(cast.dana, cast.acme)
    page = sign_in(cast.dana).get(PAGE, {"day": DAY})
    assert list(slots(page)) == [theirs.number] and page.context["waiting_count"] == 0
    assert other.number not in page.content.decode()


class TestWorkingHours:
    """DAY is a Monday."""

    HOURS = {"mo": ["08:00", "16:00"]}

    def theo(self, cast):
        cast.theo.working_hours = self.HOURS
        cast.theo.save()
        return cast.theo

    def test_a_day_shows_when_he_works_and_what_lies_outside(self, cast, sign_in):
        theo = self.theo(cast)
        early, good = planned(cast, "07:30", worker=theo), planned(cast, "08:00", worker=theo)
        late = planned(cast, "15:30", worker=theo)
        page = sign_in(cast.dana).get(PAGE, {"day": DAY})
        outside = [number for number, slot in slots(page).items() if slot.is_outside]
        assert outside == [early.number, late.number] and good.number in slots(page)
        assert page.context["facts"]["outside"] == 2
        text = page.content.decode()
        assert "08:00–16:00" in text and "sc-off" in text and "outside working hours" in text

    def test_a_day_off_is_said_in_the_week(self, cast, sign_in):
        self.theo(cast)
        page = sign_in(cast.dana).get(PAGE, {"day": DAY, "view": "week"})
        row = next(row for row in page.context["board"].rows if row.worker == cast.theo)
        assert [cell.is_off for cell in row.cells] == [False] + [True] * 6
        assert "day off" in page.content.decode()

    def test_where_nobody_has_said_nothing_is_outside(self, cast, sign_in):
        planned(cast, "23:00", worker=cast.theo)
        page = sign_in(cast.dana).get(PAGE, {"day": DAY})
        assert page.context["facts"]["outside"] == 0

    def test_a_drop_outside_is_made_and_said(self, cast, sign_in):
        job = make_job(cast.acme, cast.exchange)
        answer = drop(sign_in(cast.dana), job, self.theo(cast), f"{DAY}T18:00")
        assert "It is outside the working hours (Mon 08:00–16:00)." in answer.content.decode()
        assert fresh(job).planned_start == at("18:00")


# --- moving


def test_a_drop_gives_it_a_worker_and_a_time(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    answer = drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T10:15", address=f"{PAGE}?day={DAY}")
    job = fresh(job)
    assert (job.status, job.worker, job.planned_start) == (JobStatus.SCHEDULED, cast.theo, at("10:15"))
    assert job.number in slots(answer) and job.events.last().actor == "Dana"


def test_it_moves_in_time_and_to_somebody_else(cast, sign_in):
    wanda, job = make_worker("Wanda"), planned(cast, worker=cast.theo)
    drop(sign_in(cast.dana), job, wanda, f"{DAY}T14:00")
    assert (fresh(job).worker, fresh(job).planned_start) == (wanda, at("14:00"))


def test_dropped_on_nobody_it_keeps_its_time_and_loses_its_worker(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    drop(sign_in(cast.dana), job, None, f"{DAY}T09:00")
    assert (fresh(job).worker, fresh(job).status) == (None, JobStatus.SCHEDULED)


def test_dropped_among_those_that_wait_it_is_off_the_schedule(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    drop(sign_in(cast.dana), job, to="waiting")
    assert (fresh(job).planned_start, fresh(job).status) == (None, JobStatus.UNASSIGNED)


def test_a_clash_is_made_and_said(cast, sign_in):
    other, job = planned(cast, worker=cast.theo), make_job(cast.birch, cast.exchange)
    answer = drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T09:30")
    assert f"It clashes with {other.number}." in answer.content.decode()


def test_what_has_started_stays_where_it_is_with_the_reason(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    start_job(job, by=cast.dana)
    answer = drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T14:00")
    assert "started" in answer.context["failed"] and fresh(job).planned_start == at("09:00")


def test_two_who_move_the_same_job_notice_each_other(cast, sign_in):
    job = planned(cast, worker=cast.theo)
    as_dana_saw_it = seen_mark(fresh(job))
    schedule_job(job, by=cast.olivia, start=at("11:00"))
    answer = drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T14:00", seen=as_dana_saw_it)
    assert "somebody else" in answer.context["failed"] and fresh(job).planned_start == at("11:00")


@pytest.mark.parametrize("start", ["", "tomorrow", "2031-02-31T10:00"])
def test_a_time_that_is_none_is_refused_in_words(cast, sign_in, start):
    job = make_job(cast.acme, cast.exchange)
    answer = drop(sign_in(cast.dana), job, cast.theo, start)
    assert answer.status_code == 200 and answer.context["failed"] and fresh(job).planned_start is None


def test_looking_changes_nothing(cast, sign_in):
    assert sign_in(cast.dana).get(MOVE).status_code == 405


@pytest.mark.parametrize("person", ["sam", "bill", "ines"])
def test_who_may_only_look_moves_nothing(cast, sign_in, person):
    job = make_job(cast.acme, cast.exchange)
    client = sign_in(getattr(cast, person))
    assert client.get(PAGE).status_code == 200
    assert drop(client, job, cast.theo, f"{DAY}T10:00").status_code == 403
    assert fresh(job).planned_start is None


def test_a_narrowed_dispatcher_moves_no_other_customers_job(cast, sign_in):
    job = make_job(cast.cedar, cast.exchange)
    narrow(cast.dana, cast.acme)
    assert drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T10:00").status_code == 404


def test_a_clash_with_another_customers_job_does_not_name_it(cast, sign_in):
    other = planned(cast, "10:00", worker=cast.theo, customer=cast.cedar)
    job = make_job(cast.acme, cast.exchange)
    narrow(cast.dana, cast.acme)
    text = drop(sign_in(cast.dana), job, cast.theo, f"{DAY}T10:00").content.decode()
    assert "It clashes with another job" in text and other.number not in text


def test_nell_and_customers_are_kept_out(cast, sign_in):
    assert sign_in(cast.nell).get(PAGE).status_code == 403
    assert sign_in(cast.carl).get(PAGE).status_code == 302


def test_a_change_of_the_clocks_moves_no_job_to_another_day(cast):
    # On 30 March 2031 the clocks in Berlin go from two to three.
    day = date(2031, 3, 30)
    job = planned(cast, "00:30", worker=cast.theo, day=day.isoformat())
    late = planned(cast, "23:30", worker=cast.theo, day=day.isoformat())
    board = build_board([job, late], [cast.theo], [day, day + timedelta(days=1)])
    assert [slot.job for slot in board.rows[0].cells[0].slots] == [job, late]
