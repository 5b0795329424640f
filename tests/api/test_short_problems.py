"""However much is wrong in what a program sends, it is told in a short answer, and nothing is saved."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from jobs.models import Job
from jobs.models.series import Series
from tests.api.test_jobs_api import NEW, problem
from tests.factories import make_job, make_template

MANY = 100_000
SHORT = 20_000
UNKNOWN = {f"k{number}": "x" for number in range(MANY)}
WRONG = [{"no": number} for number in range(10_000)]
RULES = {"name": "Weekly", "customer": {"name": "Acme Builders"}, "template": "skip-exchange",
         "starts_on": "2026-12-01"}  # fmt: skip


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana)


def told(answer, status=422):
    """The errors of a problem that is short."""
    errors = problem(answer, status)["errors"]
    assert len(answer.content) < SHORT
    assert len(errors) <= 22
    return errors


def last(errors):
    return errors[-1]["message"]


def test_unknown_values_of_a_new_job(danas):
    assert last(told(danas.post("/jobs", NEW | {"values": UNKNOWN}))) == "and 99,980 more"
    assert not Job.objects.exists()


def test_unknown_values_of_a_job_there_is(cast, danas, job):
    notes, history = job.notes, job.history.count()
    assert last(told(danas.patch(f"/jobs/{job.number}", {"values": UNKNOWN, "notes": "new"}))) == "and 99,980 more"
    job.refresh_from_db()
    assert (job.notes, job.history.count()) == (notes, history)


def test_unknown_values_by_the_worker(cast, program, job):
    Job.objects.filter(pk=job.pk).update(worker=cast.theo)
    told(program(cast.theo).patch(f"/worker/jobs/{job.number}", {"values": UNKNOWN}))
    assert set(Job.objects.get().values) <= {field.key for field in job.fields()}


def test_unknown_values_of_a_series(danas):
    told(danas.post("/series", RULES | {"rules": [{"kind": "weekday"}], "values": UNKNOWN}))
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/jobs", NEW | UNKNOWN),
        ("POST", "/jobs", NEW | {"customer": UNKNOWN}),
        ("POST", "/jobs", NEW | {"contact": UNKNOWN}),
        ("POST", "/jobs", NEW | {"values": WRONG}),
        ("POST", "/jobs", WRONG),
        ("POST", "/jobs", NEW | {"k" * 1_000_000: "x", "j" * 1_000_000: "x"}),
        ("POST", "/jobs", NEW | {"values": {"k" * 1_000_000: "x"}}),
        ("POST", "/customers", UNKNOWN),
        ("POST", "/customers", {"name": "Oak", "site_contact": UNKNOWN, "location": UNKNOWN}),
        ("POST", "/customers", {"name": "Oak", "site_contact": {"phone": WRONG}}),
        ("POST", "/series", RULES | {"rules": WRONG}),
        ("POST", "/series", RULES | {"rules": [{"kind": "week", "on": ["xx"] * 10_000}]}),
        ("POST", "/series", RULES | {"rules": [{"kind": "week", "on": ["x" * 1_000_000]}] * 3}),
        ("PATCH", "/jobs/{job}", UNKNOWN),
        ("PUT", "/jobs/{job}/worker", UNKNOWN),
        ("POST", "/jobs/{job}/transitions", {"step": "k" * 1_000_000}),
        ("POST", "/jobs/{job}/transitions", UNKNOWN),
    ],
)
def test_what_is_wrong_everywhere(danas, job, method, path, body):
    before = (Job.objects.count(), Customer.objects.count())
    told(danas(method, path.format(job=job.number), body))
    assert (Job.objects.count(), Customer.objects.count(), Series.objects.count()) == (*before, 0)


@pytest.mark.parametrize("kind", ["multi_pick", "pick", "text", "number", "checkbox", "datetime", "link", "file"])
def test_a_value_that_is_a_long_list(danas, kind):
    choices = {"choices": ["wood"]} if "pick" in kind else {}
    template = make_template("Odd", fields=({"label": "Odd", "kind": kind, **choices},))
    told(danas.post("/jobs", NEW | {"template": template.slug, "values": {"odd": WRONG}}))
    assert not Job.objects.exists()


@pytest.mark.parametrize("path", ["/jobs", "/customers", "/links"])
def test_an_address_with_very_many_parameters(danas, path):
    query = "&".join(f"status=x{number}" for number in range(3000))
    answer = danas.get(f"{path}?{query}")
    assert answer.status_code in (400, 422)
    told(answer, answer.status_code)
