"""Which orders are on an invoice. This room knows the word, not what an invoice is."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from audit.locks import lock_rows
from jobs.choices import BEING_BILLED, JobStatus
from jobs.models import Job


def claim_for_billing(keys: Collection[int]) -> list[int]:
    """Mark those of the jobs (primary keys) as being billed that are completed and on no invoice; returns them.

    In the caller's transaction: of two who bill the same job, one gets it. Whoever calls asks who may.
    """
    lock_rows(Job, keys)
    free = Job.objects.filter(pk__in=keys, status=JobStatus.COMPLETED, billed_as="").order_by("pk")
    got = list(free.values_list("pk", flat=True))
    Job.objects.filter(pk__in=got).update(billed_as=BEING_BILLED)
    return got


def name_bill(keys: Collection[int], number: str) -> None:
    """Write down on which document these jobs are, by its number. In the caller's transaction."""
    lock_rows(Job, keys)
    Job.objects.filter(pk__in=keys).update(billed_as=number)


def release_from_billing(keys: Collection[int]) -> None:
    """These jobs are on no invoice any more: they can be billed anew. In the caller's transaction."""
    lock_rows(Job, keys)
    Job.objects.filter(pk__in=keys).update(billed_as="")


def why_as_billed(job: Job) -> str:
    """Return why the price and the customer of a billed job stay as they are, and what to do."""
    if job.billed_as == BEING_BILLED:
        return _("%s is on an invoice that is being prepared: discard that one first.") % job.number
    return _("%(job)s is on %(invoice)s: correct that invoice instead.") % {
        "job": job.number,
        "invoice": job.billed_as,
    }
