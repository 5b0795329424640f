"""The demo has a past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from unittest import mock

from django.utils import timezone


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Everything inside happens at that moment (aware), so that the demo has a past."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def demo_moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour of a day, by the business's clock (aware)."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))
