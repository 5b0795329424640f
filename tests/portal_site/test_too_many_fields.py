"""A form with more fields than a page takes is refused by a page that says so; nothing is saved."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from business.models import PortalSettings
from jobs.models import Job
from tests.factories import make_job, make_location

SHORT = 40_000
MANY = {f"field_k{number}": "x" for number in range(5000)}
# Fewer than the limit: they are read, and left alone.
SOME = {f"field_k{number}": "x" for number in range(900)}


@pytest.fixture
def job(cast):
    facts = {"contact_name": "Gita", "contact_email": "gita@example.com"}
    return make_job(cast.acme, cast.exchange, by=cast.dana, **facts)


@pytest.fixture
def gitas(job):
    """A browser in which Gita has answered, and her address."""
    client, door = Client(), f"/l/{job.portal_links.get().token}/"
    client.post(door, {"answer": "gita@example.com"})
    return client, door


def refused(answer):
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "more than this page takes" in page and "nothing was saved" in page
    assert len(answer.content) < SHORT and "field_k4999" not in page


def test_the_limit_is_djangos_own():
    assert django_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS == 1000


def test_cora_asks_for_a_job(cast, sign_in):
    place = make_location(cast.acme)
    form = {"account": cast.acme.pk, "place": place.pk, "once": "one"}
    client = sign_in(cast.cora)
    refused(client.post("/jobs/new/skip-exchange/", form | MANY))
    assert not Job.objects.exists()
    answer = client.post("/jobs/new/skip-exchange/", form | SOME)
    assert answer.status_code == 302
    assert not any(key.startswith("k") for key in Job.objects.get().values)


def test_cora_changes_a_job(cast, sign_in, job):
    history = job.history.count()
    refused(sign_in(cast.cora).post(f"/jobs/{job.number}/edit/", {"notes": "new"} | MANY))
    assert job.history.count() == history


@pytest.mark.parametrize("page", ["", "edit/", "cancel/", "messages/"])
def test_gita_by_her_link(gitas, job, page):
    client, door = gitas
    before = (job.history.count(), job.events.count())
    refused(client.post(door + page, {"reason": "no", "notes": "new"} | MANY))
    assert (job.history.count(), job.events.count()) == before


@pytest.mark.parametrize("address", ["/login/", "/password/", "/signup/"])
def test_a_visitor(db, portal, client, address):
    portal.access = PortalSettings.Access.PUBLIC
    portal.save()
    refused(client.post(address, {"email": "a@b.example"} | MANY))


def test_very_many_files(cast, sign_in):
    files = {f"f{number}": SimpleUploadedFile("a.png", b"x") for number in range(150)}
    refused(sign_in(cast.cora).post("/jobs/new/skip-exchange/", files))
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["dana", "olivia"])
def test_the_console(cast, sign_in, job, who):
    address = reverse("admin:jobs_job_change", args=[job.pk])
    history = job.history.count()
    refused(sign_in(getattr(cast, who)).post(address, {"notes": "new"} | MANY))
    assert job.history.count() == history


def test_an_incomplete_form_is_told_otherwise(cast, sign_in):
    page = sign_in(cast.cora).get("/jobs/?page=x&nothing=1")
    assert "more than this page takes" not in page.content.decode()
