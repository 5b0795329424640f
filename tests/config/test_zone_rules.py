"""The rules of time zones are those of the pinned package, however old the machine's files are."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
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


def test_celery_counts_in_utc():
    assert settings.CELERY_TIMEZONE == "UTC"
