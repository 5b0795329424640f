from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.services import NewJob, create_jobs
from tests.factories import make_job

AT_MOST = 12


def queries(client, path):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jobs/",
        "/jobs/?when=past",
        "/jobs/?q=mill",
        "/me/",
        "/jobs/export.csv",
        "/jobs/?sort=customer&kind=skip-exchange",
        "/accounts/",
        "/jobs/J-000001/",
        "/jobs/J-000001/edit/",
        "/jobs/new/skip-exchange/",
        "/map/",
    ],
)
def test_a_page_costs_few_queries_and_no_more_with_many_jobs(cast, sign_in, path):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    client = sign_in(cast.cora)
    client.get("/")  # the first visit is noted, once in five minutes
    client.get(path)  # and an export, once a minute
    few = queries(client, path)
    tomorrow = timezone.now() + timedelta(days=1)
    create_jobs([NewJob(cast.birch, cast.exchange, planned_start=tomorrow) for _ in range(60)], by=cast.dana)
    assert queries(client, path) == few <= AT_MOST


def test_the_guests_page_too(cast, client):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    path = f"/l/{job.portal_links.get().token}/"
    client.post(path, {"answer": job.contact_email})
    assert queries(client, path) <= AT_MOST


def test_with_several_accounts_chosen(cast, sign_in):
    client = sign_in(cast.cora)
    client.post("/accounts/switch/", {"account": cast.acme.pk})
    assert queries(client, "/") <= AT_MOST
