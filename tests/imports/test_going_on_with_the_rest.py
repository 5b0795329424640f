"""Whoever looks at an import that stopped half way reads what remains, and how to go on."""

from __future__ import annotations

import pytest
from django.urls import reverse

from imports.choices import RunState
from jobs.models import Job
from tests.imports.conftest import GOOD

REST = "2 rows of the file were not dealt with"
GO_ON = "rows that are in Portico already stay as they are"
NO_IDS = "Service,Customer\nSkip exchange,Acme Builders\nSkip exchange,Acme Builders\n"


def page(run):
    return reverse("admin:imports_importrun_change", args=[run.pk])


@pytest.fixture
def stopped(imported):
    """``stopped(text, by=ines)``: an import that has come to all its rows but two."""

    def _stopped(text, *, by, state=RunState.CANCELLED, **options):
        run = imported(text, by=by, **options)
        run.state, run.rows_total = state, run.rows_total + 2
        run.save()
        return run

    return _stopped


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.FAILED])
def test_ines_reads_what_remains_and_goes_on(cast, sign_in, stopped, checked, state):
    run = stopped(GOOD, by=cast.ines, state=state)
    html = sign_in(cast.ines).get(page(run)).content.decode()
    assert REST in html and GO_ON in html and reverse("admin:imports_importrun_upload") in html
    more = GOOD.replace("not a date", "2026-12-05") + "A-4,Skip exchange,New Bakery,,2026-12-06\n"
    assert checked(more, by=cast.ines).report["counts"] == {"made": 2, "changed": 0, "skipped": 2, "failed": 0}


def test_jobs_without_external_ids_would_be_made_twice(cast, sign_in, stopped):
    html = sign_in(cast.ines).get(page(stopped(NO_IDS, by=cast.ines))).content.decode()
    assert REST in html and GO_ON not in html
    assert "would make its first jobs twice" in html and "up to row 3" in html and Job.objects.count() == 2


def test_an_import_that_came_to_its_end_has_no_rest(cast, sign_in, imported):
    assert "not dealt with" not in sign_in(cast.ines).get(page(imported(GOOD, by=cast.ines))).content.decode()


def test_sam_reads_it_and_is_offered_no_upload_and_nell_finds_nothing(cast, sign_in, stopped):
    run = stopped(GOOD, by=cast.ines)
    html = sign_in(cast.sam).get(page(run)).content.decode()
    assert REST in html and "Upload the file again</a>" not in html
    assert sign_in(cast.nell).get(page(run)).status_code == 404
