"""An impatient person clicks many times at once, on PostgreSQL: SQLite lets one writer in at a time."""

from __future__ import annotations

import pytest
from django.db import connection

from console.errors import Refused
from console.exporting.runs import AT_A_TIME, request_export
from console.models import ListExport
from tests.jobs.test_concurrency import all_at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need more than one writer: PostgreSQL only"),
]


def ask(by):
    return request_export(
        source="accounts.customer", title="Customers", query="", columns=["name"], format_name="csv", by=by
    )


def test_of_twenty_clicks_at_once_five_are_files_and_the_others_are_told(cast):
    answers = all_at_once(lambda n: ask(cast.dana))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == len(answers) - AT_A_TIME and "Wait for one of them" in str(refused[0])
    assert ListExport.objects.filter(owner=cast.dana).count() == AT_A_TIME


def test_one_persons_clicks_take_nothing_from_another(cast):
    askers = [cast.dana, cast.olivia]
    all_at_once(lambda n: ask(askers[n % 2]))
    assert [ListExport.objects.filter(owner=who).count() for who in askers] == [AT_A_TIME, AT_A_TIME]
