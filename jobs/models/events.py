"""What happened to a job: facts, only ever added."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.events import RecordedEvent
from audit.models import _request_id  # noqa: F401  (old migrations name it here)
from console.scope import Scope, ScopedQuerySet, history_condition, reach_of
from jobs.choices import EventKind
from jobs.models.jobs import Job
from jobs.models.payloads import JobPayload, payload_of


class JobEventQuerySet(ScopedQuerySet["JobEvent"]):
    def unannounced(self) -> JobEventQuerySet:
        """Events that no alert has looked at yet."""
        return self.filter(announced_at__isnull=True)

    def told_to(self, user: User | AnonymousUser, job: Job) -> JobEventQuerySet:
        """Those of the job that this person may be told: since it hangs on what they may see, as in its history."""
        reach = reach_of(user)
        if not reach.limited:
            return self.filter(job=job)
        rows = Job.history.filter(id=job.pk)
        seen = rows.filter(history_condition(Job, user))
        foreign = rows.exclude(pk__in=seen.values("pk")).order_by("-history_id").first()
        if foreign is None:
            return self.filter(job=job)
        moved = rows.filter(history_id__gt=foreign.history_id).order_by("history_id").first()
        if moved is None:
            return self.none()
        return self.filter(Q(at__gt=moved.history_date) | Q(request_id=moved.request_id), job=job)


class JobEvent(RecordedEvent):
    """One fact about one job: the old and new time, the step, the reason."""

    job = models.ForeignKey(
        Job,
        models.CASCADE,
        related_name="events",
        verbose_name=_("job"),
        db_index=False,  # the first column of one below
        db_constraint=False,  # written and removed while the job is locked
    )
    kind = models.CharField(_("what"), max_length=30, choices=EventKind.choices)

    objects = JobEventQuerySet.as_manager()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("job event")
        verbose_name_plural = _("job events")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["job", "at"]),
            models.Index(fields=["id"], condition=Q(announced_at__isnull=True), name="jobs_event_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.at:%Y-%m-%d %H:%M})"

    @property
    def payload(self) -> JobPayload:
        """What the kind needs."""
        return payload_of(self.kind, self.data)

    @property
    def sentence(self) -> str:
        """It in words for the office: times, step, reason, fields. Costs no query."""
        return self.payload.for_office() or str(self.get_kind_display())
