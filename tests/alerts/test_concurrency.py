"""Many at once, on PostgreSQL: SQLite lets one writer in at a time, so there is nothing to race there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, connections, transaction

from accounts.models import Label
from alerts.channels import CHANNELS
from alerts.channels.base import Sent
from alerts.choices import Channel, DeliveryState
from alerts.models import Delivery
from alerts.services import announce, deliver, stop_messages, sweep
from audit.removal import delete_many
from jobs.models import JobEvent
from jobs.services import NewJob, create_jobs
from tests.alerts.makers import make_alert

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="races need more than one writer: PostgreSQL only"),
]
CROWD = 8


def all_at_once(action, crowd=CROWD):
    """Runs ``action()`` in that many threads, started together; their results, or what they raised."""
    barrier = Barrier(crowd)

    def run(_number):
        try:
            barrier.wait()
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(crowd) as pool:
        return list(pool.map(run, range(crowd)))


@pytest.fixture
def carried(monkeypatch):
    """The keys of the messages that went out, in order."""
    keys = []

    class Carrier:
        def send(self, message):
            keys.append(message.key)
            return Sent()

    monkeypatch.setitem(CHANNELS, Channel.EMAIL, Carrier())
    return keys


@pytest.fixture
def events(cast):
    make_alert()
    make_alert(emails="boss@harbour.example")
    create_jobs([NewJob(cast.acme, cast.exchange)] * 10, by=cast.dana)
    return list(JobEvent.objects.values_list("pk", flat=True))


def test_many_announcers_make_each_message_once(events):
    results = all_at_once(lambda: announce(events))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert Delivery.objects.count() == 30
    assert sum(len(one) for one in results) == 30


def test_an_announcer_does_not_wait_for_another_one(events):
    with transaction.atomic():
        list(JobEvent.objects.select_for_update().filter(pk__in=events[:5]))
        (left,) = all_at_once(lambda: announce(events), crowd=1)
        assert len(left) == 15, "the five that are held are left to whoever holds them"
    sweep()
    assert Delivery.objects.count() == 30


def test_an_announcer_that_dies_leaves_the_events_as_they_were(events, monkeypatch):
    def die(deliveries):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alerts.services.announcing._leave_out_the_stopped", die)
        with pytest.raises(KeyboardInterrupt):
            announce(events)
    assert JobEvent.objects.unannounced().count() == 10 and not Delivery.objects.exists()
    sweep()
    assert Delivery.objects.count() == 30


def test_many_senders_send_each_message_once(events, carried):
    ids = announce(events)
    all_at_once(lambda: deliver(ids))
    assert len(carried) == len(set(carried)) == 30
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


def test_many_sweeps_at_once_do_everything_once(events, carried):
    results = all_at_once(sweep)
    assert results == [None] * CROWD
    sweep()
    assert len(carried) == len(set(carried)) == 30


def test_asking_to_stop_many_times_at_once_is_one_stop(cast):
    stops = all_at_once(lambda: stop_messages("site@acme.example", job=None))
    assert len({stop.pk for stop in stops}) == 1


@pytest.mark.parametrize(
    "remove",
    [lambda key: Label.objects.get(pk=key).delete(), lambda key: delete_many(Label, [key])],
    ids=("one", "set"),
)
def test_two_who_delete_its_last_labels_at_once_switch_an_alert_off(cast, remove):
    labels = [Label.objects.create(name=name) for name in ("VIP", "Gold")]
    alert = make_alert(labels=labels)
    waiting, both = [label.pk for label in labels], Barrier(2)

    def delete():
        key = waiting.pop()
        try:
            with transaction.atomic():
                remove(key)
                # Neither has ended when the other looks at what is left; one may be waiting for the other instead.
                both.wait(timeout=2)
        except BrokenBarrierError:
            remove(key)

    results = all_at_once(delete, crowd=2)
    assert not [one for one in results if isinstance(one, Exception)], results
    alert.refresh_from_db()
    assert not alert.labels.exists() and not alert.is_active
