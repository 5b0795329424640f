"""What people hung on the jobs of an import since is not lost with them: an undo keeps those jobs and says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import JobAlert
from alerts.services import stop_messages
from imports.choices import Existing
from imports.services import start_undo, undo_would_keep
from jobs.models import Job, JobFile
from jobs.services import attach_file, check_file, reissue_portal_link, revoke_portal_link

SHEET = (
    "Order number,Service,Customer,Amount\nA-1,Skip exchange,Acme Builders,{0}\nA-2,Skip exchange,Acme Builders,{0}\n"
)


def attach(job, cast):
    attach_file(job, check_file("contract.pdf", b"%PDF-1.4 hello"), by=cast.dana)


def stop(job, cast):
    stop_messages("site@acme.example", job=job)


def ask_to_be_told(job, cast):
    JobAlert.objects.create(
        job=job, channel="email", address="cora@example.com", on_completed=True, made_by=cast.cora.user
    )


def let_the_link_live(job, cast):
    link = job.portal_links.get()
    link.expires_at = timezone.now() + timedelta(days=900)
    link.save()


def revoke(job, cast):
    revoke_portal_link(job.portal_links.get(), by=cast.dana)


def reissue(job, cast):
    reissue_portal_link(job.portal_links.get(), by=cast.dana)


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (attach, "file of a job"),
        (stop, "stop"),
        (ask_to_be_told, "job alert"),
        (let_the_link_live, "portal link"),
        (revoke, "Dana"),
        (reissue, "Dana"),
    ],
)
def test_the_job_stays_and_the_report_says_why(cast, imported, action, named):
    run = imported(SHEET.format(10), by=cast.ines)
    job = Job.objects.get(external_id="A-1")
    action(job, cast)
    assert undo_would_keep(run, by=cast.ines) == 1
    run = start_undo(run, by=cast.ines)
    assert Job.objects.get() == job and job.portal_links.exists()
    [[label, why]] = run.undo_report["why"]
    assert label == job.number and named in why


def test_a_job_that_is_only_changed_back_loses_nothing_and_is_changed_back(cast, imported):
    imported(SHEET.format(10), by=cast.ines)
    job = Job.objects.get(external_id="A-1")
    attach(job, cast)
    stop(job, cast)
    let_the_link_live(job, cast)
    run = imported(SHEET.format(12), by=cast.ines, existing=Existing.UPDATE)
    ask_to_be_told(job, cast)
    run = start_undo(run, by=cast.ines)
    assert (run.undo_report["restored"], run.undo_report["kept"]) == (2, 0)
    job.refresh_from_db()
    assert str(job.amount) == "10.00" and JobFile.objects.get().job == job
