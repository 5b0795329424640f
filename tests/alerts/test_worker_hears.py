from __future__ import annotations

from alerts import tasks
from alerts.choices import Channel
from alerts.models import Delivery
from background.waking import BATCH, wake_for_each
from jobs.services import NewJob, create_job
from tests.alerts.makers import make_alert

ANNOUNCE = "alerts.tasks.announce_events"


def test_the_task_is_called_after_the_commit_with_the_events(cast, committed, monkeypatch):
    called = []
    monkeypatch.setattr("background.waking.current_app.send_task", lambda name, args, **_: called.append((name, args)))
    with committed():
        job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
        assert not called
    assert called == [(ANNOUNCE, [[event.pk for event in job.events.all()], "jobs.jobevent"])]


def test_a_change_that_is_rolled_back_tells_nobody(cast, committed, monkeypatch):
    from django.db import transaction

    called = []
    monkeypatch.setattr("background.waking.current_app.send_task", lambda *args, **_: called.append(args))
    with committed(), transaction.atomic():
        create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
        transaction.set_rollback(True)
    assert not called


def test_without_a_broker_the_job_is_made_and_the_sweep_tells_people(cast, committed, monkeypatch, mailoutbox):
    def broken(*args, **kwargs):
        raise ConnectionRefusedError("no broker")

    make_alert()
    monkeypatch.setattr("background.waking.current_app.send_task", broken)
    with committed():
        job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    assert job.pk and not Delivery.objects.exists()
    tasks.sweep()
    tasks.sweep()
    assert [mail.to for mail in mailoutbox] == [["site@acme.example"]]


def test_many_events_are_handed_over_some_at_a_time(monkeypatch):
    sizes = []
    monkeypatch.setattr("background.waking.current_app.send_task", lambda name, args, **_: sizes.append(len(args[0])))
    wake_for_each(ANNOUNCE, list(range(2 * BATCH + 1)))
    assert sizes == [BATCH, BATCH, 1]


def test_the_tasks_do_what_the_sweep_would(cast, mailoutbox, monkeypatch):
    make_alert()
    sent = []
    monkeypatch.setattr("background.waking.current_app.send_task", lambda name, args, **_: sent.append((name, args)))
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana)
    tasks.announce_events([event.pk for event in job.events.all()], "jobs.jobevent")
    assert sent == [("alerts.tasks.send_messages", [Channel.EMAIL])]
    tasks.send_messages(Channel.EMAIL)
    assert len(mailoutbox) == 1
