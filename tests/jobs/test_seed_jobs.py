from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs.choices import EventKind
from jobs.models import Job, PortalLink
from jobs.services import complete_job
from jobs.services.recording import search_text_of
from tests.factories import make_job


def seed(*arguments):
    out = StringIO()
    call_command("seed_jobs", *arguments, stdout=out)
    return out.getvalue()


def test_jobs_made_by_hand_go_on_where_they_end(cast):
    assert "Made 30 jobs" in seed("30")
    assert make_job(cast.acme, cast.exchange).number == "J-000031"


def test_they_are_jobs_like_others(cast):
    seed("40")
    for job in Job.objects.select_related("customer", "location", "blueprint"):
        job.full_clean()
        assert job.search_text == search_text_of(job)
        assert job.location.customer_id == job.customer_id
        assert not job.started_at or len(job.steps()) == len(job.steps_done) or job.status == "started"
    assert complete_job(Job.objects.filter(status="scheduled").first(), by=cast.dana).status == "completed"


def test_with_history_each_has_its_row_its_event_and_its_link(cast):
    seed("25", "--with-history")
    assert Job.history.count() == PortalLink.objects.count() == 25
    for job in Job.objects.all():
        row, event, link = job.history.get(), job.events.get(), job.portal_links.get()
        assert (row.label, row.customer_ref, row.values) == (job.number, job.customer_id, job.values)
        assert (event.kind, event.data) == (EventKind.CREATED, {"source": "system"})
        assert event.announced_at, "nobody is told"
        assert link.url and row.notes == job.notes == "Portal access: {portal_link}"


def test_an_empty_database_will_do(db):
    seed("5")
    assert Job.objects.count() == 5


def test_no_jobs_are_no_request(db):
    with pytest.raises(CommandError):
        call_command("seed_jobs", "0")
