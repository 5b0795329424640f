"""No task relies on the order in which a broker hands its messages out, nor on each coming once, nor on its record.

kombu's filesystem broker orders by a number in text: when the machine's uptime gains a digit, what came later is handed
out first. Redis gives one twice.
"""

from __future__ import annotations

import itertools
from inspect import signature

import pytest
from celery import Task, current_app
from django.core import mail
from django.utils import timezone

from alerts import tasks
from alerts.choices import Channel, DeliveryState
from alerts.models import Delivery
from jobs.choices import EventKind
from jobs.services import complete_job, schedule_job, start_job
from tests.alerts.makers import make_alert
from tests.factories import make_job, make_worker

NOBODY = 987_654_321
# Every task of ours that is handed something, with what comes too early, too late, or for a record that is gone.
STRAY: dict[str, tuple[object, ...]] = {
    "accounts.tasks.tell_sign_in_is_paused": ("nobody@nowhere.example",),
    "alerts.tasks.announce_events": ([NOBODY], "jobs.jobevent"),
    "alerts.tasks.send_messages": (Channel.EMAIL,),
    "billing.tasks.keep_documents": ([NOBODY],),
    "console.tasks.write_export": (NOBODY,),
    "imports.tasks.work": (NOBODY,),
    "portal_site.tasks.send_password_reset": ("nobody@nowhere.example",),
}


@pytest.fixture(scope="module")
def our_tasks() -> dict[str, Task]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}


def test_each_task_that_is_handed_something_stands_in_the_table(our_tasks):
    assert {name for name, task in our_tasks.items() if signature(task.run).parameters} == set(STRAY)


@pytest.mark.parametrize("name", STRAY)
def test_a_message_for_nothing_that_is_there_does_nothing_and_does_not_fail(cast, our_tasks, name):
    assert our_tasks[name](*STRAY[name]) is None
    assert our_tasks[name](*STRAY[name]) is None
    assert not mail.outbox and not Delivery.objects.exists()


def test_every_sweep_may_come_at_any_time_and_twice(cast, our_tasks):
    for _time in range(2):
        for name, task in our_tasks.items():
            if name not in STRAY:
                assert task() is None, name
    assert not mail.outbox


@pytest.fixture
def queue(monkeypatch):
    """The messages of the broker, which the test hands out as it likes."""
    waiting: list[tuple[str, list[object]]] = []
    monkeypatch.setattr("background.waking.current_app.send_task", lambda name, args, **_: waiting.append((name, args)))
    return waiting


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_each_is_told_of_each_thing_once(cast, committed, queue, order):
    # Not "started": once it is completed, nobody is told of that any more (decision 0144).
    for kind in (EventKind.CREATED, EventKind.SCHEDULED, EventKind.COMPLETED):
        make_alert(kind, subject=kind, message="{job_number}", sms_text="")
    with committed():
        job = make_job(cast.acme, cast.exchange, by=cast.dana)
    with committed():
        job = start_job(schedule_job(job, by=cast.dana, start=timezone.now(), worker=make_worker()), by=cast.dana)
    with committed():
        complete_job(job, by=cast.dana)
    announcing = [message for message in queue if message[0] == "alerts.tasks.announce_events"]
    first, second, third = (announcing[place] for place in (0, len(announcing) // 2, len(announcing) - 1))
    rest = [message for message in announcing if message not in (first, second, third)]
    queue.clear()
    messages = [[first, second, third][place] for place in order]
    # Each twice, the rest of them in between, and a sweep before anybody came.
    for name, args in [*messages, *reversed(rest), *messages]:
        current_app.tasks[name](*args)
    for name, args in [*reversed(queue), *queue]:
        current_app.tasks[name](*args)
    tasks.sweep()
    assert sorted(letter.subject for letter in mail.outbox) == ["job.completed", "job.created", "job.scheduled"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
