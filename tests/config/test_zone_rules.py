"""The rules of time zones are those of the pinned package, however old the machine's files are."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from celery import Celery, current_app
from celery.schedules import crontab
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_machines_files_are_not_asked():
    assert zoneinfo.TZPATH == ()


@pytest.mark.parametrize("zone", ["America/Vancouver", "America/Edmonton", "America/Winnipeg"])
def test_clocks_that_stay_on_summer_time_since_november_2026_do(zone):
    """Source: IANA 2026f. Files of 2025 turn them back on 1 November 2026."""
    summer, winter = (datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)) for month in (7, 12))
    assert summer.utcoffset() == winter.utcoffset()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_package_is_pinned_on_every_platform(lock):
    [line] = [line for line in (ROOT / lock).read_text().splitlines() if line.startswith("tzdata==")]
    assert ";" not in line


def longest_wait(zone, first, rounds=180):
    """How long something rests that is due each minute, when Celery counts in that zone."""
    app = Celery("a test", set_as_current=False)
    app.conf.timezone = zone
    waits, moment = [], first
    for _round in range(rounds):
        every_minute = crontab(app=app, nowfun=lambda: moment.astimezone(ZoneInfo(zone)))  # noqa: B023
        waits.append(every_minute.remaining_estimate(moment))
        moment += timedelta(minutes=1)
    return max(waits)


def test_celery_counts_in_utc():
    """In the business's zone what is due each minute rests for an hour when the clocks go back (seen: Celery 5.7)."""
    before_the_clocks_go_back = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    assert longest_wait("Europe/Berlin", before_the_clocks_go_back) > timedelta(hours=1)
    assert longest_wait(settings.CELERY_TIMEZONE, before_the_clocks_go_back) == timedelta(minutes=1)
    assert settings.CELERY_TIMEZONE == current_app.conf.timezone == "UTC"
