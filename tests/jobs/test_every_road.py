"""A job differs in nothing but its source, whatever road it came by (issue: "must hold")."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from audit.act import Road
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.choices import EventKind
from jobs.models import Job
from jobs.services import create_series, make_token
from tests.factories import make_job, make_location


@pytest.fixture
def stage(cast):
    """A job made before, so that numbers go on; a location."""
    make_job(cast.birch, cast.exchange)
    return make_location(cast.acme)


def by_hand(cast, place, sign_in):
    url = reverse("admin:jobs_job_add") + "?template=skip-exchange"
    answers = {
        "customer": cast.acme.pk,
        "duration_minutes": "60",
        "amount": "120.00",
        "contact_name": "",
        "contact_email": "site@acme.example",
        "contact_phone": "",
        "notes": "Blue gate",
    }
    answer = sign_in(cast.dana).post(url, answers)
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def by_api(cast, place, sign_in):
    _token, plain = make_token(name="Test", by=None, user=cast.dana, scopes=("jobs.write",))
    body = {"template": "skip-exchange", "customer": {"name": "Acme Builders"}, "notes": "Blue gate"}
    headers = {"Authorization": f"Bearer {plain}"}
    answer = sign_in().post("/api/v1/jobs", body, content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content


def by_series(cast, place, sign_in):
    facts = {"name": "Daily", "customer": cast.acme, "template": cast.exchange, "starts_on": timezone.localdate()}
    facts |= {"rules": [{"kind": "day", "every": 1}], "create_days_ahead": 0, "notes": "Blue gate"}
    create_series(facts, by=cast.dana)


def by_import(cast, place, sign_in):
    text = "Service,Customer,Notes\nSkip exchange,Acme Builders,Blue gate\n"
    run = upload_file(ContentFile(text.encode(), name="jobs.csv"), by=cast.ines)
    run = check_run(set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines), by=cast.ines)
    run = commit_run(run, by=cast.ines)
    work_on_run(run.pk)


def by_portal(cast, place, sign_in):
    form = {"account": cast.acme.pk, "place": place.pk, "once": "one", "notes": "Blue gate"}
    answer = sign_in(cast.cora).post("/jobs/new/skip-exchange/", form)
    assert answer.status_code == 302, answer.context["form"].errors


ROADS = {
    Road.CONSOLE: (by_hand, "Dana"),
    Road.API: (by_api, "Dana"),
    Road.SERIES: (by_series, "Series “Daily”"),
    Road.IMPORT: (by_import, "Ines"),
    Road.PORTAL: (by_portal, "Cora"),
}


@pytest.mark.parametrize("road", ROADS)
def test_a_job_is_a_job(cast, stage, sign_in, road):
    make, actor = ROADS[road]
    make(cast, stage, sign_in)
    job = Job.objects.select_related("blueprint").latest("id")

    assert job.number == "J-000002", "numbered in one row with all others"
    assert job.source == road
    assert (job.customer, job.template, job.contact_email) == (cast.acme, cast.exchange, "site@acme.example")
    assert (job.duration_minutes, str(job.amount), job.currency) == (60, "120.00", "EUR")
    assert len(job.steps()) == 3
    assert job.steps_done == {}

    row = job.history.get()
    assert (row.history_type, row.road, row.label, row.customer_ref) == ("+", road, job.number, cast.acme.pk)
    assert row.actor == actor

    created = job.events.first()
    assert (created.kind, created.road, created.actor) == (EventKind.CREATED, road, actor)
    assert created.request_id == row.request_id
    kinds = {event.kind for event in job.events.all()}
    assert kinds <= {EventKind.CREATED, EventKind.SCHEDULED}
    assert (EventKind.SCHEDULED in kinds) == (job.planned_start is not None)

    link = job.portal_links.get()
    assert link.url in job.notes
    assert link.made_road == road
    assert not link.why_dead
    assert job.number.lower() in job.search_text
    assert "acme builders" in job.search_text
    assert isinstance(job.created_at, datetime)
