"""What was written about a job while it belonged to another customer stays with that customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import make_token
from audit import changelog
from audit.act import acting
from console.reader import UNLIMITED, StaffReader
from console.scope import forget_reach
from jobs.models import Job
from jobs.services import cancel_job, postpone_job, undo_cancel_job, update_job
from permissions.services import grant
from tests.factories import make_job


@pytest.fixture
def moved(cast) -> Job:
    """A job of Birch that was Cedar's, with notes and a reason from then."""
    job = make_job(cast.cedar, cast.exchange, by=cast.olivia, notes="Cedar's gate code is 4711")
    with acting(by=cast.olivia, reason="Cedar called about the gate"):
        job.notes = "Cedar's gate is broken"
        job.save()
    with acting(by=cast.olivia, reason="Typed under the wrong customer"):
        job.customer, job.notes = cast.birch, "Ring twice"
        job.save()
    return job


@pytest.fixture
def dana(cast):
    """Dana, narrowed to Birch."""
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.birch, change=True, by=cast.olivia)
    forget_reach(cast.dana)
    return cast.dana


def _told(entries) -> str:
    words = [(e.record, e.reason, *((c.before, c.after) for c in e.changes)) for e in entries]
    return str(words)


def test_dana_of_birch_reads_nothing_of_cedars_time(moved, dana):
    told = _told(changelog.entries_of(moved, StaffReader(dana)))
    assert "Ring twice" in told
    assert "wrong customer" in told
    assert "Cedar" not in told


def test_nor_does_the_change_log_tell_her(moved, dana):
    told = _told(changelog.search_log(changelog.Query(), StaffReader(dana), limit=200))
    assert "Ring twice" in told
    assert "Cedar" not in told


def test_it_says_that_something_was_there_before(moved, dana):
    changes = [c for e in changelog.entries_of(moved, StaffReader(dana)) for c in e.changes if c.name == "notes"]
    assert [(c.before, c.after) for c in changes] == [("(not shown to you)", "Ring twice")]


def test_whoever_is_not_narrowed_reads_all_of_it(moved, cast):
    told = _told(changelog.entries_of(moved, StaffReader(cast.olivia)))
    assert "Cedar called" in told
    assert _told(changelog.entries_of(moved, UNLIMITED)) == told


def test_dana_of_another_template_reads_nothing_of_it(moved, cast):
    cast.dana.only_granted_templates = True
    cast.dana.save()
    forget_reach(cast.dana)
    assert changelog.entries_of(moved, StaffReader(cast.dana)) == []


def test_nell_reads_nothing_in_the_log(moved, cast):
    assert changelog.search_log(changelog.Query(), StaffReader(cast.nell), limit=200) == []


@pytest.fixture
def cancelled(cast) -> Job:
    """A job that was cancelled while it was Cedar's, moved to Birch, and taken up again."""
    job = make_job(cast.cedar, cast.exchange, by=cast.olivia, planned_start=timezone.now() + timedelta(days=2))
    postpone_job(job, by=cast.olivia, reason="Cedar has no money")
    cancel_job(job, by=cast.olivia, reason="Cedar is bankrupt")
    update_job(job, {"customer": cast.birch, "location": None}, by=cast.olivia)
    undo_cancel_job(Job.objects.get(pk=job.pk), by=cast.olivia)
    update_job(Job.objects.get(pk=job.pk), {"notes": "Ring twice"}, by=cast.olivia)
    return Job.objects.get(pk=job.pk)


def test_what_the_job_took_along_unchanged_is_not_told_as_a_change(cancelled, dana):
    for told in (
        changelog.entries_of(cancelled, StaffReader(dana)),
        changelog.search_log(changelog.Query(), StaffReader(dana), limit=200),
    ):
        words = _told(told)
        assert "Ring twice" in words
        assert "bankrupt" not in words and "money" not in words


def test_nor_do_the_events_on_its_page_and_in_the_api(cancelled, dana, sign_in):
    page = sign_in(dana).get(reverse("admin:jobs_job_change", args=[cancelled.pk])).content.decode()
    _token, plain = make_token(name="Test", by=None, user=dana, scopes=("jobs.read",))
    address = f"/api/v1/jobs/{cancelled.number}/events"
    answer = sign_in().get(address, headers={"Authorization": f"Bearer {plain}"})
    for said in (page, answer.content.decode()):
        assert "bankrupt" not in said and "money" not in said
    kinds = [event["kind"] for event in answer.json()["items"]]
    assert kinds == ["job.changed", "job.cancellation_undone", "job.changed"], "what was done since it is Birch's"


def test_olivia_is_told_all_events(cancelled, cast, sign_in):
    page = sign_in(cast.olivia).get(reverse("admin:jobs_job_change", args=[cancelled.pk])).content.decode()
    assert "Cedar is bankrupt" in page and "Cedar has no money" in page
