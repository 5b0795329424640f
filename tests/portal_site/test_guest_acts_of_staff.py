"""Whoever is signed in as staff does nothing at a portal link: it would be on record as a guest's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jobs.models import ChangeRequest, JobEvent, PortalLinkAttempt
from portal_site import guest, urls
from tests.factories import make_job

# Every page of a link that takes a POST, and what is sent there.
ACTS = {
    "guest": {"answer": "gita@example.com"},
    "guest_cancel": {"reason": "x"},
    "guest_edit": {"notes": "x"},
    "guest_alerts": {"when": "planned"},
    "guest_stop_alert": {"alert": "x"},
}
ONLY_READ = {"guest_status", "guest_print", "guest_file"}


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="gita@example.com")


def address(job, name="guest"):
    return reverse(f"portal_site:{name}", args=[job.portal_links.get().token])


def test_the_table_knows_every_page_of_a_link():
    names = {one.name for one in urls.urlpatterns if str(one.pattern).startswith("l/")}
    assert names == set(ACTS) | ONLY_READ


@pytest.mark.parametrize("name", ACTS)
def test_danas_act_is_refused_and_says_where_to_do_it(cast, sign_in, job, name, monkeypatch):
    monkeypatch.setattr(guest, "has_proved", lambda request, presented: True)
    before = JobEvent.objects.count()
    answer = sign_in(cast.dana).post(address(job, name), ACTS[name])
    page = answer.content.decode()
    assert answer.status_code == 403 and "You are signed in as Dana" in page
    assert reverse("admin:jobs_job_change", args=[job.pk]) in page
    assert (JobEvent.objects.count(), ChangeRequest.objects.count()) == (before, 0)
    assert not PortalLinkAttempt.objects.exists()


def test_dana_is_told_before_she_is_asked_the_question(cast, sign_in, job):
    answer = sign_in(cast.dana).get(address(job))
    page = answer.content.decode()
    assert answer.status_code == 403 and "You are signed in as Dana" in page
    assert 'name="answer"' not in page


def test_nell_is_not_told_which_job_it_is(cast, sign_in, job):
    page = sign_in(cast.nell).post(address(job), ACTS["guest"]).content.decode()
    assert "You are signed in as Nell" in page and job.number not in page
    assert reverse("admin:jobs_job_change", args=[job.pk]) not in page


@pytest.mark.parametrize("who", ["", "carl"])
def test_gita_and_whoever_has_a_portal_account_act_as_guests(cast, sign_in, client, job, who):
    visitor = sign_in(getattr(cast, who)) if who else client
    assert visitor.post(address(job), ACTS["guest"]).url == address(job)
    assert job.number in visitor.get(address(job)).content.decode()
    assert visitor.post(address(job, "guest_cancel"), {"reason": "x"}).status_code != 403
