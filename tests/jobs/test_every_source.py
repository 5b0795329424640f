"""A job differs in nothing but its source, whatever source it came from (issue: "must hold")."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.services import make_token
from audit.act import Source
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.choices import EventKind
from jobs.models import Job
from jobs.services import create_series
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
        "contact_email": "",
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


SOURCES = {
    Source.CONSOLE: (by_hand, "Dana"),
    Source.API: (by_api, "Dana"),
    Source.SERIES: (by_series, "Series “Daily”"),
    Source.IMPORT: (by_import, "Ines"),
    Source.PORTAL: (by_portal, "Cora"),
}


# What tells one job from another, and what the sources cannot all say: a series gives its jobs their start, the portal
# asks for a place. The source, and who it was, are what a source is about.
OWN = {"id", "number", "source", "created_by", "created_at", "notes", "search_text"}
MAY_DIFFER = {
    Source.SERIES: {"planned_start", "status"},
    Source.PORTAL: {"location", "address", "latitude", "longitude"},
}


def snapshot(job):
    """All of a job that does not tell it from another: its fields, steps, history, events and link."""
    row, link = job.history.get(), job.portal_links.get()
    fields = {field.name for field in Job._meta.concrete_fields} - OWN
    created = job.events.first()
    return {
        **{name: getattr(job, name) for name in fields},
        "steps": job.steps(),
        "fields": job.fields(),
        "notes": job.notes,
        "words to find it by": set(job.search_text.split()) - set(f"{job.number} {job.address}".lower().split()),
        "row of history": (row.history_type, row.customer_ref),
        "first event": (created.kind, set(created.data), bool(created.request_id)),
        "link": (link.why_dead, round((link.expires_at - job.created_at) / timedelta(hours=1)), link.opened_count),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_a_job_is_a_job(cast, stage, sign_in, source):
    """Beside one that the service made for nobody in particular, it differs in its source and in who made it."""
    make, actor = SOURCES[source]
    make(cast, stage, sign_in)
    job = Job.objects.select_related("blueprint").latest("id")
    plain = make_job(cast.acme, cast.exchange, notes="Blue gate")
    plain = Job.objects.select_related("blueprint").get(pk=plain.pk)

    found, expected = snapshot(job), snapshot(plain)
    differ = {name for name in expected if found[name] != expected[name]}
    assert differ == differ & MAY_DIFFER.get(source, set()), {name: (found[name], expected[name]) for name in differ}

    assert (job.number, plain.number) == ("J-000002", "J-000003"), "numbered in one row with all others"
    assert (job.source, plain.source) == (source, Source.SYSTEM)
    row, created, link = job.history.get(), job.events.first(), job.portal_links.get()
    assert {row.history_source, created.source, link.made_source} == {source}
    assert {row.actor, created.actor} == {actor}
    assert row.label == job.number
    assert created.kind == EventKind.CREATED and created.data == {"source": source}
    assert created.request_id == row.request_id
    kinds = [event.kind for event in job.events.all()]
    assert kinds == [EventKind.CREATED] + ([EventKind.SCHEDULED] if job.planned_start else [])
    assert link.url and job.notes == "Blue gate\nPortal access: {portal_link}"
    assert job.contact_email == "site@acme.example"


def test_every_source_there_is_has_one():
    """Guests change jobs by their link and make none; the system makes none either."""
    assert set(SOURCES) == set(Source) - {Source.LINK, Source.SYSTEM}
