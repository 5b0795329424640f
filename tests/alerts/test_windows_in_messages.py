"""Who is promised a window of time is told the window, in the words the office has."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import sweep
from alerts.subjects import JobSubject
from alerts.tokens import Facts, fill
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.models.payloads import JobScheduled
from jobs.services import schedule_job
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

START = timezone.make_aware(datetime(2031, 5, 5, 8))
END = timezone.make_aware(datetime(2031, 5, 5, 10))


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, planned_start=START, window_end=END)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{planned_start}", "Mon 5 May 2031, 08:00–10:00"),
        ("{planned_date}", "Mon 5 May 2031"),
        ("{planned_time}", "08:00–10:00"),
        ("until {window_end}", "until 10:00"),
    ],
)
def test_tokens_say_it(job, text, said):
    assert fill(text, Facts(JobSubject(job), PortalSettings())) == said


def test_a_line_about_a_window_is_left_out_without_one(cast):
    job = make_job(cast.acme, cast.exchange, planned_start=START)
    assert fill("From {planned_time}\nuntil {window_end}", Facts(JobSubject(job), PortalSettings())) == "From 08:00"


def test_an_event_tells_the_window_of_its_time(job):
    payload = JobScheduled(START - timedelta(days=1), window_end=END - timedelta(days=1, hours=1))
    assert (
        fill("{planned_start}", Facts(JobSubject(job), PortalSettings(), payload=payload))
        == "Sun 4 May 2031, 08:00–09:00"
    )


def test_the_customer_hears_of_a_new_window(cast, job):
    make_alert(EventKind.RESCHEDULED)
    schedule_job(job, by=cast.dana, start=START, window_end=END + timedelta(hours=2))
    assert "08:00–12:00" in announced(job)[-1].body


def test_a_start_is_missed_when_its_window_is_over(cast, job, time_machine):
    time_machine.move_to(START - timedelta(hours=1))
    make_alert(EventKind.START_MISSED, to_site_contact=False, by_email=False, staff=[cast.dana])
    for later, missed in ((timedelta(minutes=30), 0), (timedelta(hours=2, minutes=1), 1)):
        time_machine.move_to(START + later)
        sweep()
        assert Delivery.objects.filter(kind=EventKind.START_MISSED).count() == missed
