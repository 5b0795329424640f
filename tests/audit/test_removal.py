"""Deleting in sets leaves what an ordinary deletion leaves."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Label
from alerts.models import Delivery, JobAlert
from audit import removal
from audit.act import Source, acting
from audit.changelog import history_of
from audit.removal import delete_many
from jobs.models import Job, JobEvent, PortalLink
from templates_app.models import TemplateVersion
from tests.factories import make_job

TRACKED = (Job, JobAlert)
NASTY = 'Gate "1"\n\\N, 漢字'


@pytest.fixture
def two(cast):
    """Two jobs with all that hangs on them: one to be deleted in a set, one as usual."""
    jobs = [make_job(cast.acme, cast.exchange, by=cast.dana) for _ in range(2)]
    for job in jobs:
        JobAlert.objects.create(job=job, channel="email", address="pat@acme.example")
        Delivery.objects.create(job=job, event_id=job.events.get().pk, kind="job.created", recipient="pat@acme.example")
    return jobs


# What differs between two records in any case.
OWN = {"id", "history_id", "history_date", "job_id", "number", "label", "made_at", "created_at"}


def last_rows():
    """The row of history each record left when it went, by model."""
    rows = [history_of(model).filter(history_type="-").order_by("-history_id").values()[0] for model in TRACKED]
    return [{name: value for name, value in row.items() if name not in OWN} for row in rows]


def test_history_says_the_same_field_by_field(two, cast):
    Job.objects.update(notes=NASTY)
    with acting(by=cast.ines, source=Source.IMPORT, reason="because of tabs\t"):
        Job.objects.get(pk=two[0].pk).delete()
        alone = last_rows()
        delete_many(Job, [two[1].pk])
    assert last_rows() == alone
    assert [history_of(model).filter(history_type="-").count() for model in TRACKED] == [2, 2]
    assert (alone[0]["actor"], alone[0]["notes"], alone[0]["customer_ref"]) == ("Ines", NASTY, cast.acme.pk)


def test_it_goes_by_its_last_name(two):
    number = two[1].number
    delete_many(Job, [two[1].pk])
    assert history_of(Job).filter(history_type="-").get().label == number


def test_what_is_part_of_it_goes_without_a_word_of_its_own(two):
    Job.objects.get(pk=two[0].pk).delete()
    delete_many(Job, [two[1].pk])
    assert not PortalLink.objects.exists() and not history_of(PortalLink).exists()


def test_alone_it_leaves_a_last_row(two):
    two[0].portal_links.get().delete()
    assert two[0].number in history_of(PortalLink).get(history_type="-").label


def test_what_hangs_on_it_goes_along_and_the_ledger_stays(two):
    events = set(JobEvent.objects.values_list("pk", flat=True))
    delete_many(Job, [job.pk for job in two])
    assert not Job.objects.exists() and not JobEvent.objects.exists() and not PortalLink.objects.exists()
    assert [one.job_id for one in Delivery.objects.all()] == [None] * 2
    assert {one.event_id for one in Delivery.objects.all()} == events


def test_others_stay(two):
    delete_many(Job, [two[0].pk])
    assert Job.objects.get() == two[1] and PortalLink.objects.get().job == two[1]
    assert Delivery.objects.get(job=two[1]).event_id == two[1].events.get().pk


def test_what_is_protected_stays_with_everything_else(two):
    version = two[0].blueprint
    with pytest.raises(ProtectedError):
        delete_many(TemplateVersion, [version.pk])
    assert TemplateVersion.objects.filter(pk=version.pk).exists()


def test_a_record_with_lists_leaves_what_it_leaves_alone(cast):
    label = Label.objects.create(name="VIP")
    customers = [Customer.objects.create(name=name) for name in ("Alone", "In a set")]
    for customer in customers:
        customer.labels.add(label)
    customers[0].delete()
    delete_many(Customer, [customers[1].pk])
    for name in ("Alone", "In a set"):
        last, before = history_of(Customer).filter(label=name).order_by("-history_id")[:2]
        assert (last.history_type, last.labels.count(), before.labels.count()) == ("-", 0, 1)
    assert not Customer.objects.filter(name__in=("Alone", "In a set")).exists()


def test_its_queries_do_not_grow_with_the_number_of_records(cast):
    def queries(count):
        keys = [make_job(cast.acme, cast.exchange).pk for _ in range(count)]
        with CaptureQueriesContext(connection) as caught:
            delete_many(Job, keys)
        return len(caught)

    assert queries(2) == queries(40)


def test_more_may_hang_on_records_than_go_in_one_statement(two, monkeypatch):
    monkeypatch.setattr("audit.removal.MANY", 1)
    sizes, delete = [], removal._delete
    monkeypatch.setattr(
        removal, "_delete", lambda model, keys, why: sizes.append(len(keys)) or delete(model, keys, why)
    )
    delete_many(Job, [job.pk for job in two])
    assert set(sizes) == {1} and not Job.objects.exists() and not JobEvent.objects.exists()
