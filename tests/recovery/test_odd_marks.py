"""Marks that nobody of ours wrote, and a disk that takes none: Portico holds, says why, and goes on when told to."""

from __future__ import annotations

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts.services import release, sweep
from business.holding import is_held, move_mark, notice_restore, open_hold
from business.mark import MOST_POSITION, read_mark, write_mark
from business.models import Hold, Progress
from console.errors import Refused
from jobs.models import JobNumber
from tests.factories import make_job
from tests.recovery.test_decision import hidden_and_first

Choice, Reason = Hold.Choice, Hold.Reason
FACTS = [
    {"position": MOST_POSITION},
    {"position": MOST_POSITION + 1},
    {"position": 2**63 - 1},
    {"position": 2**63},
    {"position": 10**40},
    {"position": -1},
    {"position": True},
    {"position": 3.5},
    {"position": 99, "at": "0001-01-01T00:00:00+14:00"},
    {"position": 99, "at": "0001-01-01T00:00:00+00:00"},
    {"position": 99, "at": "9999-12-31T23:59:59-14:00"},
    {"position": 99, "at": "8999-12-31T23:59:59-14:00"},
    {"position": 99, "at": "1970-01-01T00:00:00+14:00"},
    {"position": 99, "at": 7},
    {"position": 99, "at": "2026-01-30T02:00:00+23:59"},
    {"position": 99, "at": "2026-01-30T02:00:00-16:00"},
    {"installation": 5},
    {"installation": "5ebbb51a-2ba6-4b43-8391-ed3ee6a00feb"},
]


@pytest.fixture
def lived(cast, mark):
    """A database and its mark, two steps on."""
    move_mark()
    move_mark()
    return mark


def rewrite(mark, **facts):
    mark.write_text(json.dumps(json.loads(mark.read_text()) | facts))


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_whatever_the_mark_says_it_holds_and_can_be_decided(cast, lived, client, facts):
    rewrite(lived, **facts)
    sweep()
    hold = open_hold()
    assert hold is not None and hold.reason in (Reason.RESTORED, Reason.UNREADABLE, Reason.ANOTHER)
    make_job(cast.acme, cast.exchange)
    client.force_login(cast.olivia)
    page = reverse("admin:held")
    answer = client.post(page, hidden_and_first(client.post(page, hidden_and_first(client.get(page)))), follow=True)
    assert "Portico goes on." in answer.content.decode()
    sweep()
    move_mark()
    assert not is_held()
    assert read_mark(lived).position == Progress.objects.get().position


@pytest.mark.parametrize("words", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b"1" * 5000])
def test_a_mark_that_is_none_is_unreadable(lived, words):
    lived.write_bytes(words)
    assert notice_restore().reason == Reason.UNREADABLE


def full(path, mark):
    raise OSError(30, "Read-only file system")


@pytest.mark.parametrize("spoil", ["another", "unreadable"])
def test_where_the_mark_would_hold_it_again_the_decision_is_refused(cast, lived, monkeypatch, spoil):
    """Else it would be held again at the next sweep, and skip another hundred job numbers, for ever."""
    rewrite(lived, installation=str(uuid.uuid4())) if spoil == "another" else lived.write_text("{")
    hold = notice_restore()
    number = JobNumber.objects.get().last
    monkeypatch.setattr("business.holding.write_mark", full)
    with pytest.raises(Refused, match="cannot be written"):
        release(hold, Choice.HOLD, by=cast.olivia, skip=7)
    assert open_hold() == hold and JobNumber.objects.get().last == number
    monkeypatch.setattr("business.holding.write_mark", write_mark)
    release(hold, Choice.HOLD, by=cast.olivia)
    assert not is_held()


@pytest.mark.parametrize("spoil", ["ahead", "missing"])
def test_where_it_would_not_the_decision_counts(cast, lived, monkeypatch, spoil):
    if spoil == "missing":
        Progress.objects.update(confirmed=2)
        lived.unlink()
    else:
        rewrite(lived, position=50)
    hold = notice_restore()
    monkeypatch.setattr("business.holding.write_mark", full)
    release(hold, Choice.HOLD, by=cast.olivia)
    assert not is_held()


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spoil", ["another", "unreadable", "ahead"])
def test_killed_between_deciding_and_writing_the_mark(cast, lived, monkeypatch, spoil):
    """Either is there without the other at no moment that holds it a second time, or lets it go undecided."""
    facts = {"another": {"installation": str(uuid.uuid4())}, "unreadable": {"at": ""}, "ahead": {"position": 50}}
    rewrite(lived, **facts[spoil])
    hold = notice_restore()

    def dies(path, mark):
        write_mark(path, mark)
        raise Killed

    monkeypatch.setattr("business.holding.write_mark", dies)
    with pytest.raises(Killed):
        release(hold, Choice.HOLD, by=cast.olivia)
    monkeypatch.setattr("business.holding.write_mark", write_mark)
    assert open_hold() == hold, "nothing was decided"
    release(hold, Choice.HOLD, by=cast.olivia)
    assert not is_held() and Hold.objects.count() == 1
    assert read_mark(lived).at <= timezone.now()
