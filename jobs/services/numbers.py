"""The series of job numbers: the next ones, and those that are left out because a lost time may have given them."""

from __future__ import annotations

import math
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from business.holding import move_mark, notice_restore
from business.models import Hold
from console.errors import Refused
from jobs.models import Job, JobNumber

# How many numbers are left out at least, and how far back the usual pace is looked for.
LEAST = 100
PACE_OVER = timedelta(days=28)
# More at once is a slip of the finger: a number has room for so many.
MOST = 1_000_000


def take_numbers(count: int) -> list[str]:
    """The next ``count`` job numbers. They are lost with the transaction, never without it: no gap, no double.

    The only gap is that after a restore, which is looked for first.
    """
    notice_restore()
    last = JobNumber.objects.select_for_update().get_or_create(pk=1)[0]
    first = last.last + 1
    last.last += count
    last.save(update_fields=["last"])
    if count:
        transaction.on_commit(move_mark, robust=True)
    return [f"J-{n:06d}" for n in range(first, first + count)]


def one_at_a_time() -> None:
    """Waits until nobody else is making jobs, and lets nobody begin before this transaction ends."""
    take_numbers(0)


def skip_numbers(count: int) -> str:
    """Leave out the next numbers; returns the one that comes then. In the caller's transaction.

    Raises Refused for fewer than none, and for more than anybody means.
    """
    if not 0 <= count <= MOST:
        raise Refused(_("Skip between 0 and %d job numbers.") % MOST)
    last = JobNumber.objects.select_for_update().get_or_create(pk=1)[0]
    last.last += count
    last.save(update_fields=["last"])
    return next_number()


def next_number() -> str:
    """Return the number that the next job gets."""
    last = JobNumber.objects.filter(pk=1).values_list("last", flat=True).first() or 0
    return f"J-{last + 1:06d}"


def usual_margin(hold: Hold) -> int:
    """Return how many numbers the lost time may have used: twice as many as usual in so long a time, in whole
    hundreds. When nobody knows how long that was: a day's."""
    before = hold.lost_from or hold.lost_until
    lost = hold.lost_until - before if hold.lost_from else timedelta(days=1)
    made = Job.objects.filter(created_at__gt=before - PACE_OVER, created_at__lte=before).count()
    wanted = 2 * made * (lost / PACE_OVER)
    return max(LEAST, min(MOST, math.ceil(wanted / 100) * 100))


def skip_lost_numbers(hold: Hold) -> None:
    """The numbers of the lost time are not given again, from the first moment on (``WHEN_HELD``)."""
    margin = usual_margin(hold)
    skip_numbers(margin)
    hold.numbers_skipped += margin
