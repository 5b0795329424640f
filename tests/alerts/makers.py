"""Small makers of alerts and of what happens to jobs."""

from __future__ import annotations

from typing import Any

from alerts.models import Alert, Delivery
from alerts.services import announce, new_alert
from jobs.choices import EventKind
from jobs.models import Job, JobEvent


def make_alert(kind: str = EventKind.CREATED, **facts: Any) -> Alert:
    """An alert in the catalogue's words; filters and people by their field names."""
    many = {name: facts.pop(name) for name in ("templates", "customers", "labels", "staff") if name in facts}
    alert = new_alert(kind, **({"name": f"{kind} {Alert.objects.count()}"} | facts))
    alert.full_clean()
    alert.save()
    for name, records in many.items():
        getattr(alert, name).set(records)
    return alert


def announced(job: Job) -> list[Delivery]:
    """Announces everything that happened to a job; its messages in order."""
    announce(list(JobEvent.objects.unannounced().filter(job=job).values_list("pk", flat=True)))
    return list(Delivery.objects.filter(job=job).order_by("pk"))
