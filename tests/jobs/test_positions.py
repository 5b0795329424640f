from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from console.errors import Refused
from jobs.models import WorkerPosition
from jobs.services import (
    complete_job,
    forget_positions,
    latest_positions,
    position_for,
    report_position,
    rounded,
    start_job,
)
from tests.factories import make_job, make_worker

HERE = {"latitude": Decimal("53.551086"), "longitude": Decimal("9.993682")}


def metres_between(a, b):
    east = ((b[1] - a[1] + 180) % 360 - 180) * 111_320 * math.cos(math.radians(a[0]))
    return math.hypot((b[0] - a[0]) * 111_320, east)


places = st.tuples(st.floats(-80, 80), st.floats(-180, 180))


@given(places, st.integers(1, 20_000))
def test_a_rounded_place_is_near_and_on_the_grid(place, metres):
    shown = rounded(*place, metres)
    assert metres_between(shown, place) <= metres * 0.9 + 1
    assert -90 <= shown[0] <= 90
    assert -180 <= shown[1] <= 180


def test_everywhere_in_one_square_looks_the_same():
    step = 500 / 111_320
    row = 100 * step
    seen = {rounded(row + n * step / 10, 0.0, 500) for n in range(-4, 5)}
    assert len(seen) == 1


def test_nought_is_exact():
    assert rounded(Decimal("53.551086"), Decimal("9.993682"), 0) == (53.551086, 9.993682)


class TestForACustomer:
    @pytest.fixture
    def job(self, cast):
        return start_job(make_job(cast.acme, cast.exchange, worker=cast.theo), by=cast.dana)

    def test_she_sees_the_worker_of_her_running_job_coarsely(self, cast, job):
        report_position(cast.theo, **HERE)
        place = position_for(job, metres=500)
        assert (place.latitude, place.longitude) == rounded(**HERE, metres=500)
        assert (place.latitude, place.longitude) != (float(HERE["latitude"]), float(HERE["longitude"]))

    def test_not_before_it_starts_nor_after_it_ends(self, cast, job):
        other = make_job(cast.acme, cast.exchange, worker=cast.theo)
        report_position(cast.theo, **HERE)
        assert position_for(other, metres=500) is None
        assert position_for(complete_job(job, by=cast.dana), metres=500) is None

    def test_not_where_the_worker_was_on_another_job_or_long_ago(self, cast, job):
        report_position(cast.theo, **HERE, at=timezone.now() - timedelta(minutes=5))
        assert position_for(job, metres=500) is None
        job.started_at = timezone.now() - timedelta(hours=3)
        assert position_for(job, metres=500)
        WorkerPosition.objects.update(at=timezone.now() - timedelta(minutes=31))
        assert position_for(job, metres=500) is None


def test_the_newest_of_each_is_found_in_two_queries(cast, django_assert_num_queries):
    workers = [cast.theo, make_worker("Tim"), make_worker("Tess")]
    now = timezone.now()
    for worker in workers[:2]:
        for hours in (3, 1, 2):
            report_position(worker, **HERE, at=now - timedelta(hours=hours))
    with django_assert_num_queries(2):
        newest = latest_positions(workers)
    assert {key: row.at for key, row in newest.items()} == {w.pk: now - timedelta(hours=1) for w in workers[:2]}


def test_positions_are_forgotten(cast):
    report_position(cast.theo, **HERE)
    assert forget_positions(timezone.now() + timedelta(days=29)) == 0
    assert forget_positions(timezone.now() + timedelta(days=31)) == 1


def test_nonsense_is_refused(cast):
    with pytest.raises(ValidationError):
        report_position(cast.theo, latitude=Decimal(91), longitude=Decimal(0))
    with pytest.raises(ValidationError):
        report_position(cast.theo, **HERE, at=timezone.now() + timedelta(hours=1))
    cast.theo.is_active = False
    with pytest.raises(Refused):
        report_position(cast.theo, **HERE)
