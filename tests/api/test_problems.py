"""Whatever goes wrong is told in one shape, also by the server around the operations."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.test import Client

from jobs import services
from jobs.models import Job
from tests.api.test_jobs_api import NEW, problem


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/jobs", "/api/v1/nothing", "/api/v1/jobs/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_there_is_not(db, path, method):
    # As a program asks: with no cookie of a form, which the test client otherwise lets pass.
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    if path == "/api":
        assert answer.status_code in (301, 404)
    else:
        problem(answer, 404)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "OPTIONS", "TRACE", "BREW"])
def test_a_method_an_address_does_not_take(danas, method):
    danas.client = Client(enforce_csrf_checks=True)
    answer = danas(method, "/jobs")
    problem(answer, 405)
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("body", ["", "{", "[1", "\xff\xfe", '{"template": }', "not json"])
def test_what_is_no_json(danas, body):
    answer = danas.client.generic(
        "POST",
        "/api/v1/jobs",
        body.encode("latin-1"),
        content_type="application/json",
        headers={"Authorization": f"Bearer {danas.plain}"},
    )
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


@pytest.mark.parametrize(
    "body", [None, [], "text", 7, {"customer": "Acme"}, {"customer": {"name": 7}}, {"customer": None}]
)
def test_json_of_another_shape(danas, body):
    problem(danas.post("/jobs", body), 422)


def test_their_titles_are_those_of_the_documents(danas):
    """As RFC 9110 has them and docs/api.md shows them, whatever this Python calls them."""
    told = problem(danas.post("/jobs", NEW | {"template": "exchange"}), 422)
    shown = re.search(r'"title": "([^"]+)", "status": 422', (django_settings.BASE_DIR / "docs" / "api.md").read_text())
    assert told["title"] == shown[1] == "Unprocessable Content"


def test_what_is_too_large(danas, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert problem(danas.post("/jobs", NEW | {"notes": "x" * 2000}), 413)["title"] == "Content Too Large"
    assert not Job.objects.exists()


def test_somebody_was_faster(danas, monkeypatch):
    def beaten(*_args, **_facts):
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(services, "create_job", beaten)
    problem(danas.post("/jobs", NEW), 409)
    problem(danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"}), 409)


def test_a_failure_says_that_it_is_one_and_nothing_more(danas, monkeypatch):
    def fails(*_args, **_facts):
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(services, "create_job", fails)
    danas.client = Client(raise_request_exception=False)
    answer = danas.post("/jobs", NEW)
    assert "secret" not in problem(answer, 500)["detail"]
    assert "secret" not in answer.content.decode()


def test_pages_for_people_keep_their_own_errors(client, portal):
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("address", ["docs", "openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_what_is_there_to_be_read_says_so(db, method, address):
    """Not "forbidden", for want of a form's cookie."""
    answer = Client(enforce_csrf_checks=True).generic(method, f"/api/v1/{address}")
    problem(answer, 405)
    assert answer["Allow"] == "GET, HEAD"
