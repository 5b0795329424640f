"""A moment so far away that no calendar counts on from there is refused with a sentence, wherever it is typed."""

from __future__ import annotations

import pytest

from jobs.models import Job
from tests.portal_site.test_clocks_that_change import NEW_YORK, SOURCES, world

__all__ = ["world"]
FAR = [
    "9999-12-31T23:59",
    "9999-12-31T23:59-14:00",
    "0001-01-01T00:00",
    "0001-01-01T00:00+14:00",
]
ODD = ["2027-10-31T02:30+23:59", "2027-10-31T02:30-23:59", "2027-10-31T02:30+99:99", "2027-06-01T02:30+16:00"]


@pytest.mark.parametrize("typed", [*FAR, *ODD])
@pytest.mark.parametrize("source", SOURCES)
def test_nothing_breaks_and_what_is_kept_can_be_shown(world, source, typed):
    _answer, moment = source(world, NEW_YORK, typed)
    assert not moment, "of all of these none is meant"
    dana = world.sign_in(world.cast.dana)
    pages = ["/admin/jobs/job/", *(f"/admin/jobs/job/{job.pk}/change/" for job in Job.objects.all())]
    assert [dana.get(page).status_code for page in pages] == [200] * len(pages)
