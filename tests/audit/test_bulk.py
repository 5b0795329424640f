"""What goes in through the fast road is what an ordinary save would have written."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, Customer
from audit.act import Road, acting
from audit.bulk import Sheet, insert, reserve_keys
from jobs.models import Job, JobEvent

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
    with acting(by=cast.ines, road=Road.IMPORT, reason="because\tof tabs"), transaction.atomic():
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
    facts_of_all = {"at": timezone.now(), "by_id": cast.ines.pk, "actor": NASTY, "road": "import", "announced_at": None}
    sheet = Sheet(JobEvent, request_id=UUID(int=7), **facts_of_all)
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
        Sheet(JobEvent).add(kind=["job.created"])
