"""The mark outside the database: when it says that the database was restored, and when it does not."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Delivery
from alerts.services import deliver, sweep
from business.holding import begin_hold, is_held, move_mark, notice_restore, open_hold, trouble_with_mark
from business.mark import read_mark
from business.models import Hold, Progress
from jobs.models import JobNumber
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

Reason = Hold.Reason


@pytest.fixture
def lived(cast, mark):
    """Portico has run for a while: row and mark are at five."""
    for _ in range(5):
        move_mark()
    assert not is_held()
    return mark


def position() -> int:
    return Progress.objects.get().position


def say(mark, **facts):
    mark.write_text(json.dumps(json.loads(mark.read_text()) | facts))


def back(to: int) -> None:
    """The database is that of an earlier moment."""
    Progress.objects.update(position=to, confirmed=to)


def test_a_first_start_is_not_held_and_writes_both(cast, mark):
    assert not is_held() and not mark.exists()
    sweep()
    assert read_mark(mark).position == position() == 1


def test_an_upgrade_from_before_there_were_marks_is_not_held(cast, mark):
    make_job(cast.acme, cast.exchange)
    sweep()
    assert not is_held()


# (what has happened to either, why it is held; None: it is not)
STORIES = {
    "nothing": (lambda mark: None, None),
    "an older database": (lambda mark: back(4), Reason.RESTORED),
    "a database from before there were marks": (lambda mark: Progress.objects.all().delete(), Reason.RESTORED),
    "another machine": (lambda mark: mark.unlink(), Reason.NO_MARK),
    "an older mark": (lambda mark: say(mark, position=3), Reason.MARK_BEHIND),
    "a worker that died before it moved the mark": (lambda mark: Progress.objects.update(position=6), None),
    "another installation": (lambda mark: say(mark, installation=str(uuid.uuid4())), Reason.ANOTHER),
    "another installation that is further": (
        lambda mark: say(mark, installation=str(uuid.uuid4()), position=900), Reason.ANOTHER,
    ),
    "an empty file": (lambda mark: mark.write_text(""), Reason.UNREADABLE),
    "half a file": (lambda mark: mark.write_text(mark.read_text()[:40]), Reason.UNREADABLE),
    "a list": (lambda mark: mark.write_text("[]"), Reason.UNREADABLE),
    "no number": (lambda mark: say(mark, position="5"), Reason.UNREADABLE),
    "no text": (lambda mark: mark.write_bytes(b"\xff\xfe"), Reason.UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_what_is_found(lived, story):
    happens, reason = STORIES[story]
    happens(lived)
    # Of the installation that kept the mark, people were there before.
    say(lived, at=(timezone.now() + timedelta(minutes=1)).isoformat()) if story.startswith("a database from") else None
    hold = notice_restore()
    assert (hold.reason if hold else None) == reason
    assert notice_restore() == hold, "found once"


def test_a_new_database_in_an_old_folder_is_not_held(lived):
    Progress.objects.all().delete()
    say(lived, at="2020-01-01T00:00:00+00:00")
    assert not is_held()
    move_mark()
    move_mark()
    assert not is_held() and read_mark(lived).position == position() == 2


def test_a_clock_that_was_set_back_changes_nothing(lived):
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        move_mark()
        assert not is_held()
        back(5)
        assert notice_restore().reason == Reason.RESTORED
        assert open_hold().lost_until <= open_hold().found_at


def test_one_message_moves_the_mark_before_it_leaves(cast, lived, monkeypatch):
    make_alert()
    (message,) = announced(make_job(cast.acme, cast.exchange))
    seen = []
    monkeypatch.setattr(
        "alerts.services.delivering.record_fate",
        lambda delivery, fate: seen.append(read_mark(lived).position),
    )
    deliver([message.pk])
    assert seen == [6] and position() == 6


def test_what_changes_without_a_message_moves_it_at_the_next_sweep(cast, lived):
    sweep()
    quiet = position()
    sweep()
    assert position() == quiet, "nothing has changed"
    cast.acme.name = "Acme & Sons"
    cast.acme.save()
    sweep()
    assert position() == quiet + 1


def test_a_new_number_moves_it_once_it_is_committed(cast, lived, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_job(cast.acme, cast.exchange)
    assert position() == 6


def test_while_nobody_has_decided_the_mark_stays_where_it_is(lived):
    back(3)
    assert is_held()
    move_mark()
    assert read_mark(lived).position == 5


def test_a_disk_that_is_full_stops_nothing_and_is_told(cast, lived, monkeypatch):
    def full(path, mark):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("business.holding.write_mark", full)
    make_alert()
    (message,) = announced(make_job(cast.acme, cast.exchange))
    deliver([message.pk])
    assert Delivery.objects.get().state == "sent" and not is_held()
    monkeypatch.setattr("business.holding.os.access", lambda *args: False)
    assert str(lived) in trouble_with_mark()


def test_somebody_who_restored_both_says_so(cast, lived, capsys):
    JobNumber.objects.update_or_create(pk=1, defaults={"last": 41})
    call_command("hold", backup_of="2026-03-01 02:00")
    hold = open_hold()
    assert (hold.reason, hold.lost_from.isoformat()) == (Reason.BY_HAND, "2026-03-01T01:00:00+00:00")
    assert hold.numbers_skipped == 100 and JobNumber.objects.get().last == 141
    out = capsys.readouterr().out
    assert "After a restore" in out
    # With its zone: the name of a backup may be by the clock of the machine.
    assert "counted from 2026-03-01 02:00 CET on" in out
    call_command("hold")
    call_command("hold", backup_of="2026-03-01 01:00+00:00")
    assert Hold.objects.count() == 1, "said twice"


def test_an_earlier_moment_that_comes_too_late_is_not_called_held(cast, lived, capsys):
    call_command("hold", backup_of="2026-03-01 02:00")
    with pytest.raises(CommandError, match=r"held already.*from 2026-03-01 02:00 CET on.*was not used"):
        call_command("hold", backup_of="2026-02-01 02:00")
    capsys.readouterr()
    call_command("hold", backup_of="2026-03-01 02:00+00:00")
    assert "counted from 2026-03-01 02:00 CET on" in capsys.readouterr().out, "a later one is covered"
    assert Hold.objects.get().lost_from.isoformat() == "2026-03-01T01:00:00+00:00"


NO_MOMENTS = ["yesterday", "2999-01-01 00:00", "2026-02-30 00:00", "0001-01-01 00:00", "9999-12-31 23:59"]
# No clock is so far away, and PostgreSQL keeps no such moment.
NO_MOMENTS += ["2026-01-30 02:00+23:59", "2026-01-30 02:00-23:59", "2026-01-30 02:00+16:00"]


@pytest.mark.parametrize("words", NO_MOMENTS)
def test_no_moment_of_a_backup_is_a_sentence(cast, words):
    with pytest.raises(CommandError, match="in the past"):
        call_command("hold", backup_of=words)
    assert open_hold() is None


def test_of_two_who_find_it_one_holds(cast, lived):
    first, second = (begin_hold(Reason.RESTORED) for _ in range(2))
    assert first == second and Hold.objects.count() == 1


def test_asking_costs_two_queries(lived):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        is_held()
    assert len(queries) == 2
