"""A page of the API and of the console costs the same queries whether there are twenty jobs or two thousand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.models import Job
from jobs.seeding import seed_jobs
from tests.api.examples import TODAY


def pages(danas, sign_in, cast):
    """What is read, by name: the same at every size."""
    console = sign_in(cast.olivia)
    return {
        "API": lambda: danas.get("/jobs?limit=20"),
        "API, filtered": lambda: danas.get("/jobs?limit=20&q=J-0000&status=completed"),
        "API, links": lambda: danas.get("/links?limit=20"),
        "API, customers": lambda: danas.get("/customers?limit=20"),
        "console": lambda: console.get("/admin/jobs/job/"),
        "console, search": lambda: console.get("/admin/jobs/job/?q=J-0000"),
        "console, links": lambda: console.get("/admin/jobs/portallink/"),
    }


def costs(reads):
    found = {}
    for name, read in reads.items():
        read()  # what is cached is cached
        with CaptureQueriesContext(connection) as caught:
            assert read().status_code == 200, name
        found[name] = len(caught)
    return found


def test_twenty_and_two_thousand_jobs_cost_the_same(cast, program, sign_in, time_machine):
    time_machine.move_to(TODAY, tick=False)  # what is kept for some seconds is kept for the test
    reads = pages(program(cast.dana), sign_in, cast)
    seed_jobs(20, with_history=True)
    few = costs(reads)
    seed_jobs(1_980, with_history=True, seed=2)
    assert Job.objects.count() == 2_000
    assert costs(reads) == few


@pytest.mark.parametrize("limit", [1, 200])
def test_no_page_is_longer_than_asked(danas, limit):
    seed_jobs(250)
    assert len(danas.get(f"/jobs?limit={limit}").json()["items"]) == limit
