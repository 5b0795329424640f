"""Portico is dumped in the middle of everything, goes on, and is restored: nobody gets a message twice."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import deliver
from business.holding import open_hold
from business.models import Hold
from imports.models import ImportRun
from imports.services import work_on_run
from jobs.models import Job
from tests.recovery.story import MESSAGES, ROWS, Story, queued, received, sweep_without_sending

pytestmark = pytest.mark.django_db(transaction=True)
KEY = re.compile(r'name="_once" value="([0-9a-f]{32})"')


@pytest.fixture
def restored(cast, mark, dump, monkeypatch):
    """The story up to the moment at which Portico is started again, on the database of the backup."""
    story = Story(cast, monkeypatch)
    sweep_without_sending()
    backup = dump()
    story.goes_on()
    backup.restore()
    story.before = received()
    monkeypatch.undo()
    return story


def ask(client, **said):
    """What somebody decides on the page, confirmed on the next one."""
    page = reverse("admin:held")
    key = KEY.search(client.get(page).content.decode())[1]
    said = {"_once": key, "hold": open_hold().pk, "skip": "0", "done": "1", **said}
    return client.post(page, said, follow=True)


def test_it_starts_held(restored):
    restored.a_minute_passes()
    hold = open_hold()
    assert hold.reason == Hold.Reason.RESTORED
    assert hold.lost_from < hold.lost_until < hold.found_at
    assert received() == restored.before, "nothing goes out"
    assert ImportRun.objects.get().state == "running"
    assert Job.objects.filter(external_id__startswith="A-").count() == ROWS // 2


def test_numbers_of_the_lost_time_are_not_given_again(restored):
    (job,) = restored.make_jobs("new", 1)
    assert job.number > restored.last_number, "also before any worker has looked"
    assert open_hold().numbers_skipped == 100 + ROWS // 2, "and as many as the import may have given"


def test_what_was_sent_since_is_not_sent_again_when_olivia_holds(restored, client):
    restored.a_minute_passes()
    client.force_login(restored.cast.olivia)
    assert Delivery.objects.doubtful(open_hold()).count() == MESSAGES - 100 + ROWS // 2
    ask(client, choice="hold")
    assert open_hold() is None
    restored.make_jobs("new", 3)
    restored.a_minute_passes()
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=21)):
        restored.a_minute_passes()
    assert set(received().values()) == {1}, "nobody gets a message twice"
    certain = {"new0@acme.example", "new1@acme.example", "new2@acme.example", "tomorrow0@acme.example"}
    assert set(received()) - set(restored.before) == certain, "what was certainly not sent goes out once"
    assert ImportRun.objects.get().state == "finished"
    assert set(Job.objects.filter(external_id__startswith="A-").values_list("external_id", flat=True)) == {
        f"A-{n}" for n in range(ROWS)
    }
    held = set(Delivery.objects.filter(state="uncertain").values_list("recipient", flat=True))
    assert set(received()) | held >= {f"m{n}@acme.example" for n in range(MESSAGES)}
    assert set(received()) | held >= {f"row{n}@acme.example" for n in range(ROWS)}, "none is lost from the ledger"


def test_what_was_never_sent_goes_out_once_when_olivia_chooses(restored, client):
    restored.a_minute_passes()
    client.force_login(restored.cast.olivia)
    # As she reads it in the log of her mail server.
    never = Delivery.objects.doubtful(open_hold()).exclude(recipient__in=list(restored.before))
    keys = list(never.values_list("pk", flat=True))
    assert len(keys) >= MESSAGES - 220
    page = reverse("admin:held_choose")
    client.post(page, {"do": "send", "message": keys, "hold": open_hold().pk})
    restored.a_minute_passes()
    assert received() == restored.before, "not before she is done"
    ask(client, choice="hold")
    restored.a_minute_passes()
    assert set(received().values()) == {1}
    assert set(received()) >= {f"m{n}@acme.example" for n in range(MESSAGES)}, "each went out, and once"


def test_all_that_is_in_doubt_goes_out_again_when_olivia_sends(restored, client):
    restored.a_minute_passes()
    client.force_login(restored.cast.olivia)
    ask(client, choice="send")
    restored.a_minute_passes()
    counts = received()
    assert {counts[f"m{n}@acme.example"] for n in range(100, 220)} == {2}
    assert {counts[f"m{n}@acme.example"] for n in (*range(100), *range(220, MESSAGES))} == {1}
    assert {counts[f"row{n}@acme.example"] for n in range(ROWS)} <= {1, 2}
    assert not queued() or Delivery.objects.get(state="queued").recipient == "tomorrow0@acme.example"


def test_a_backup_of_now_holds_nothing(cast, mark, dump, monkeypatch):
    Story(cast, monkeypatch)
    sweep_without_sending()
    backup = dump()
    backup.restore()
    sweep_without_sending()
    assert open_hold() is None, "nothing happened since"
    deliver(queued()[:1])
    assert len(mail.outbox) == 101
    backup.restore()
    assert work_on_run(ImportRun.objects.get().pk) is None
    assert open_hold() is not None, "one message is enough"
