"""Which jobs: every reading of the job table that deserves a name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from console.scope import ScopedQuerySet
from jobs.choices import OPEN, JobStatus
from jobs.search_text import holding

if TYPE_CHECKING:
    from jobs.models import Job
    from permissions.resolver import Rights


# No job takes longer than this: how far back a clash may have begun.
LONGEST = timedelta(days=14)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next, in the business's zone (aware)."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return start, end


def late_at(moment: datetime) -> Q:
    """Jobs that should have begun by then: their planned start has passed, and their window if they have one."""
    return Q(planned_start__lt=moment) & (Q(window_end__isnull=True) | Q(window_end__lt=moment))


class JobQuerySet(ScopedQuerySet["Job"]):
    def open(self) -> JobQuerySet:
        """Jobs on which something is still to do."""
        return self.filter(status__in=OPEN)

    def closed(self) -> JobQuerySet:
        """Jobs that are over: done or called off."""
        return self.exclude(status__in=OPEN)

    def on(self, day: date) -> JobQuerySet:
        """Jobs planned for a day of the business's calendar."""
        start, end = day_bounds(day)
        return self.filter(planned_start__gte=start, planned_start__lt=end)

    def between(self, first: date, last: date) -> JobQuerySet:
        """Jobs planned from one day to another of the business's calendar, both included."""
        return self.filter(planned_start__gte=day_bounds(first)[0], planned_start__lt=day_bounds(last)[1])

    def unassigned(self) -> JobQuerySet:
        """Jobs that wait for a time or for a worker."""
        return self.filter(
            Q(status__in=(JobStatus.UNASSIGNED, JobStatus.POSTPONED))
            | Q(status=JobStatus.SCHEDULED, worker__isnull=True)
        )

    def overdue(self, at: datetime | None = None) -> JobQuerySet:
        """Scheduled jobs whose planned start has passed, and the window that the customer was promised with it."""
        return self.filter(late_at(at or timezone.now()), status=JobStatus.SCHEDULED)

    def with_address_to_check(self) -> JobQuerySet:
        """Open jobs at an address a customer wrote and nobody knows yet."""
        return self.open().filter(address_to_check=True)

    def to_bill(self) -> JobQuerySet:
        """Completed jobs that are on no invoice: the condition of the index ``jobs_to_bill``."""
        return self.filter(status=JobStatus.COMPLETED, billed_as="")

    def clashing_with(self, job: Job) -> list[Job]:
        """The other open jobs its worker has at the same time, in order; none for a job without worker or time."""
        if job.worker_id is None or job.planned_start is None:
            return []
        near = self.open().filter(
            worker_id=job.worker_id,
            planned_start__lt=job.planned_end,
            planned_start__gt=job.planned_start - LONGEST,
        )
        others = near.exclude(pk=job.pk).order_by("planned_start", "id")
        return [other for other in others if other.planned_end is not None and other.planned_end > job.planned_start]

    def matching(self, words: str) -> JobQuerySet:
        """Jobs that hold every word, in number, external ID, customer, address, contact or asset ID; a telephone
        number by any way of writing it."""
        return self.filter(holding(words, "search_text"))

    def for_portal(self, rights: Rights) -> JobQuerySet:
        """The jobs a portal user may see: the rule of permissions.resolver over many rows.

        Customers where *view_jobs* holds, and templates she has.
        """
        customers = rights.customers_allowing("view_jobs")
        if not customers:
            return self.none()
        return self.filter(customers.condition("customer"), template__in=rights.template_ids)
