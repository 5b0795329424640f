"""A week after it was sent, a form is forgotten; what it made stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from console.models import SentForm
from console.once import forget_forms, new_key, sending
from console.tasks import forget


@pytest.mark.parametrize(("days", "left"), [(0, 1), (6, 1), (8, 0)])
def test_after_a_week_nobody_goes_back_to_it(cast, days, left):
    with sending(cast.olivia, "/admin/x/", new_key()) as sent:
        sent.made(cast.acme)
    assert forget_forms(timezone.now() + timedelta(days=days)) == 1 - left
    assert SentForm.objects.count() == left
    cast.acme.refresh_from_db()


def test_the_clock_of_the_workers_does_it(cast):
    with sending(cast.olivia, "/admin/x/", new_key()):
        pass
    SentForm.objects.update(at=timezone.now() - timedelta(days=8))
    assert "console.tasks.forget" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    forget()
    assert not SentForm.objects.exists()


def test_what_goes_wrong_leaves_no_note(cast):
    key = new_key()
    with pytest.raises(ZeroDivisionError), sending(cast.olivia, "/admin/x/", key) as sent:
        sent.made(cast.acme)
        _never = 1 / 0
    assert not SentForm.objects.exists()
    with sending(cast.olivia, "/admin/x/", key) as sent:
        assert not sent.is_repeated


def test_who_left_takes_their_notes_along(cast):
    with sending(cast.sam, "/admin/x/", new_key()):
        pass
    cast.sam.delete()
    assert not SentForm.objects.exists()
