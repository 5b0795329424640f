from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.act import Source
from jobs.choices import JobStatus
from jobs.models import CancellationReason, ChangeRequest
from jobs.services import schedule_job, start_job
from permissions.models import PermissionOverride
from tests.factories import make_job


@pytest.fixture
def job(cast):
    CancellationReason.objects.create(text="No longer needed")
    return make_job(cast.acme, cast.exchange, by=cast.dana)


def path(job):
    return f"/jobs/{job.number}/cancel/"


def deny(person):
    PermissionOverride.objects.create(portal_user=person, permission="cancel_jobs", effect="deny")


def test_cora_calls_it_off_and_says_why(cast, job, sign_in):
    client = sign_in(cast.cora)
    assert path(job) in client.get(f"/jobs/{job.number}/").content.decode()
    assert client.post(path(job), {"reason": "No longer needed"}).status_code == 302
    job.refresh_from_db()
    assert (job.status, job.cancellation_reason) == (JobStatus.CANCELLED, "No longer needed")
    row = job.history.first()
    assert (row.history_user, row.history_source) == (cast.cora.user, Source.PORTAL)


def test_asking_changes_nothing(cast, job, sign_in):
    assert sign_in(cast.cora).get(path(job)).status_code == 200
    job.refresh_from_db()
    assert job.status == JobStatus.UNASSIGNED


@pytest.mark.parametrize("answer", [{}, {"reason": "-"}, {"reason": "made up"}, {"reason": "-", "words": "  "}])
def test_without_a_reason_nothing_happens(cast, job, sign_in, answer):
    response = sign_in(cast.cora).post(path(job), answer)
    assert response.status_code == 200
    assert response.context["form"].errors
    job.refresh_from_db()
    assert job.status == JobStatus.UNASSIGNED


def test_her_own_words_do(cast, job, sign_in):
    sign_in(cast.cora).post(path(job), {"reason": "-", "words": "We moved"})
    job.refresh_from_db()
    assert job.cancellation_reason == "We moved"


def test_after_the_cut_off_it_becomes_a_request(cast, job, sign_in):
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=3))
    client = sign_in(cast.cora)
    page = client.get(path(job)).content.decode()
    assert "less than 24 hours" in page
    client.post(path(job), {"reason": "No longer needed"})
    job.refresh_from_db()
    assert job.status == JobStatus.SCHEDULED
    requested = ChangeRequest.objects.get()
    assert (requested.job, requested.kind, requested.asked_by) == (job, "cancel", cast.cora.user)
    page = client.get(f"/jobs/{job.number}/").content.decode()
    assert "You asked us to cancel" in page
    assert path(job) not in page
    assert job.number in client.get("/").content.decode()


def test_on_a_job_that_has_started_too(cast, job, sign_in):
    start_job(job, by=cast.dana)
    sign_in(cast.cora).post(path(job), {"reason": "No longer needed"})
    job.refresh_from_db()
    assert job.status == JobStatus.STARTED
    assert ChangeRequest.objects.count() == 1


def test_denied_cora_sees_no_button_and_is_refused_at_the_address(cast, job, sign_in):
    deny(cast.cora)
    client = sign_in(cast.cora)
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()
    assert client.get(path(job)).status_code == 403
    assert client.post(path(job), {"reason": "No longer needed"}).status_code == 403
    job.refresh_from_db()
    assert job.status == JobStatus.UNASSIGNED


def test_carl_finds_no_such_job(cast, job, sign_in):
    client = sign_in(cast.carl)
    assert client.get(path(job)).status_code == 404
    assert client.post(path(job), {"reason": "No longer needed"}).status_code == 404
    job.refresh_from_db()
    assert job.status == JobStatus.UNASSIGNED


def test_twice_is_once(cast, job, sign_in):
    client = sign_in(cast.cora)
    client.post(path(job), {"reason": "No longer needed"})
    response = client.post(path(job), {"reason": "No longer needed"}, follow=True)
    assert "nothing to cancel" in response.content.decode()


def test_without_a_list_of_reasons_her_words_are_asked_for(cast, job, sign_in):
    CancellationReason.objects.all().delete()
    client = sign_in(cast.cora)
    assert client.post(path(job), {"reason": "-"}).context["form"].errors
    client.post(path(job), {"reason": "-", "words": "Rain"})
    job.refresh_from_db()
    assert job.cancellation_reason == "Rain"
