from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import sweep
from jobs.choices import EventKind
from jobs.models import JobEvent
from jobs.services import answer_change_request, ask_for_change, schedule_job, start_job
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


def told(kind):
    return Delivery.objects.filter(kind=kind)


def planned(cast, hours):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    return schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=hours))


def test_she_is_reminded_so_many_hours_before_and_once(cast, clock):
    make_alert(EventKind.REMINDED, hours_before=24)
    planned(cast, 30)
    sweep()
    assert not told(EventKind.REMINDED)
    clock.shift(timedelta(hours=7))
    sweep()
    sweep()
    assert told(EventKind.REMINDED).get().recipient == "site@acme.example"


def test_two_alerts_remind_at_their_own_time(cast, clock):
    make_alert(EventKind.REMINDED, hours_before=24)
    make_alert(EventKind.REMINDED, hours_before=2, subject="Nearly there")
    planned(cast, 30)
    clock.shift(timedelta(hours=7))
    sweep()
    assert told(EventKind.REMINDED).count() == 1
    clock.shift(timedelta(hours=22))
    sweep()
    assert told(EventKind.REMINDED).first().subject == "Nearly there"


def test_a_job_planned_later_than_that_gets_no_reminder(cast, clock):
    make_alert(EventKind.REMINDED, hours_before=24)
    planned(cast, 3)
    clock.shift(timedelta(hours=1))
    sweep()
    assert not told(EventKind.REMINDED)


def test_a_new_start_is_reminded_of_anew(cast, clock):
    make_alert(EventKind.REMINDED, hours_before=24)
    job = planned(cast, 30)
    clock.shift(timedelta(hours=7))
    sweep()
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=60))
    clock.shift(timedelta(hours=37))
    sweep()
    assert told(EventKind.REMINDED).count() == 2


def test_a_missed_start_tells_the_office_once(cast, clock):
    make_alert(EventKind.START_MISSED, to_site_contact=False, by_email=False, staff=[cast.dana])
    planned(cast, 1)
    clock.shift(timedelta(hours=2))
    sweep()
    sweep()
    assert told(EventKind.START_MISSED).count() == 1


def test_a_job_that_has_begun_missed_nothing_until_its_end(cast, clock):
    for kind in (EventKind.START_MISSED, EventKind.FINISH_MISSED):
        make_alert(kind, to_site_contact=False, by_email=False, staff=[cast.dana])
    start_job(planned(cast, 1), by=cast.dana)
    clock.shift(timedelta(hours=1, minutes=30))
    sweep()
    assert not Delivery.objects.filter(kind__in=(EventKind.START_MISSED, EventKind.FINISH_MISSED))
    clock.shift(timedelta(hours=1))
    sweep()
    assert told(EventKind.FINISH_MISSED).count() == 1 and not told(EventKind.START_MISSED)


def test_what_is_long_overdue_is_no_news(cast, clock):
    planned(cast, 1)
    clock.shift(timedelta(days=9))
    make_alert(EventKind.START_MISSED, to_site_contact=False, by_email=False, staff=[cast.dana])
    sweep()
    assert not told(EventKind.START_MISSED)


def test_what_no_alert_is_about_is_not_written_down(cast, clock):
    planned(cast, 1)
    clock.shift(timedelta(hours=2))
    sweep()
    assert not JobEvent.objects.filter(kind=EventKind.START_MISSED)


def test_a_reminder_needs_its_hours(cast):
    with pytest.raises(ValidationError, match="how many hours"):
        make_alert(EventKind.REMINDED, hours_before=None)


def test_the_answer_to_a_request_reaches_the_customer(cast):
    make_alert(EventKind.CHANGE_ANSWERED)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    request = ask_for_change(job, by=cast.cora.user, kind="change", reason="Please come at ten")
    answer_change_request(request, by=cast.dana, accept=False, answer="The truck is elsewhere")
    (delivery,) = announced(job)
    assert delivery.subject.endswith(": no") and "The truck is elsewhere" in delivery.body
    assert "change the job" in delivery.body
