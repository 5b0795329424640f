"""``manage.py make_due_occurrences`` run by several processes at the same moment."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs.choices import EventKind
from jobs.models import Job, JobEvent, Series
from jobs.services import create_series

DAYS = 15


def database_url():
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    login = quote(facts["USER"]) + (f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else "")
    return f"postgres://{login}@{facts['HOST'] or 'localhost'}:{facts['PORT'] or 5432}/{facts['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_two_commands_at_once_make_each_occurrence_once(cast, tmp_path):
    today = timezone.localdate()
    facts = {"template": cast.exchange, "starts_on": today, "rules": [{"kind": "day", "every": 1}]}
    series = [
        create_series(facts | {"name": name, "customer": customer, "create_days_ahead": 0}, by=cast.dana)
        for name, customer in (("Acme", cast.acme), ("Birch", cast.birch), ("Cedar", cast.cedar))
    ]
    # As after an outage: two weeks are to be made, by whoever comes first.
    Series.objects.update(create_days_ahead=DAYS - 1)
    environ = {"PATH": os.environ["PATH"], "PORTICO_VAR": str(tmp_path), "DATABASE_URL": database_url()}
    command = [sys.executable, "manage.py", "make_due_occurrences"]
    running = [
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _process in range(2)
    ]
    said = [process.communicate(timeout=180) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    made = [int(out.split()[1]) for out, _err in said]
    assert sum(made) == 3 * (DAYS - 1), said
    expected = [today + timedelta(days=n) for n in range(DAYS)]
    for one in series:
        assert list(one.occurrences.order_by("on").values_list("on", flat=True)) == expected
    assert Job.objects.count() == 3 * DAYS == JobEvent.objects.filter(kind=EventKind.CREATED).count()
    assert sorted(int(number[2:]) for number in Job.objects.values_list("number", flat=True)) == list(
        range(1, 3 * DAYS + 1)
    )
