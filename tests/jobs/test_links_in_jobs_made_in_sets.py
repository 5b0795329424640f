"""Hundreds of jobs at once, some of which name portal links: all are made, on every database, and keep no link.

On PostgreSQL the first rows are taken in while the next jobs are made, and nothing can be asked meanwhile.
"""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from audit.bulk import BATCH
from imports.choices import RunState
from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.models import Job
from jobs.services import NewJob, create_jobs
from tests.factories import make_customer, make_job, make_worker
from tests.jobs.test_no_table_holds_a_token import holders

FOREIGN = "https://x.example/l/" + "q" * 20 + "/"
LATE = BATCH + 20


@pytest.fixture
def link(cast):
    return make_job(cast.acme, cast.exchange).portal_links.get()


def new_jobs(cast, **facts):
    customer = facts.pop("customer", cast.acme)
    last = [NewJob(customer=customer, template=cast.exchange, **facts)]
    return [NewJob(customer=cast.acme, template=cast.exchange) for _n in range(LATE)] + last


@pytest.mark.parametrize("field", ["asset_id", "contact_name", "address", "notes", "external_id"])
def test_in_any_text_of_a_late_job(cast, link, field):
    made = create_jobs(new_jobs(cast, **{field: link.url}), by=cast.dana)
    assert len(made) == LATE + 1
    assert not holders(link.token)


@pytest.mark.parametrize("field", ["asset_id", "contact_name", "address"])
def test_links_of_other_sites_as_well(cast, field):
    job = create_jobs(new_jobs(cast, **{field: FOREIGN}), by=cast.dana)[-1]
    job.refresh_from_db()
    assert getattr(job, field) == FOREIGN


def test_in_the_name_of_a_worker_or_of_a_customer(cast):
    worker, customer = make_worker(f"Theo {FOREIGN}"), make_customer(f"Dove {FOREIGN}")
    made = create_jobs(new_jobs(cast, worker=worker, planned_start=timezone.now(), customer=customer), by=cast.dana)
    assert Job.objects.get(pk=made[-1].pk).worker == worker


@pytest.mark.parametrize("column", ["Address", "Notes", "Customer"])
def test_ines_imports_them(cast, link, column):
    rows = [{"Service": "Skip exchange", "Customer": "Acme Builders", "Address": "", "Notes": ""} for _n in range(LATE)]
    rows.append(rows[0] | {column: f"at {FOREIGN if column == 'Customer' else link.url}"})
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    run = upload_file(ContentFile("\n".join(lines).encode(), name="jobs.csv"), by=cast.ines)
    run = check_run(set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines), by=cast.ines)
    work_on_run(commit_run(run, by=cast.ines).pk)
    run = ImportRun.objects.get()
    assert run.state == RunState.FINISHED, run.report
    assert Job.objects.count() == LATE + 2
    assert not holders(link.token)


def test_rows_that_fail_keep_no_link(cast, link):
    text = (
        "Service,Customer,Notes,Start\n"
        "Skip exchange,Acme Builders,ok,2026-12-03 08:00\n"
        f"Skip exchange,Acme Builders,x,see {link.url}\n"
    )
    run = upload_file(ContentFile(text.encode(), name="jobs.csv"), by=cast.ines)
    run = check_run(set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines), by=cast.ines)
    assert not holders(link.token)
    work_on_run(commit_run(run, by=cast.ines).pk)
    assert not holders(link.token)
