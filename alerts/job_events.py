"""What people are told of jobs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from alerts.catalogue import JOB_EVENTS
from alerts.models import Alert, Delivery
from alerts.sources import EventSource, SampleRecord, facts_of
from alerts.subjects import JobSubject, Subject
from alerts.tokens import Facts
from audit.events import RecordedEvent
from business.models import PortalSettings
from console.kit import shown_to
from jobs.choices import EventKind
from jobs.link_in_text import names_link
from jobs.models import Job, JobEvent, PortalLink
from jobs.models.payloads import PAYLOADS, WorkPayload


class JobEvents(EventSource):
    """What happens to jobs."""

    model = JobEvent
    kinds = EventKind
    events = JOB_EVENTS
    payloads = PAYLOADS
    loads = ("job__customer", "job__template", "job__worker")

    def subjects(self, events: Sequence[RecordedEvent]) -> dict[int, Subject]:
        ours = [event for event in events if isinstance(event, JobEvent)]
        links = live_links({event.job_id: event.job for event in ours}.values())
        about = {event.job_id: JobSubject(event.job, links.get(event.job_id)) for event in ours}
        return {event.pk: about[event.job_id] for event in ours}

    def why_over(self, event: RecordedEvent, subject: Subject, delivery: Delivery) -> str:
        assert isinstance(event, JobEvent)
        return event.payload.why_over(event.job) or _why_told_anew(event) or _why_link_is_dead(event, delivery)

    def remove_lost(self, keys: Collection[int]) -> None:
        # docs/decisions/0022-writing-in-sets.md
        jobs = Job.objects.filter(pk=OuterRef("job_id"))
        JobEvent.objects.unannounced().filter(~Exists(jobs), pk__in=keys).delete()

    def samples(self, user: User | AnonymousUser, alert: Alert | None) -> list[SampleRecord]:
        return [
            SampleRecord(job.number, f"{job.number} · {job.service} · {job.customer}", job.contact_email)
            for job in recent_jobs(user, alert)
        ]

    def sample_facts(self, kind: str, key: str, user: User | AnonymousUser, settings: PortalSettings) -> Facts | None:
        jobs = shown_to(Job.objects.select_related("customer", "template", "worker"), user)
        job = jobs.filter(number=key).first()
        return sample_facts(kind, job, settings) if job is not None else None


def recent_jobs(user: User | AnonymousUser, alert: Alert | None = None, limit: int = 25) -> list[Job]:
    """The newest jobs somebody may see, to try an alert on; those it is about, if there are any."""
    jobs = shown_to(Job.objects.all(), user).select_related("customer", "template", "worker").order_by("-id")
    if alert is not None and alert.pk:
        fitting = jobs
        if templates := list(alert.templates.values_list("pk", flat=True)):
            fitting = fitting.filter(template__in=templates)
        if customers := list(alert.customers.values_list("pk", flat=True)):
            fitting = fitting.filter(customer__in=customers)
        if labels := list(alert.labels.values_list("pk", flat=True)):
            fitting = fitting.filter(customer__in=Customer.objects.filter(labels__in=labels))
        if found := list(fitting[:limit]):
            return found
    return list(jobs[:limit])


def _why_told_anew(event: JobEvent) -> str:
    """The work was interrupted again since: the newest message says how it stands."""
    if not isinstance(event.payload, WorkPayload):
        return ""
    newer = JobEvent.objects.filter(job_id=event.job_id, kind=event.kind, pk__gt=event.pk)
    return _("It has happened again since.") if newer.exists() else ""


def _why_link_is_dead(event: JobEvent, delivery: Delivery) -> str:
    """Why the portal link that a message names no longer opens; empty where one does, or none did when it was written.

    What tells of a job's end names a link that died of it.
    """
    if not (names_link(delivery.subject) or names_link(delivery.body)):
        return ""
    job, written = event.job, delivery.created_at
    links = list(PortalLink.objects.filter(job=job).order_by("pk"))
    for link in links:
        link.job = job
    if any(link.dead_by is None for link in links):
        return ""
    then = [
        link
        for link in links
        if link.made_at <= written
        and (link.expires_at is None or link.expires_at > written)
        and (link.revoked_at is None or link.revoked_at > written)
    ]
    if not then or (not job.is_open and (event.payload.outlives_the_job or _was_over(event))):
        return ""
    return _("Its portal link no longer opens (%s).") % then[-1].why_dead


def _was_over(event: JobEvent) -> bool:
    """Was the job over before that happened?"""
    ends = (EventKind.COMPLETED, EventKind.CANCELLED)
    return JobEvent.objects.filter(job=event.job_id, kind__in=ends, pk__lt=event.pk).exists()


def live_links(jobs: Iterable[Job]) -> dict[int, PortalLink]:
    """The newest portal link of each job that still opens, by the job's primary key: one query."""
    alive = PortalLink.objects.alive().filter(job__in=[job.pk for job in jobs]).order_by("pk")
    return {link.job_id: link for link in alive}


def sample_facts(kind: str, job: Job, settings: PortalSettings) -> Facts:
    """What a job (with customer, template, worker loaded) says for a preview: its last event of that kind, or none."""
    event = job.events.filter(kind=kind).last()
    subject = JobSubject(job, live_links([job]).get(job.pk))
    return Facts(subject, settings, at=timezone.now()) if event is None else facts_of(event, subject, settings)
