"""An import that changes many jobs locks them before it takes numbers, as a person at the console does."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.choices import Existing


def test_numbers_are_taken_when_all_is_changed(cast, imported):
    imported("id,template,customer,asset id\nA-1,Skip exchange,Acme,SK-1", by=cast.ines)
    again = "id,template,customer,asset id\nB-1,Skip exchange,Acme,SK-9\nA-1,Skip exchange,Acme,SK-2"
    with CaptureQueriesContext(connection) as caught:
        run = imported(again, by=cast.ines, existing=Existing.UPDATE)
    assert (run.made, run.changed) == (1, 1)
    said = [query["sql"] for query in caught]
    changed = next(n for n, sql in enumerate(said) if sql.startswith('UPDATE "jobs_job"'))
    numbered = next(n for n, sql in enumerate(said) if sql.startswith('UPDATE "jobs_jobnumber"'))
    assert changed < numbered
