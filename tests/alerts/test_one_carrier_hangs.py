"""A server that lets a message wait holds back this message, and where it hangs altogether, its own channel."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from alerts import services
from alerts.channels.base import Fate, Message, Sent
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Delivery
from alerts.services import sending
from alerts.services.sending import AT_ONCE, send_due

pytestmark = pytest.mark.django_db(transaction=True)
TELEPHONE = "+4915112345678"


class Carrier:
    """Takes what it is given, and hangs on some addresses until ``let_go``."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.hangs_on: set[str] = set()
        self.let_go = Event()
        self.hanging = 0

    def send(self, message: Message) -> Fate:
        if message.to in self.hangs_on:
            self.hanging += 1
            self.let_go.wait(30)
        self.taken.append(message.to)
        return Sent()


@pytest.fixture
def carriers(monkeypatch) -> dict[str, Carrier]:
    made = {channel: Carrier() for channel in Channel}
    for channel, carrier in made.items():
        monkeypatch.setitem(services.delivering.CHANNELS, channel, carrier)
    return made


@pytest.fixture
def messenger() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def in_a_thread(channel: str) -> bool:
    try:
        return send_due(channel)
    finally:
        connections.close_all()


def message(to: str, channel: Channel = Channel.EMAIL, **facts: Any) -> Delivery:
    # A trial: no rule of an alert has to hold for it.
    written = {"kind": "job.created", "audience": Audience.STAFF, "subject": "A trial", "body": "A trial"}
    written |= {"is_test": True, "next_attempt_at": timezone.now()}
    return Delivery.objects.create(channel=channel, recipient=to, **(written | facts))


def wait_for(condition: Any) -> None:
    for _time in range(3000):
        if condition():
            return
        Event().wait(0.01)
    raise AssertionError("waited in vain")


def test_mail_goes_on_while_one_of_it_hangs(carriers, messenger):
    mail = carriers[Channel.EMAIL]
    mail.hangs_on = {"slow@example.com"}
    message("slow@example.com")
    stuck = messenger.submit(in_a_thread, Channel.EMAIL)
    wait_for(lambda: mail.hanging)
    for number in range(30):
        message(f"{number}@example.com")
    assert messenger.submit(in_a_thread, Channel.EMAIL).result(30) is False
    assert len(mail.taken) == 30
    mail.let_go.set()
    stuck.result(30)
    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == 31


def test_text_messages_go_while_all_mail_hangs_and_nobody_queues_up_behind_it(carriers, messenger):
    mail = carriers[Channel.EMAIL]
    mail.hangs_on = {f"{number}@example.com" for number in range(20)}
    for address in mail.hangs_on:
        message(address)
    message(TELEPHONE, Channel.SMS)
    stuck = [messenger.submit(in_a_thread, Channel.EMAIL) for _one in range(AT_ONCE[Channel.EMAIL])]
    wait_for(lambda: mail.hanging == len(stuck))
    # Whoever comes now is not kept.
    assert messenger.submit(in_a_thread, Channel.EMAIL).result(30) is False
    messenger.submit(in_a_thread, Channel.SMS).result(30)
    assert (carriers[Channel.SMS].taken, mail.taken) == ([TELEPHONE], [])
    mail.let_go.set()
    assert [one.result(30) for one in stuck].count(True) <= 1
    assert sorted(mail.taken) == sorted(mail.hangs_on)


def test_whom_somebody_waits_for_goes_first(carriers, cast):
    for number in range(60):
        message(f"{number}@example.com")
    message("code@example.com", audience=Audience.OWNER, user=cast.olivia)
    send_due(Channel.EMAIL)
    assert carriers[Channel.EMAIL].taken[0] == "code@example.com"
    assert len(carriers[Channel.EMAIL].taken) == 61


def test_after_a_while_others_have_their_turn(carriers):
    for number in range(3):
        message(f"{number}@example.com")
    assert [send_due(Channel.EMAIL, seconds=0) for _time in range(3)] == [True, True, False]
    assert len(carriers[Channel.EMAIL].taken) == 3


def test_what_is_due_and_cannot_be_had_is_not_asked_for_without_end(carriers, monkeypatch):
    message("somebody@example.com")
    monkeypatch.setattr(sending, "deliver", lambda keys: 0)
    assert send_due(Channel.EMAIL) is False
