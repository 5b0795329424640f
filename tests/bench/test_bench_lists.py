from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from jobs.models import Job
from jobs.seeding import seed_jobs


def test_a_page_costs_the_same_queries_however_many_jobs_there_are(portal):
    seed_jobs(1_500)
    out = StringIO()
    call_command("bench_lists", "--times", "1", stdout=out)
    lines = out.getvalue().splitlines()[2:]
    assert len(lines) == 6
    for line in lines:
        assert line.split()[-2] == "1.00", line


def test_it_leaves_nothing_behind(portal):
    seed_jobs(1_200)
    call_command("bench_lists", "--times", "1", stdout=StringIO())
    assert Job.objects.count() == 1_200
    assert not User.objects.filter(email__startswith="bench-").exists()


def test_without_jobs_it_says_how_to_make_some(db):
    with pytest.raises(CommandError, match="seed_jobs"):
        call_command("bench_lists")
