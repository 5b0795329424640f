"""Every kind of field has its place on the page of a job."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jobs.models import Job
from jobs.services import attach_file, check_file
from templates_app.choices import FieldKind
from tests.console.forms import filled
from tests.factories import make_job, make_template


@pytest.fixture
def job(cast):
    fields = [{"label": str(kind.label), "kind": kind.value, "key": kind.value} for kind in FieldKind]
    for one in fields:
        if one["kind"] in (FieldKind.PICK, FieldKind.MULTI_PICK):
            one["choices"] = ["small", "large"]
    return make_job(cast.acme, make_template("Everything", fields=tuple(fields)))


def page_of(job):
    return reverse("admin:jobs_job_change", args=[job.pk])


GIVEN = {
    "value_text": "Mind the dog",
    "value_number": "2.5",
    "value_currency": "120.50",
    "value_datetime": "2031-05-05T09:30",
    "value_checkbox": "on",
    "value_pick": "small",
    "value_multi_pick": ["small", "large"],
    "value_link": "https://example.com/plan",
    "value_location": "Mill Lane 7",
    "value_signature": "Jane Doe",
}


def test_each_is_filled_in_and_kept(cast, sign_in, job):
    dana = sign_in(cast.dana)
    answer = dana.post(page_of(job), filled(dana.get(page_of(job))) | GIVEN)
    assert answer.status_code == 302, answer.context["errors"]
    values = Job.objects.get().values
    assert values.pop("datetime").startswith("2031-05-05T")
    assert values == {
        "text": "Mind the dog",
        "number": 2.5,
        "currency": "120.50",
        "checkbox": True,
        "pick": "small",
        "multi_pick": ["small", "large"],
        "link": "https://example.com/plan",
        "location": "Mill Lane 7",
        "signature": "Jane Doe",
    }


def test_a_section_header_heads_the_fields_after_it(cast, sign_in):
    fields = ({"label": "Size"}, {"label": "Access", "kind": "header"}, {"label": "Gate code"})
    job = make_job(cast.acme, make_template(fields=fields))
    titles = [fieldset.name for fieldset in sign_in(cast.dana).get(page_of(job)).context["adminform"]]
    assert titles[-2:] == ["Fields", "Access"]


def test_a_file_that_is_asked_for_stands_there_until_it_comes(cast, sign_in, job):
    dana = sign_in(cast.dana)
    add = reverse("admin:jobs_job_add_file", args=[job.pk]) + "?key=file"
    page = dana.get(page_of(job)).content.decode()
    assert "asked for, nothing yet" in page and add in page
    assert dana.get(add).context["form"]["key"].value() == "file"
    attach_file(job, check_file("plan.pdf", b"%PDF-1.4 plan"), by=cast.dana, key="file")
    assert "asked for, nothing yet" not in dana.get(page_of(job)).content.decode()


def test_sam_is_told_that_it_is_missing_and_adds_none(cast, sign_in, job):
    page = sign_in(cast.sam).get(page_of(job)).content.decode()
    assert "asked for, nothing yet" in page
    assert reverse("admin:jobs_job_add_file", args=[job.pk]) not in page


def test_nell_sees_none_of_it(cast, sign_in, job):
    assert sign_in(cast.nell).get(page_of(job)).status_code in (403, 404)
