"""Cora's own table of jobs is written as her spreadsheet program reads it: by her language, or as she chooses."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from tests.factories import make_job


@pytest.fixture
def job(cast):
    start = timezone.make_aware(datetime(2026, 12, 8, 8, 30))
    return make_job(cast.acme, cast.exchange, by=cast.olivia, planned_start=start)


def table(client, query=""):
    return b"".join(client.get(f"/jobs/export.csv{query}").streaming_content).decode()


@pytest.mark.parametrize(
    ("language", "query", "has", "lacks"),
    [
        ("", "", ",2026-12-08 08:30,", ";"),
        ("de", "", ";08.12.2026 08:30;", "2026-12-08"),
        ("de", "?convention=plain", ",2026-12-08 08:30,", ";"),
        ("", "?convention=german", ";08.12.2026 08:30;", "2026-12-08"),
        ("", "?convention=nonsense", ",2026-12-08 08:30,", ";"),
    ],
)
def test_it_is_written_as_cora_is_used_to_or_chooses(cast, job, sign_in, language, query, has, lacks):
    cast.cora.user.language = language
    cast.cora.user.save()
    text = table(sign_in(cast.cora), query)
    assert text.startswith("\ufeff") and has in text and lacks not in text


def test_the_list_offers_the_other_way(cast, job, sign_in):
    html = sign_in(cast.cora).get(f"/jobs/?q={job.number}").content.decode()
    assert f"/jobs/export.csv?q={job.number}&amp;convention=german" in html
