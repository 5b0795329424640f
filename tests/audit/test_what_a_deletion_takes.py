"""What a deletion takes from other records stands in their history, and comes back with the record."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Label, Location
from alerts.models import Alert
from audit.act import acting
from audit.removal import delete_many
from jobs.models import Job
from tests.factories import make_customer, make_job, make_location


def alone(model, record):
    record.delete()


def in_a_set(model, record):
    delete_many(model, [record.pk])


ways = pytest.mark.parametrize("delete", [alone, in_a_set])


@pytest.fixture
def vip(cast):
    label = Label.objects.create(name="VIP")
    other = Label.objects.create(name="North")
    cast.acme.labels.add(label, other)
    cast.exchange.labels.add(label)
    return label


def lists_of(record, name):
    """What its newest row of history has on that list, by key."""
    row = record.history.first()
    return {getattr(pair, f"{name}_id") for pair in getattr(row, f"{name}s").all()}


@ways
def test_acme_history_says_who_took_the_label(cast, vip, delete):
    with acting(by=cast.dana):
        delete(Label, vip)
    for record in (cast.acme, cast.exchange):
        row = record.history.first()
        assert (row.actor, row.history_type, row.label) == ("Dana", "~", str(record))
    assert lists_of(cast.acme, "label") == {Label.objects.get(name="North").pk}
    assert lists_of(cast.exchange, "label") == set()


@ways
def test_a_job_history_says_who_took_its_location(cast, delete):
    yard = make_location(cast.acme)
    job = make_job(cast.acme, cast.exchange, location=yard)
    other = make_job(cast.acme, cast.exchange)
    with acting(by=cast.dana):
        delete(Location, yard)
    row = job.history.first()
    assert (row.actor, row.location_id, row.history_type) == ("Dana", None, "~")
    assert other.history.count() == 1


@ways
def test_an_alert_says_that_its_customer_went(cast, delete):
    alert = Alert.objects.create(name="Cedar only", event="job.created")
    lone = make_customer("Lone")
    alert.customers.add(lone)
    with acting(by=cast.dana):
        delete(Customer, lone)
    assert alert.history.first().actor == "Dana" and alert.history.first().customers.count() == 0


@ways
def test_what_goes_along_leaves_no_row_after_its_last(cast, delete):
    lone = make_customer("Lone", contact_email="lone@example.com")
    key = lone.pk
    delete(Customer, lone)
    assert Customer.history.filter(id=key).first().history_type == "-"


def test_its_queries_do_not_grow_with_the_number_of_customers(cast):
    def queries(count):
        label = Label.objects.create(name=f"On {count}")
        for _ in range(count):
            make_customer().labels.add(label)
        with CaptureQueriesContext(connection) as caught:
            label.delete()
        return len(caught)

    assert queries(2) == queries(40)


def test_who_merely_shares_the_customer_is_left_alone(cast, vip):
    rows = cast.birch.history.count(), Job.history.count()
    vip.delete()
    assert (cast.birch.history.count(), Job.history.count()) == rows
