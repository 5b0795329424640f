"""What goes in through the fast path is what an ordinary save would have written."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, Customer
from audit import bulk
from audit.act import Source, acting
from audit.bulk import BulkRows, insert, reserve_keys
from jobs.models import Job, JobEvent
from tests.factories import make_job

NASTY = 'Tab\there, line\nthere, back\\slash, "quotes", \\N, ümläut, 漢字, \\. end\r'


def job(cast, number):
    return Job(
        number=number,
        external_id=f"X-{number}",
        customer=cast.acme,
        template=cast.exchange,
        notes=NASTY,
        address="",
        amount=Decimal("12.50"),
        latitude=Decimal("53.543764"),
        planned_start=timezone.now(),
        values={"size": "large", "note": NASTY, "n": None},
        created_by=cast.ines,
    )


def facts(model, **where):
    row = model.objects.filter(**where).values().get()
    return {
        name: value
        for name, value in row.items()
        if name
        not in ("id", "history_id", "history_date", "created_at", "number", "external_id", "label", "planned_start")
    }


@pytest.fixture
def written(cast):
    with acting(by=cast.ines, source=Source.IMPORT, reason="because\tof tabs"), transaction.atomic():
        job(cast, "SLOW").save()
        insert(Job, [job(cast, "FAST"), job(cast, "FAST2")])
    return cast


def test_the_record_is_the_same_field_by_field(written):
    assert facts(Job, number="FAST") == facts(Job, number="SLOW")
    assert Job.objects.get(number="FAST").notes == NASTY


def test_its_history_is_the_same_field_by_field(written):
    fast, slow = (facts(Job.history.model, number=number) for number in ("FAST", "SLOW"))
    assert fast == slow and fast["actor"] == "Ines" and fast["history_change_reason"] == "because\tof tabs"
    assert Job.history.get(number="FAST").label == "FAST"


def test_it_knows_its_key_and_that_it_is_saved(cast):
    customers = [Customer(name="One"), Customer(name="Two")]
    insert(Customer, customers)
    assert [Customer.objects.get(pk=customer.pk).name for customer in customers] == ["One", "Two"]
    assert not customers[0]._state.adding
    assert Customer.objects.create(name="Three").pk > customers[1].pk


def test_nobody_else_gets_a_reserved_key(cast):
    with transaction.atomic():
        [key] = reserve_keys(Customer, 1)
        customer = Customer(pk=key, name="Mine")
        insert(Customer, [customer])
    assert Customer.objects.create(name="Other").pk > key


def test_what_the_database_refuses_is_djangos_own_error(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Job, [job(cast, "A"), job(cast, "A")])
    assert not Job.objects.exists()


def test_its_queries_do_not_grow_with_the_number_of_records(cast):
    def queries(count):
        with CaptureQueriesContext(connection) as caught:
            insert(Contact, [Contact(customer=cast.acme, name="Zoe") for _ in range(count)])
        return len(caught)

    assert queries(2) == queries(200)


def test_no_records_are_no_queries(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert(Customer, [])


def test_values_that_are_equal_but_not_the_same_stay_apart(cast):
    said = [{"n": 1}, {"n": True}, {"n": 1.0}, {}]
    records = [job(cast, f"E-{n}") for n in range(len(said))]
    for record, values in zip(records, said, strict=True):
        record.values, record.notes = values, "100 %s, 50 %"
        record.worker_id, record.latitude = None, None
    insert(Job, records)
    kept = [repr(one.values) for one in Job.objects.order_by("id")]
    assert kept == [repr(values) for values in said]
    assert {one.notes for one in Job.objects.all()} == {"100 %s, 50 %"}


def test_columns_are_written_as_records_would_be(cast):
    one = job(cast, "C-1")
    one.save()
    facts_of_all = {
        "at": timezone.now(),
        "by_id": cast.ines.pk,
        "actor": NASTY,
        "source": "import",
        "announced_at": None,
    }
    sheet = BulkRows(JobEvent, request_id=UUID(int=7), **facts_of_all)
    sheet.add(job_id=[one.pk], kind=["job.created"], data=[{"note": NASTY}])
    sheet.add(job_id=[], kind=[], data=[])
    sheet.add(job_id=[one.pk], kind=["job.changed"], data=[{}])
    assert not JobEvent.objects.exists()
    sheet.write()
    sheet.write()
    first, second = JobEvent.objects.order_by("id")
    assert (first.data, first.actor, first.request_id) == ({"note": NASTY}, NASTY, UUID(int=7))
    assert (second.kind, second.data, second.by) == ("job.changed", {}, cast.ines)


def test_a_column_too_few_is_refused(cast):
    with pytest.raises(ValueError, match="not the columns"):
        BulkRows(JobEvent).add(kind=["job.created"])


def linked(job):
    """What somebody pastes: the address of that job's portal link."""
    return f"see {settings.SITE_URL}/l/{job.portal_links.get().token}/"


def test_links_in_notes_are_looked_up_whatever_stands_before_and_behind_them(cast, monkeypatch):
    """On PostgreSQL nothing can be asked while rows are taken in: a batch that asks is made before it is sent."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    other = make_job(cast.acme, cast.exchange)
    records = [job(cast, f"N{number}") for number in range(9)]
    for number in (3, 4, 8):
        records[number].notes = linked(other)
    keys = reserve_keys(Job, len(records))
    for key, record in zip(keys, records, strict=True):
        record.pk = key
    insert(Job, iter(records))
    notes = dict(Job.objects.filter(pk__in=keys).values_list("number", "notes"))
    told = f"see (portal link of {other.number})"
    assert [notes[f"N{number}"] == told for number in range(9)] == [number in (3, 4, 8) for number in range(9)]
    assert set(Job.history.filter(number__in=["N3", "N4", "N8"]).values_list("notes", flat=True)) == {told}


def test_one_line_columns_are_folded_and_keep_no_link(cast):
    other = make_job(cast.acme, cast.exchange)
    first, second = job(cast, "ONE"), job(cast, "TWO")
    first.contact_name, first.address, second.address = "Zoe\nat the gate", "2 Mill Lane\r\nHamburg", linked(other)
    insert(Job, [first, second])
    assert list(Job.objects.filter(number="ONE").values_list("contact_name", "address")) == [
        ("Zoe at the gate", "2 Mill Lane Hamburg")
    ]
    token = other.portal_links.get().token
    assert token not in Job.objects.get(number="TWO").address + Job.history.get(number="TWO").address


def test_a_sheet_keeps_no_link_either(cast):
    other = make_job(cast.acme, cast.exchange)
    shared = {"at": timezone.now(), "by_id": None, "actor": "Zoe", "source": Source.API, "announced_at": timezone.now()}
    events = BulkRows(JobEvent, request_id=UUID(int=7), kind="job.cancelled", **shared)
    events.add(job_id=[other.pk, other.pk], data=[{"reason": linked(other)}, {"reason": "rain"}])
    events.write()
    said = list(other.events.filter(kind="job.cancelled").order_by("pk").values_list("data", flat=True))
    assert other.portal_links.get().token not in said[0]["reason"] and said[1] == {"reason": "rain"}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL takes rows in while they are made")
def test_a_question_in_between_is_a_fault_and_no_endless_wait(cast, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 1)

    def asking():
        for key in reserve_keys(Job, 3):
            record = job(cast, "ASK")
            record.pk = key
            yield record
            Customer.objects.count()

    with pytest.raises(RuntimeError, match="takes rows in and cannot answer"), transaction.atomic():
        insert(Job, asking())
