"""A job is removed while a message about it is being written: the ledger keeps the message, and points at nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import pytest
from django.db import connection, connections, transaction

from alerts.models import Delivery
from alerts.services import announcing
from alerts.services.asked_again import why_over
from jobs.models import Job, JobEvent
from jobs.services import delete_job, delete_jobs, lock_jobs
from tests.alerts.makers import make_alert
from tests.factories import make_job

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"),
]


def remove_in_a_set(job, by):
    with transaction.atomic():
        delete_jobs(lock_jobs({job.pk}), by=by)


def remove_alone(job, by):
    delete_job(job, by=by)


@pytest.mark.parametrize("remove", [remove_in_a_set, remove_alone])
def test_the_message_stays_and_points_at_nothing_that_is_gone(cast, monkeypatch, remove):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    keys = list(job.events.values_list("pk", flat=True))
    assert not Delivery.objects.exists()
    writing, go_on, write = Event(), Event(), announcing._deliveries_for

    def take_your_time(*args):
        writing.set()
        assert go_on.wait(20)
        return write(*args)

    monkeypatch.setattr(announcing, "_deliveries_for", take_your_time)

    def tell():
        try:
            return announcing.announce(keys)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(tell)
        assert writing.wait(20)
        Timer(0.3, go_on.set).start()
        remove(job, cast.dana)
        assert told.result()
    assert not Job.objects.exists()
    assert [(one.about, one.job_id) for one in Delivery.objects.all()] == [(job.number, None)]
    # The number of an event is nobody's key (decision 0092): whoever looks for it finds nothing, and says so.
    assert why_over(Delivery.objects.get()) == "What it was about no longer exists."
    assert not JobEvent.objects.filter(pk__in=keys).exists()
