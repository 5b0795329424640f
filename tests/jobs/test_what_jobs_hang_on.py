"""A template, a worker, a customer that jobs hang on is not deleted, and the reason is said; it can be put away."""

from __future__ import annotations

import pytest

from accounts.models import Customer, Worker
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.factories import make_job, make_worker


@pytest.mark.parametrize(
    ("page", "of", "instead"),
    [
        ("templates_app/jobtemplate", "exchange", "Archive it instead"),
        ("accounts/customer", "acme", ""),
        ("accounts/worker", "theo", "Untick “active” instead"),
    ],
)
def test_it_is_refused_with_the_reason(cast, sign_in, page, of, instead):
    make_job(cast.acme, cast.exchange, worker=cast.theo)
    url = f"/admin/{page}/{getattr(cast, of).pk}/delete/"
    olivia = sign_in(cast.olivia)
    for answer in (olivia.get(url, follow=True), olivia.post(url, {"post": "yes"}, follow=True)):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert instead in text
        assert "1 job" in text or "J-000001" in text
    assert (JobTemplate.objects.count(), Customer.objects.count(), Worker.objects.count()) == (2, 3, 1)
    assert Job.objects.count() == 1


def test_a_worker_nobody_needs_can_go(cast, sign_in):
    tim = make_worker("Tim")
    sign_in(cast.olivia).post(f"/admin/accounts/worker/{tim.pk}/delete/", {"post": "yes"})
    assert not Worker.objects.filter(pk=tim.pk).exists()
    assert Worker.history.filter(id=tim.pk, history_type="-").get().actor == "Olivia"


@pytest.mark.parametrize("who", ["dana", "sam", "nell"])
def test_nobody_else_deletes_a_worker(cast, sign_in, who):
    sign_in(getattr(cast, who)).post(f"/admin/accounts/worker/{cast.theo.pk}/delete/", {"post": "yes"})
    assert Worker.objects.filter(pk=cast.theo.pk).exists()
