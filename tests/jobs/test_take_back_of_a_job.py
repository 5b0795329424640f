"""A job is taken back with the request that made it, or comes back with the request that deleted it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, connections
from django.utils import timezone

from audit.act import acting
from audit.reader import UNLIMITED
from audit.restore import doing, tell
from audit.take_back import take_back_of
from business.models import PortalSettings
from console.errors import Refused
from console.taking_back import take_back_request
from jobs.models import Job, JobEvent, PortalLink
from jobs.services import NewJob, cancel_job, create_job, delete_job, link_address_for, schedule_job
from tests.factories import make_job

several_writers = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"),
]


def made(cast, **fields):
    """A job, and the request that made it."""
    with acting(by=cast.dana) as act:
        job = create_job(NewJob(cast.acme, cast.exchange, **fields), by=cast.dana)
    return job, act.request_id


def deleted(cast, job):
    """The request that deleted a job."""
    with acting(by=cast.dana) as act:
        delete_job(job, by=cast.dana)
    return act.request_id


def plan(job, cast):
    return schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(days=1))


def elsewhere(pool, action, *args):
    def run():
        try:
            return action(*args)
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    return pool.submit(run)


def nothing_is_left():
    return not (Job.objects.exists() or JobEvent.objects.exists() or PortalLink.objects.exists())


def test_it_goes_with_its_events_and_links(cast):
    __, request_id = made(cast)
    take_back_request(request_id, by=cast.olivia)
    assert nothing_is_left()
    assert Job.history.first().actor == "Olivia"


class TestMeanwhile:
    pytestmark = several_writers

    def test_what_dana_changed_before_it_was_locked_keeps_it(self, cast, monkeypatch):
        job, request_id = made(cast)
        lock = doing.lock_steps

        def late(plan_of_it):
            with ThreadPoolExecutor(1) as pool:
                elsewhere(pool, plan, job, cast).result()
            lock(plan_of_it)

        monkeypatch.setattr(doing, "lock_steps", late)
        done = take_back_request(request_id, by=cast.olivia)
        assert not done.steps
        assert "has since been changed by Dana, so it is kept" in tell(done.kept, UNLIMITED).texts[0]
        assert Job.objects.get().planned_start

    def test_dana_comes_too_late_once_it_is_on_its_way_out(self, cast, monkeypatch):
        job, request_id = made(cast)
        going, rule = Event(), take_back_of(Job)
        with ThreadPoolExecutor(1) as pool:
            late = []

            def slowly(record, *, by):
                late.append(elsewhere(pool, plan, job, cast))
                going.wait(0.5)
                rule.remove(record, by=by)

            monkeypatch.setattr(Job, "take_back", replace(rule, remove=slowly))
            take_back_request(request_id, by=cast.olivia)
            assert isinstance(late[0].result(), Refused)
        assert nothing_is_left()


def test_a_job_that_comes_back_has_a_link_and_names_it(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, notes="Ring at the gate")
    old = job.portal_links.get().url
    take_back_request(deleted(cast, job), by=cast.olivia)
    back = Job.objects.get()
    link = back.portal_links.get()
    assert back.notes == job.notes == "Ring at the gate\nPortal access: {portal_link}"
    assert link_address_for(cast.dana, back) == link.url != old
    assert link.made_by == "Olivia" and not link.why_dead


def test_a_link_of_another_job_in_its_notes_stays(cast):
    other = make_job(cast.acme, cast.exchange, by=cast.dana)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, notes=f"Goes with {other.portal_links.get().url}")
    take_back_request(deleted(cast, job), by=cast.olivia)
    assert f"Goes with (portal link of {other.number})\n" in Job.objects.get(pk=job.pk).notes


def test_a_job_whose_notes_do_not_name_it_gets_one_all_the_same(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    job.notes = "Ring at the gate"
    job.save()
    take_back_request(deleted(cast, job), by=cast.olivia)
    back = Job.objects.get()
    assert back.notes == "Ring at the gate\nPortal access: {portal_link}" and back.portal_links.get()


def test_a_job_that_had_none_gets_none_where_jobs_get_none(cast):
    settings = PortalSettings.load()
    settings.link_in_notes = False
    settings.save()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    take_back_request(deleted(cast, job), by=cast.olivia)
    assert not Job.objects.get().portal_links.exists()


def test_the_link_of_a_cancelled_job_that_comes_back_is_as_dead_as_it_was(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    cancel_job(job, by=cast.dana, reason="Rain")
    take_back_request(deleted(cast, job), by=cast.olivia)
    link = Job.objects.get().portal_links.get()
    assert link.why_dead


def test_the_coming_back_can_be_taken_back_too(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    request_id = deleted(cast, job)
    with acting(by=cast.olivia) as act:
        take_back_request(request_id, by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    assert nothing_is_left()
