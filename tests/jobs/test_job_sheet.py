from __future__ import annotations

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from jobs.models import Job
from jobs.pdf import job_sheet
from tests.factories import make_job, make_template


@pytest.fixture
def job(cast):
    template = make_template(
        "Skip hire",
        steps=("Drive there", "Put it down"),
        fields=(
            {"label": "Size", "kind": "text", "portal_use": "optional"},
            {"label": "Margin", "kind": "text", "portal_use": "hidden"},
        ),
    )
    made = make_job(
        cast.acme, template, notes="Key under the mat", address="Mill Lane 7", values={"size": "6 m³", "margin": "40 %"}
    )
    return Job.objects.select_related("customer", "template", "worker", "blueprint").get(pk=made.pk)


def words(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_it_says_what_where_and_for_whom(job):
    text = words(job_sheet(job, for_customer=False))
    for said in (
        job.number,
        "Skip hire",
        "Acme Builders",
        "Mill Lane 7",
        "6 m³",
        "40 %",
        "Drive there",
        "under the mat",
    ):
        assert said in text, said


def test_the_customers_copy_keeps_the_offices_notes_and_fields_to_itself(job):
    text = words(job_sheet(job, for_customer=True))
    assert "6 m³" in text
    assert "40 %" not in text and "under the mat" not in text and "Drive there" not in text


def test_what_a_customer_wrote_is_text_and_fetches_nothing(job, monkeypatch):
    import urllib.request

    def fetch(*args, **kwargs):
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request, "urlopen", fetch)
    job.values = {"size": '<img src="file:///etc/passwd"><b>bold</b>'}
    assert "<img src=" in words(job_sheet(job, for_customer=False))


def test_dana_prints_it_and_nell_does_not(cast, sign_in, job):
    url = reverse("admin:jobs_job_sheet", args=[job.pk])
    answer = sign_in(cast.dana).get(url)
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert sign_in(cast.nell).get(url).status_code in (403, 404)
