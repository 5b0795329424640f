"""The demo has a past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest import mock


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Everything inside happens at that moment (aware), so that the demo has a past."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield
