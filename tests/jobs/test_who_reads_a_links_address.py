"""Who reads the address of a portal link: Dana, who may copy it; never Sam, who may only read."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.services import make_token
from jobs.models import Job, PortalLink
from jobs.services import update_job
from tests.factories import make_job


@pytest.fixture
def job(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, notes="Gate 4711", worker=cast.theo)
    update_job(job, {"notes": f"{job.notes}\nsee {job.portal_links.get().url}"}, by=cast.dana)
    return Job.objects.get()


def said(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"%PDF"):
        # A long word is broken on paper.
        return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())
    return body.decode(errors="replace")


def pages(job):
    """Each place that tells of a job's notes or links."""
    change = reverse("admin:jobs_job_change", args=[job.pk])
    link = job.portal_links.get()
    return {
        "job": change,
        "history": reverse("admin:jobs_job_history", args=[job.pk]),
        "jobs": reverse("admin:jobs_job_changelist"),
        "links": reverse("admin:jobs_portallink_changelist"),
        "link": reverse("admin:jobs_portallink_change", args=[link.pk]),
        "history of the link": reverse("admin:jobs_portallink_history", args=[link.pk]),
        "change log": reverse("admin:changelog"),
        "change log as a file": reverse("admin:changelog") + "?export=csv",
        "sheet": reverse("admin:jobs_job_sheet", args=[job.pk]),
    }


def test_sam_reads_no_token_anywhere(cast, sign_in, job):
    sam, token = sign_in(cast.sam), PortalLink.objects.get().token
    answers = {name: sam.get(path, follow=True) for name, path in pages(job).items()}
    assert answers["job"].status_code == 200 and "Gate 4711" in said(answers["job"])
    # Paper is for those who may work on the job; no other place is closed to Sam.
    closed = {name for name, answer in answers.items() if answer.status_code != 200}
    assert closed <= {"sheet"}
    assert [name for name, answer in answers.items() if token in said(answer)] == []


def test_dana_reads_it_where_she_may_copy_it(cast, sign_in, job):
    dana, token = sign_in(cast.dana), PortalLink.objects.get().token
    found = {name for name, path in pages(job).items() if token in said(dana.get(path, follow=True))}
    assert found == {"job", "links", "link", "sheet"}


def test_tokens_of_programs(cast, client, job):
    def notes(path, **who):
        _token, plain = make_token(name="Test", by=None, **who)
        return client.get(path, headers={"Authorization": f"Bearer {plain}"}).content.decode()

    token = PortalLink.objects.get().token
    assert token in notes(f"/api/v1/worker/jobs/{job.number}", worker=cast.theo)
    assert token in notes(f"/api/v1/jobs/{job.number}", user=cast.dana, scopes=("jobs.read",))
    for_sam = notes(f"/api/v1/jobs/{job.number}", user=cast.sam, scopes=("jobs.read",))
    assert "Gate 4711" in for_sam and token not in for_sam
