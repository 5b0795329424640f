"""Long texts and tables on a job sheet end with where they go on, so that its time has a limit."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from jobs import pdf
from jobs.models import Job
from tests.factories import make_job, make_template

SENTENCE = "continued on the job's page"


def words(paper: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    return " ".join(text.replace("’", "'").split())


def sheet(job: Job, *, for_customer: bool) -> str:
    loaded = Job.objects.select_related("customer", "template", "worker", "blueprint")
    return words(pdf.job_sheet(loaded.get(pk=job.pk), for_customer=for_customer))


@pytest.mark.parametrize(
    "text", ["one\n" * 20_000, "word " * 20_000, "\u2028".join(["x"] * 20_000)], ids=["lines", "words", "U+2028"]
)
def test_theos_notes_of_any_length_take_a_page_or_two(cast, text):
    job = make_job(cast.acme, cast.exchange)
    # Longer than notes may be today: there are some from before.
    Job.objects.filter(pk=job.pk).update(notes=text)
    said = sheet(job, for_customer=False)
    assert said.count(SENTENCE) == 1 and len(said) < pdf.NOTES_SIGNS + 1500


def test_short_notes_stand_whole(cast):
    said = sheet(make_job(cast.acme, cast.exchange, notes="Ring\nKey under the mat"), for_customer=False)
    assert "Ring Key under the mat" in said and SENTENCE not in said


def test_a_long_value_is_cut_on_coras_paper_too(cast):
    template = make_template("Skip hire", fields=({"label": "Size", "kind": "text", "portal_use": "optional"},))
    job = make_job(cast.acme, template, values={"size": "word " * 1000})
    assert sheet(job, for_customer=True).count(SENTENCE) == 1


def test_many_fields_end_with_the_sentence(cast, monkeypatch):
    monkeypatch.setattr(pdf, "ROWS_ON_PAPER", 2)
    fields = tuple({"label": f"Size {i}", "kind": "text", "portal_use": "optional"} for i in range(4))
    template = make_template("Skip hire", fields=fields, steps=("Drive", "Put", "Sign"))
    job = make_job(cast.acme, template, values={f"size_{i}": f"value{i}" for i in range(4)})
    said = sheet(job, for_customer=False)
    assert "value1" in said and "value2" not in said and "Put" in said and "3. Sign" not in said
    assert said.count(SENTENCE) == 2
