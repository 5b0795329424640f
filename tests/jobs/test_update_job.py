from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from console.errors import Refused
from jobs.choices import EventKind
from jobs.models import Job
from jobs.services import NewJob, create_job, create_jobs, delete_job, update_job
from tests.factories import make_customer, make_job, make_location, make_template


@pytest.fixture
def job(cast):
    template = make_template(
        fields=(
            {"label": "Size", "kind": "pick", "choices": ["small", "large"], "portal_use": "optional"},
            {"label": "Gate code", "portal_use": "hidden"},
        )
    )
    return make_job(cast.acme, template, by=cast.dana, values={"size": "small", "gate_code": "4711"})


def test_it_is_found_by_its_new_words(cast, job):
    update_job(job, {"address": "Harbour Road 7", "asset_id": "BIN-9"}, by=cast.dana)
    assert Job.objects.matching("harbour bin-9").get() == job


def test_one_event_names_what_changed(cast, job):
    update_job(job, {"notes": "Ring twice", "asset_id": ""}, by=cast.dana)
    event = job.events.last()
    assert (event.kind, event.data["fields"], event.by) == (EventKind.CHANGED, ["notes"], cast.dana)


def test_nothing_new_leaves_no_trace(cast, job):
    events, rows = job.events.count(), job.history.count()
    update_job(job, {"notes": job.notes, "values": {"size": "SMALL"}}, by=cast.dana)
    assert (job.events.count(), job.history.count()) == (events, rows)


def test_a_portal_user_neither_changes_nor_wipes_what_is_hidden_from_her(cast, job):
    job = update_job(job, {"values": {"size": "large", "gate_code": ""}}, by=cast.cora.user, use="portal_use")
    assert job.values == {"size": "large", "gate_code": "4711"}


def test_the_office_can_clear_a_value(cast, job):
    assert update_job(job, {"values": {"gate_code": ""}}, by=cast.dana).values == {"size": "small"}


def test_state_and_time_are_not_changed_here(cast, job):
    with pytest.raises(KeyError):
        update_job(job, {"status": "completed"}, by=cast.dana)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact_email", "nobody"),
        ("address", "x" * 301),
        ("notes", "a\0b"),
        ("asset_id", "\ud800"),
        ("amount", "many"),
        ("duration_minutes", -5),
        ("values", {"colour": "red"}),
    ],
)
def test_what_its_column_does_not_take_is_refused_by_name(cast, job, field, value):
    with pytest.raises(ValidationError) as problem:
        update_job(job, {field: value}, by=cast.dana)
    assert field in problem.value.message_dict or field == "values"
    with pytest.raises(ValidationError):
        create_job(NewJob(cast.acme, job.template, **{field: value}), by=cast.dana)


def test_two_jobs_never_share_an_external_id(cast, job):
    update_job(job, {"external_id": "A-1"}, by=cast.dana)
    other = make_job(cast.acme, cast.exchange, by=cast.dana)
    with pytest.raises(ValidationError, match="A-1"):
        update_job(other, {"external_id": "A-1"}, by=cast.dana)
    with pytest.raises(ValidationError, match="A-1"):
        create_job(NewJob(cast.acme, cast.exchange, external_id="A-1"), by=cast.dana)
    with pytest.raises(ValidationError, match="B-1"):
        create_jobs([NewJob(cast.acme, cast.exchange, external_id="B-1")] * 2, by=cast.dana)
    # A cleared one is nothing, and nothing may repeat.
    for one in (job, other):
        assert update_job(one, {"external_id": ""}, by=cast.dana).external_id is None


def test_a_refused_creation_leaves_no_gap_in_the_numbers(cast, job):
    with pytest.raises(ValidationError):
        create_job(NewJob(cast.acme, cast.exchange, address="x" * 301), by=cast.dana)
    after = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert int(after.number[2:]) == int(job.number[2:]) + 1


def test_the_location_is_one_of_the_customers_own(cast, job):
    elsewhere = make_location(cast.cedar)
    with pytest.raises(Refused, match="another customer"):
        update_job(job, {"location": elsewhere}, by=cast.dana)
    with pytest.raises(Refused, match="another customer"):
        create_job(NewJob(cast.acme, cast.exchange, location=elsewhere), by=cast.dana)


def test_archived_customers_and_people_who_left_get_no_jobs(cast):
    gone = make_customer("Gone Ltd", archived_at="2026-01-01T00:00:00Z")
    with pytest.raises(Refused, match="Gone Ltd"):
        create_job(NewJob(gone, cast.exchange), by=cast.dana)
    cast.theo.is_active = False
    with pytest.raises(Refused, match="Theo"):
        create_job(NewJob(cast.acme, cast.exchange, worker=cast.theo), by=cast.dana)


def test_deleting_it_leaves_its_history(cast, job):
    key = job.pk
    delete_job(job, by=cast.olivia, reason="entered twice")
    last = Job.history.filter(id=key).latest()
    assert (last.history_type, last.actor, last.history_change_reason) == ("-", "Olivia", "entered twice")
