from __future__ import annotations

import email
import email.policy

import pytest

from alerts.choices import DeliveryState
from alerts.models import Delivery
from alerts.services import install_default_alerts
from config.celery import app
from jobs.models import JobEvent
from tests.factories import make_job
from tests.worker.conftest import wait_until


def _sent() -> list[str]:
    return sorted(Delivery.objects.filter(state=DeliveryState.SENT).values_list("recipient", flat=True))


def plain_words(mail: str) -> str:
    """The plain text of a mail in a file, whatever its encoding."""
    letter = email.message_from_string(mail.partition("\n" + "-" * 79)[0], policy=email.policy.default)
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def told(cast):
    install_default_alerts(by=cast.olivia)
    return cast


def test_a_worker_on_redis_tells_the_site_contact(told, redis_broker, publish_to, start_worker):
    publish_to(redis_broker)
    worker = start_worker(redis_broker)
    job = make_job(told.acme, told.exchange, by=told.dana)
    wait_until(lambda: _sent() == ["site@acme.example"], "the message goes out")
    (mail,) = worker.mails
    assert job.portal_links.get().url in plain_words(mail)


def test_a_worker_with_other_keys_sends_no_mail_without_its_link(told, redis_broker, publish_to, start_worker):
    publish_to(redis_broker)
    stranger = start_worker(redis_broker, SECRET_KEY="other" * 12)
    make_job(told.acme, told.exchange, by=told.dana)
    wait_until(lambda: Delivery.objects.exclude(why="").exists(), "the worker tries")
    delivery = Delivery.objects.get(recipient="site@acme.example")
    assert (delivery.state, stranger.mails) == (DeliveryState.QUEUED, [])
    assert "SECRET_KEY" in delivery.why


def test_what_waits_in_redis_is_done_by_the_next_worker(told, redis_broker, publish_to, start_worker):
    publish_to(redis_broker)
    start_worker(redis_broker).kill()
    make_job(told.acme, told.exchange, by=told.dana)
    make_job(told.cedar, told.exchange, by=told.dana)
    start_worker(redis_broker)
    wait_until(lambda: _sent() == ["office@cedar.example", "site@acme.example"], "both messages go out")


@pytest.mark.parametrize("kind", ["redis_broker", "folder_broker"])
def test_losing_all_the_broker_holds_loses_no_message_and_sends_none_twice(
    told, kind, request, publish_to, start_worker
):
    broker = request.getfixturevalue(kind)
    publish_to(broker)
    for _ in range(3):
        make_job(told.acme, told.exchange, by=told.dana)
    broker.lose_everything()
    assert JobEvent.objects.unannounced().count() == 3
    worker = start_worker(broker)
    # What the worker's clock does every 20 seconds, twice.
    app.send_task("alerts.tasks.sweep")
    app.send_task("alerts.tasks.sweep")
    wait_until(lambda: len(_sent()) == 3, "the messages go out all the same")
    make_job(told.cedar, told.exchange, by=told.dana)
    wait_until(lambda: len(_sent()) == 4, "and the next one too")
    assert len(worker.mails) == 4
