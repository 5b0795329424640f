from __future__ import annotations

import pytest
from django.urls import reverse

from audit.act import acting
from jobs.models import Job
from jobs.services import update_job
from tests.console.forms import filled
from tests.factories import make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.olivia, notes="Mind the dog.")


def page_of(job):
    return reverse("admin:jobs_job_change", args=[job.pk])


def test_the_second_to_save_is_told_who_changed_what(cast, sign_in, job):
    dana = sign_in(cast.dana)
    typed = filled(dana.get(page_of(job))) | {"contact_name": "Zoe"}
    update_job(job, {"asset_id": "SKIP-7"}, by=cast.olivia)
    answer = dana.post(page_of(job), typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Olivia" in page and "SKIP-7" in page and 'value="Zoe"' in page
    job.refresh_from_db()
    assert (job.asset_id, job.contact_name) != ("", "Zoe")


def test_saving_again_puts_hers_in_place(cast, sign_in, job):
    dana = sign_in(cast.dana)
    typed = filled(dana.get(page_of(job))) | {"contact_name": "Zoe"}
    update_job(job, {"contact_name": "Yan"}, by=cast.olivia)
    refused = dana.post(page_of(job), typed)
    assert dana.post(page_of(job), filled(refused) | {"contact_name": "Zoe"}).status_code == 302
    job.refresh_from_db()
    assert job.contact_name == "Zoe"


def test_nobody_is_stopped_when_nobody_was_faster(cast, sign_in, job):
    dana = sign_in(cast.dana)
    assert dana.post(page_of(job), filled(dana.get(page_of(job))) | {"contact_name": "Zoe"}).status_code == 302
    assert Job.objects.get(pk=job.pk).contact_name == "Zoe"


def test_what_a_service_refuses_comes_back_as_it_was_typed(cast, sign_in, job, monkeypatch):
    from console.errors import Refused
    from jobs import services

    def refuse(*args, **kwargs):
        raise Refused("Not on a Sunday.")

    monkeypatch.setattr(services, "update_job", refuse)
    dana = sign_in(cast.dana)
    answer = dana.post(page_of(job), filled(dana.get(page_of(job))) | {"contact_name": "Zoe"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Not on a Sunday." in page and 'value="Zoe"' in page


def test_a_change_of_another_record_is_no_reason(cast, sign_in, job):
    other = make_job(cast.acme, cast.exchange)
    dana = sign_in(cast.dana)
    typed = filled(dana.get(page_of(job))) | {"contact_name": "Zoe"}
    with acting(by=cast.olivia):
        update_job(other, {"asset_id": "SKIP-8"}, by=cast.olivia)
    assert dana.post(page_of(job), typed).status_code == 302


def test_sam_may_look_and_is_refused_the_change(cast, sign_in, job):
    sam = sign_in(cast.sam)
    assert sam.get(page_of(job)).status_code == 200
    assert sam.post(page_of(job), {"notes": "x"}).status_code == 403


def test_nell_is_refused(cast, sign_in, job):
    assert sign_in(cast.nell).get(page_of(job)).status_code in (403, 404)
