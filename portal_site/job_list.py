"""Which jobs a list shows and in what order: read off the address, so that it can be kept, sent and exported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OrderBy
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.zones import is_elsewhere
from audit.conventions import Cell, moment_cell
from console.addresses import shortened
from jobs.choices import CUSTOMER_WORDS, OPEN, JobStatus
from jobs.querysets import JobQuerySet
from portal_site.lists import read_choice, read_words
from portal_site.visitor import Visitor


@dataclass(frozen=True)
class Sort:
    """One order of the list: its words, and what it orders by."""

    label: str | Promise
    by: tuple[str | OrderBy, ...]


_LAST = Coalesce("completed_at", "cancelled_at", "created_at").desc()
_SOONEST = F("planned_start").asc(nulls_last=True)
# "" is what a list begins with: what comes next, or what was last.
SORTS = {
    "": Sort(gettext_lazy("By date"), ()),
    "new": Sort(gettext_lazy("Newest request first"), ("-id",)),
    "place": Sort(gettext_lazy("By address"), ("address", "-id")),
    "what": Sort(gettext_lazy("By kind of job"), ("template__name", _SOONEST, "-id")),
    "customer": Sort(gettext_lazy("By account"), ("customer__name", _SOONEST, "-id")),
}


@dataclass(frozen=True)
class JobFilter:
    """Which of their jobs somebody wants to see, and in what order. ``left_out``: a sentence for each part of the
    address that makes no sense."""

    past: bool = False
    words: str = ""
    status: str = ""
    kind: str = ""
    sort: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def statuses(self) -> list[tuple[str, str | Promise]]:
        """The states to choose from, in a customer's words."""
        return [(status, words) for status, words in CUSTOMER_WORDS.items() if (status not in OPEN) == self.past]

    @property
    def is_narrowed(self) -> bool:
        """Is anything chosen beside the words?"""
        return bool(self.status or self.kind or self.sort)

    def apply(self, jobs: JobQuerySet) -> JobQuerySet:
        """Those of some jobs, in order."""
        found = (jobs.closed() if self.past else jobs.open()).matching(self.words)
        if self.status:
            found = found.filter(status=self.status)
        if self.kind:
            found = found.filter(template__slug=self.kind)
        return found.order_by(*(SORTS[self.sort].by or ((_LAST, "-id") if self.past else (_SOONEST, "-id"))))


def read_filter(query: QueryDict) -> JobFilter:
    """What an address asks for; what makes no sense counts as absent, and is said."""
    past = query.get("when") == "past"
    left_out: list[str] = []
    words, kind = read_words(query, left_out), query.get("kind", "")
    choices = {
        "when": (_("Which jobs"), {"past"}),
        "status": (_("Where it stands"), {str(code) for code, _words in JobFilter(past).statuses}),
        "sort": (_("Order"), set(SORTS)),
    }
    chosen = {name: read_choice(query, name, label, known, left_out) for name, (label, known) in choices.items()}
    if "\0" in kind or len(kind) > 140:
        said = {"value": shortened(kind), "field": _("What")}
        left_out.append(_("“%(value)s” is nothing to choose for “%(field)s” and was left out.") % said)
        kind = ""
    return JobFilter(past, words, chosen["status"], kind, chosen["sort"], tuple(left_out))


def as_rows(jobs: JobQuerySet, visitor: Visitor) -> Iterator[list[Cell]]:
    """A heading, and one row for each job (customer, template, worker loaded), as this visitor may see it."""
    # A file travels: whose clock its times are of is written into it.
    zone = f" ({timezone.get_current_timezone_name()})" if is_elsewhere(timezone.now()) else ""
    yield [
        _("Number"), _("What"), _("Where it stands"), _("Account"), _("Address"),
        _("Asked for") + zone, _("Planned") + zone, _("End of the window") + zone, _("Who comes"), _("Asset ID"),
    ]  # fmt: skip
    for job in jobs.iterator(chunk_size=500):
        yield [
            job.number, job.service, str(CUSTOMER_WORDS[JobStatus(job.status)]), job.customer.name, job.address,
            _local(job.requested_start), _local(job.planned_start), _local(job.window_end),
            visitor.worker_name(job), job.asset_id,
        ]  # fmt: skip


def _local(moment: datetime | None) -> Cell:
    return moment_cell(moment) if moment else ""
