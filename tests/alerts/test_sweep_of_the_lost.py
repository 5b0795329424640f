"""Events whose job is gone: the sweep gets past them, whatever their number, and clears them away."""

from __future__ import annotations

import uuid

import pytest

from alerts.models import Delivery
from alerts.services import sweeping
from jobs.choices import EventKind
from jobs.models import JobEvent
from tests.alerts.makers import make_alert
from tests.factories import make_job

GONE = 999_999


@pytest.fixture
def lost(cast):
    """As many events of a job that is gone as the sweep takes at a time."""
    JobEvent.objects.bulk_create(
        JobEvent(job_id=GONE, kind=EventKind.CREATED, actor="Dana", request_id=uuid.uuid4())
        for _ in range(sweeping.BATCH)
    )


@pytest.fixture
def rounds(monkeypatch):
    """How many events the sweep looked at, round by round; it is stopped before it goes on for ever."""
    seen, announce = [], sweeping.announce

    def look(keys, model):
        seen.append(len(keys))
        assert len(seen) < 5, "the sweep goes round and round"
        return announce(keys, model)

    monkeypatch.setattr(sweeping, "announce", look)
    return seen


def test_the_sweep_gets_past_them_to_whoever_is_to_be_told(cast, lost, rounds):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    sweeping.sweep()
    assert Delivery.objects.get().job == job
    assert rounds[0] == sweeping.BATCH


def test_they_are_gone_afterwards_and_the_living_stay(cast, lost, rounds):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    sweeping.sweep()
    assert not JobEvent.objects.filter(job_id=GONE).exists()
    assert job.events.filter(announced_at__isnull=False).count() == job.events.count() > 0


def test_events_somebody_else_is_at_are_left_to_her(cast, rounds, monkeypatch):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    JobEvent.objects.bulk_create(JobEvent(job=job, kind=EventKind.CHANGED) for _ in range(sweeping.BATCH))
    monkeypatch.setattr("alerts.services.announcing._announce", lambda source, keys: [])
    sweeping.sweep()
    assert len(rounds) == 2
    assert job.events.unannounced().count() > sweeping.BATCH
