from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import PortalUser


@pytest.fixture
def printed(portal):
    out = StringIO()
    call_command("bench_permissions", "--users", "300", stdout=out)
    return out.getvalue()


def test_each_time_stands_beside_a_bare_select(printed):
    print(printed)
    for name in ("preview of a change", "rights of one person", "sheet of one person", "explanation"):
        (line,) = [line for line in printed.splitlines() if line.startswith(name)]
        assert re.search(r"\d+ queries +[\d.]+ ms +[\d.]+ x$", line), line
    assert printed.count("bare SELECT") == 2


def test_rights_take_two_queries_and_the_preview_at_most_ten(printed):
    queries = {
        line.split("  ")[0].strip(): int(re.search(r"(\d+) queries", line)[1]) for line in printed.splitlines()[1:]
    }
    assert queries["rights of one person"] == 2
    assert queries["preview of a change of the settings"] <= 10


def test_it_leaves_nothing_behind(printed):
    assert not PortalUser.objects.exists()
