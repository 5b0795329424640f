"""Whoever hangs something on a job that has just been removed reads so in a sentence."""

from __future__ import annotations

import pytest

from alerts import views
from alerts.job_alerts import set_job_alert
from alerts.models import MessageStop
from alerts.services import stop_messages
from console.errors import Refused
from jobs.models import JobFile
from jobs.services import attach_file, check_file, delete_job
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job


@pytest.fixture
def gone(cast):
    """A job as somebody still has it before her, though it went."""
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    key = job.pk
    delete_job(job, by=cast.dana)
    job.pk = key
    return job


def test_a_file_is_not_attached(cast, gone):
    with pytest.raises(Refused, match="no longer exists"):
        attach_file(gone, check_file("contract.pdf", b"%PDF-1.4 hello"), by=cast.dana)
    assert not JobFile.objects.exists()


def test_messages_about_it_are_not_stopped(gone):
    with pytest.raises(Refused, match="no longer exists"):
        stop_messages("site@acme.example", job=gone)


def test_no_job_alert_is_set(cast, gone):
    with pytest.raises(Refused, match="no longer exists"):
        set_job_alert(gone, by=cast.cora.user, when=["completed"], emails=["cora@example.com"])


def test_the_page_offers_what_is_left_to_stop(cast, client, monkeypatch):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    (delivery,) = announced(job)

    def too_late(address, *, job):
        delete_job(job, by=cast.dana)
        return stop_messages(address, job=job)

    monkeypatch.setattr(views, "stop_messages", too_late)
    answer = client.post(f"/stop/{delivery.token}/", {"scope": "job"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "No more messages at all" in page and "No more about" not in page
    assert not MessageStop.objects.exists()
