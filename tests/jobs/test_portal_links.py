"""The life of a portal link, read twice: ``alive()`` over many rows, ``why_dead`` on one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.errors import Conflict, Refused
from jobs.choices import OPEN, DeadBy, EventKind, JobStatus
from jobs.models import Job, PortalLink
from jobs.services import cancel_job, link_address_for, reissue_portal_link, revoke_portal_link, undo_cancel_job
from tests.factories import make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=st.sampled_from(JobStatus), revoked=st.booleans(), age=st.none() | st.integers(min_value=-3, max_value=3))
def test_both_readings_agree(job, status, revoked, age):
    now = timezone.now()
    with transaction.atomic():
        Job.objects.filter(pk=job.pk).update(status=status)
        PortalLink.objects.update(
            revoked_at=now if revoked else None, expires_at=None if age is None else now + timedelta(hours=age)
        )
        link = PortalLink.objects.select_related("job").get()
        alive = PortalLink.objects.alive().exists()
        died_of = {by for by in DeadBy if PortalLink.objects.dead(by).exists()}
        dead = PortalLink.objects.dead().exists()
        transaction.set_rollback(True)
    assert alive == (link.why_dead == "") == (not dead)
    assert died_of == ({link.dead_by} if link.dead_by else set())
    assert alive == (status in OPEN and not revoked and (age is None or age > 0))


def test_its_age_limit_comes_from_the_settings(cast, portal):
    portal.link_max_days = 3
    portal.save()
    link = make_job(cast.acme, cast.exchange, by=cast.dana).portal_links.get()
    assert PortalLink.objects.alive(link.made_at + timedelta(days=2, hours=23)).exists()
    assert not PortalLink.objects.alive(link.made_at + timedelta(days=3, seconds=5)).exists()


def test_switched_off_no_job_gets_one(cast, portal):
    portal.link_in_notes = False
    portal.save()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert (job.portal_links.count(), job.notes) == (0, "")


def test_a_job_without_a_template_gets_none(cast):
    assert not make_job(cast.acme, by=cast.olivia).portal_links.exists()


def test_revoking_is_told_once(cast, job):
    link = job.portal_links.get()
    for _again in range(2):
        link = revoke_portal_link(link, by=cast.dana, reason="sent to the wrong person")
    assert (link.why_dead, link.revoked_by) == ("revoked", cast.dana)
    assert job.events.filter(kind=EventKind.LINK_REVOKED).count() == 1


def test_a_fresh_one_takes_the_old_ones_place_in_the_notes(cast, job):
    fresh = reissue_portal_link(job.portal_links.get(), by=cast.dana)
    job.refresh_from_db()
    assert job.notes == "Portal access: {portal_link}"
    assert link_address_for(cast.dana, job) == fresh.url
    assert list(PortalLink.objects.alive()) == [fresh]


def test_pressing_twice_makes_one_new_door_not_two(cast, job):
    old = job.portal_links.get()
    fresh = reissue_portal_link(old, by=cast.dana)
    with pytest.raises(Conflict, match="newer link"):
        reissue_portal_link(old, by=cast.dana)
    assert list(PortalLink.objects.alive()) == [fresh]
    # One that was revoked is replaced all the same, when nothing else opens.
    revoke_portal_link(fresh, by=cast.dana, reason="lost")
    last = reissue_portal_link(fresh, by=cast.dana)
    assert list(PortalLink.objects.alive()) == [last]


def test_it_dies_with_the_job_and_comes_back_with_it(cast, job):
    cancelled = cancel_job(job, by=cast.dana, reason="rain")
    assert not PortalLink.objects.alive().exists()
    with pytest.raises(Refused):
        reissue_portal_link(job.portal_links.get(), by=cast.dana)
    undo_cancel_job(cancelled, by=cast.dana)
    assert PortalLink.objects.alive().count() == 1


def test_its_token_is_in_no_history_of_links(cast, job):
    assert "token" not in {field.name for field in PortalLink.history.model.tracked_fields}
