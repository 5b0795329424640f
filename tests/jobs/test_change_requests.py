from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from console.errors import Conflict, Refused
from jobs.choices import EventKind, JobStatus
from jobs.models import ChangeRequest, Job
from jobs.services import (
    answer_change_request,
    ask_for_change,
    ask_to_cancel_job,
    complete_job,
    past_cutoff,
    start_job,
)
from tests.factories import make_job

CANCEL = ChangeRequest.Kind.CANCEL


@pytest.fixture
def soon(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, planned_start=timezone.now() + timedelta(hours=2))


@pytest.fixture
def later(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, planned_start=timezone.now() + timedelta(days=9))


@pytest.mark.parametrize("what", ["change", "cancel"])
def test_the_cut_off_falls_so_many_hours_before_the_start(cast, portal, later, what):
    setattr(portal, f"{what}_cutoff_hours", 5)
    edge = later.planned_start - timedelta(hours=5)
    assert not past_cutoff(later, what, portal, edge)
    assert past_cutoff(later, what, portal, edge + timedelta(seconds=1))


def test_a_job_without_a_time_has_no_cut_off_and_a_started_one_is_always_past_it(cast, portal):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert not past_cutoff(job, "cancel", portal)
    assert past_cutoff(start_job(job, by=cast.dana), "cancel", portal)


def test_before_the_cut_off_she_cancels_herself(cast, later):
    job = ask_to_cancel_job(later, by=cast.cora.user, reason="Not needed")
    assert isinstance(job, Job)
    assert job.status == JobStatus.CANCELLED
    assert job.events.last().by == cast.cora.user


def test_after_it_she_leaves_a_request(cast, soon):
    request = ask_to_cancel_job(soon, by=cast.cora.user, reason="Not needed")
    assert isinstance(request, ChangeRequest)
    soon.refresh_from_db()
    assert (soon.status, request.state, request.asked_by) == (JobStatus.SCHEDULED, "waiting", cast.cora.user)
    event = soon.events.last()
    assert (event.kind, event.data) == (EventKind.CHANGE_REQUESTED, {"asks_to": "cancel", "reason": "Not needed"})
    assert request.history.get().actor == str(cast.cora.user)


def test_asking_again_adds_to_the_one_that_waits(cast, soon):
    ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Not needed")
    request = ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Please")
    assert (ChangeRequest.objects.count(), request.reason) == (1, "Not needed\nPlease")


def test_no_reason_or_no_job_left_is_refused(cast, soon):
    with pytest.raises(Refused, match="why"):
        ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason=" ")
    with pytest.raises(Refused, match="over"):
        ask_for_change(complete_job(soon, by=cast.dana), by=cast.cora.user, kind=CANCEL, reason="Late")


def test_yes_to_a_cancellation_cancels_the_job(cast, soon):
    request = ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Not needed")
    request = answer_change_request(request, by=cast.dana, accept=True)
    soon.refresh_from_db()
    assert (soon.status, soon.cancellation_reason) == (JobStatus.CANCELLED, "Not needed")
    assert (request.state, request.answered_by) == ("accepted", cast.dana)


def test_no_needs_a_word_and_leaves_the_job(cast, soon):
    request = ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Not needed")
    with pytest.raises(Refused, match="why not"):
        answer_change_request(request, by=cast.dana, accept=False)
    request = answer_change_request(request, by=cast.dana, accept=False, answer="The lorry is on its way.")
    soon.refresh_from_db()
    assert (soon.status, request.state) == (JobStatus.SCHEDULED, "declined")


def test_it_is_answered_once(cast, soon):
    request = ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Not needed")
    answer_change_request(request, by=cast.dana, accept=False, answer="No")
    with pytest.raises(Conflict, match="declined"):
        answer_change_request(request, by=cast.olivia, accept=True)
    soon.refresh_from_db()
    assert soon.status == JobStatus.SCHEDULED


def test_yes_to_a_job_that_is_done_changes_nothing(cast, soon):
    request = ask_for_change(soon, by=cast.cora.user, kind=CANCEL, reason="Not needed")
    complete_job(soon, by=cast.dana)
    with pytest.raises(Refused):
        answer_change_request(request, by=cast.dana, accept=True)
    request.refresh_from_db()
    assert request.state == "waiting"
