"""The cards beside a job that jobs itself knows nothing of."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from alerts.choices import DELIVERY_STATE_COLOURS, DeliveryState
from alerts.models import Delivery, JobAlert
from jobs.admin.panels import Panel
from jobs.models import Job

SHOWN = 12


def messages_of(request: HttpRequest, job: Job) -> Panel | None:
    """What was sent about a job, to whom, and what became of it; for those who may read the ledger."""
    if not request.user.has_perm("alerts.view_delivery"):
        return None
    found = Delivery.objects.visible_to(request.user).filter(job=job).order_by("-id")[: SHOWN + 1]
    rows = [{"delivery": row, "state_colour": DELIVERY_STATE_COLOURS[DeliveryState(row.state)]} for row in found]
    job_alerts = JobAlert.objects.visible_to(request.user).filter(job=job).select_related("made_by")
    context = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "job": job, "job_alerts": job_alerts}
    return Panel(_("Messages"), render_to_string("console/job_messages.html", context, request=request))
