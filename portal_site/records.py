"""What hangs on the records that a visitor was shown (``portal_site.visitor``), and the rows of the site's own.

Nothing here asks who reads: whoever calls has the job, the customers or the template from ``request.visitor``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core import signing
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.http import Http404
from django.utils.crypto import constant_time_compare

from accounts.models import Customer, Location, User
from alerts.models import JobAlert
from billing.models import Invoice, InvoiceLine, Payment, Refund
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from jobs.models import CancellationReason, ChangeRequest, Job, JobEvent, JobFile
from portal_site.models import Attempt
from templates_app.choices import Use
from templates_app.models import JobTemplate

# --- Of a job ----------------------------------------------------------------------------------------------


def events(job: Job) -> list[JobEvent]:
    """What happened to a job, oldest first."""
    return list(job.events.all())


def change_requests(job: Job) -> list[ChangeRequest]:
    """What was asked of the office about a job, newest first."""
    return list(job.change_requests.all())


def files(job: Job) -> list[JobFile]:
    """The files of a job."""
    return list(job.files.all())


@dataclass(frozen=True)
class ListedAlert:
    """Messages to one address about a job, and the reference by which they are stopped."""

    alert: JobAlert
    reference: str


def job_alerts(job: Job, *, by: User | None) -> list[ListedAlert]:
    """The messages one person (None: guests) has sent about a job, oldest first."""
    return [ListedAlert(one, _alert_reference(job, one.pk)) for one in JobAlert.objects.set_by(job, by)]


def job_alert_or_404(job: Job, *, by: User | None, reference: str) -> JobAlert:
    """One of them. Raises Http404."""
    one: JobAlert
    for one in JobAlert.objects.set_by(job, by):
        if constant_time_compare(_alert_reference(job, one.pk), reference):
            return one
    raise Http404


def _alert_reference(job: Job, key: int) -> str:
    return signing.Signer(salt=f"job-alert-{job.number}").signature(str(key))


def cancellation_reasons() -> list[str]:
    """The reasons the office offers when a job is cancelled."""
    return list(CancellationReason.objects.filter(is_active=True).values_list("text", flat=True))


# --- Of invoices -------------------------------------------------------------------------------------------


def invoice_lines(invoice: Invoice) -> QuerySet[InvoiceLine]:
    """The lines of an invoice in order, with their jobs and all that tells of those loaded."""
    return invoice.lines.select_related("job__customer", "job__template", "job__blueprint").order_by("position")


def files_of(jobs: Collection[Job]) -> dict[int, list[JobFile]]:
    """The files of some jobs, by the job's key. One query."""
    found: dict[int, list[JobFile]] = {}
    for file in JobFile.objects.filter(job__in=jobs) if jobs else ():
        found.setdefault(file.job_id, []).append(file)
    return found


def invoices_of_places(places: Sequence[int]) -> QuerySet[InvoiceLine, int]:
    """Which invoices (their keys, for a condition) have a line of one of these locations (primary keys)."""
    return InvoiceLine.objects.filter(location__in=places).values_list("invoice", flat=True)


def addresses_on(invoices: Sequence[Invoice]) -> dict[int, tuple[str, int]]:
    """Of each invoice, by its key: one of the addresses of its orders, and how many there are. One query."""
    rows = InvoiceLine.objects.filter(invoice__in=[one.pk for one in invoices]).order_by().values("invoice")
    # An order that was released may be somebody else's by now, at another address.
    theirs = Q(job__customer=F("invoice__customer"))
    said = rows.annotate(
        one=Min("job__address", filter=theirs), many=Count("job__address", distinct=True, filter=theirs)
    )
    return {row["invoice"]: (row["one"] or "", row["many"]) for row in said}


def first_and_last_date(invoices: InvoiceQuerySet) -> tuple[date | None, date | None]:
    """The first and the last date of some invoices."""
    said = invoices.aggregate(first=Min("issued_on"), last=Max("issued_on"))
    return said["first"], said["last"]


# --- Of payments -------------------------------------------------------------------------------------------


def first_and_last_of_states(payments: PaymentQuerySet) -> dict[str, tuple[date, date]]:
    """Of each state that some payments are in: the first and the last date. One query."""
    rows = payments.order_by().values_list("state").annotate(first=Min("on"), last=Max("on"))
    return {state: (first, last) for state, first, last in rows}


def refunds_of(payment: Payment) -> list[Refund]:
    """What went back of a payment, oldest first; what was taken back of that too."""
    return list(payment.refunds.order_by("pk"))


# --- Of customers and templates ----------------------------------------------------------------------------


def places(customers: Sequence[Customer]) -> list[Location]:
    """The service addresses of some customers."""
    return list(Location.objects.filter(customer__in=customers).order_by("customer__name", "name", "street"))


def names_of_shown_steps(template: JobTemplate) -> list[str]:
    """The names of a template's steps that customers see, in order."""
    return list(template.steps.exclude(portal_use=Use.HIDDEN).values_list("name", flat=True))


# --- The site's own ----------------------------------------------------------------------------------------


def job_of_key(key: str) -> Job | None:
    """The job of that primary key, which a form of the visitor's own made before; None if it is gone."""
    return Job.objects.filter(pk=key).first() if key else None


def count_attempts(purpose: str, keys: Collection[str], *, since: datetime) -> dict[str, int]:
    """Count one attempt for each key, forget those of days ago, and say how many there were since (aware)."""
    Attempt.objects.filter(at__lt=since - timedelta(days=1)).delete()
    Attempt.objects.bulk_create(Attempt(purpose=purpose, key=key) for key in keys)
    recent = Attempt.objects.filter(purpose=purpose, key__in=keys, at__gt=since).values_list("key")
    return dict(recent.annotate(times=Count("pk")).order_by())
