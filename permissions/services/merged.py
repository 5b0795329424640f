"""Which customers became part of which, as their histories tell."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from audit.wording import sayings

# Names neither: it stands at records of both, which not everybody who reads them may see.
MERGED = _("Customers merged")


@dataclass(frozen=True)
class Merge:
    """``drop`` became part of ``keep`` (keys of customers), at that moment, in that request."""

    drop: int
    keep: int
    at: datetime
    request_id: uuid.UUID


def merges_into(customer_id: int) -> list[Merge]:
    """Return the merges by which others became part of a customer, and others of these, oldest first.

    A merge writes that the one is gone and, next to it, a row of the one that is kept. One that was taken back is none:
    its customer is there again.
    """
    rows = Customer.history.filter(history_change_reason__in=sayings(MERGED))
    found: dict[int, Merge] = {}
    looked_at: set[int] = set()
    frontier = {customer_id}
    while frontier:
        looked_at |= frontier
        for row in rows.filter(id__in=frontier, history_type="~"):
            before = rows.filter(request_id=row.request_id, history_id__lt=row.history_id).order_by("-history_id")
            gone = before.first()
            if gone is not None and gone.history_type == "-":
                found[gone.id] = Merge(gone.id, row.id, row.history_date, row.request_id)
        there = set(Customer.objects.filter(pk__in=found).values_list("pk", flat=True))
        found = {drop: merge for drop, merge in found.items() if drop not in there}
        frontier = set(found) - looked_at
    return sorted(found.values(), key=lambda merge: merge.at)


def passed_on_to(customer_id: int) -> dict[int, uuid.UUID]:
    """Return the customers that became part of one, each with the request in which it did."""
    return {merge.drop: merge.request_id for merge in merges_into(customer_id)}
