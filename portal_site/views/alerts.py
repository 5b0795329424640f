"""Messages about one job: when, to whom, what they will say, and no more of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.zones import zone_name_of
from alerts.choices import JobAlertWhen
from alerts.job_alerts import MOST, offered, set_job_alert, stop_job_alert
from alerts.services import Words, preview_job_alerts
from console.errors import Refused
from jobs.link_in_text import read_with
from portal_site import records
from portal_site.alert_forms import JobAlertForm
from portal_site.doors import READ_OR_SEND, Door, job_page
from portal_site.visitor import PortalRequest


@job_page(READ_OR_SEND, permission="set_alerts")
def job_alerts(request: PortalRequest, door: Door) -> HttpResponse:
    """The messages about a job: list, form, preview."""
    visitor, job = request.visitor, door.job
    visitor.require("set_alerts", job)
    settings = visitor.settings
    moments = offered(settings)
    if not moments:
        raise Http404
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing left to tell.") % job.number)
        return redirect(door.address("job"))
    form = JobAlertForm(
        moments,
        request.POST if request.method == "POST" else None,
        texts=settings.sms_enabled,
        initial={"emails": door.by.email if door.by else job.contact_email},
    )
    if form.is_valid():
        try:
            made = set_job_alert(job, by=door.by, **form.said)
        except ValidationError as problems:
            form.add_problems(problems)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            told = ", ".join(one.address for one in made)
            messages.success(request, _("Messages about this job go to %s.") % told)
            return redirect(door.address("alerts"))
    said = preview_job_alerts(
        job,
        moments,
        settings,
        shows_worker=visitor.may("view_worker", job),
        language=door.by.language if door.by else "",
        zone=zone_name_of(door.by),
    )
    context = {
        "back": door.address("job"),
        "stop_url": door.address("stop_alert"),
        "form": form,
        "job": job,
        "most": MOST,
        "texts": settings.sms_enabled,
        "previews": [_preview(moment, said[moment]) for moment in moments],
        "standing": records.job_alerts(job, by=door.by),
    }
    return render(request, "portal_site/pages/job_alerts.html", context)


@job_page(("POST",), permission="set_alerts")
def stop_alert(request: PortalRequest, door: Door) -> HttpResponse:
    """No more of one of them."""
    request.visitor.require("set_alerts", door.job)
    alert = records.job_alert_or_404(door.job, by=door.by, reference=request.POST.get("which", ""))
    stop_job_alert(alert, by=door.by)
    messages.success(request, _("No more messages about this job to %s.") % alert.address)
    return redirect(door.address("alerts"))


def _preview(moment: JobAlertWhen, words: Words) -> dict[str, str]:
    # The portal link in it opens the job to whoever reads it: the page that shows it is not the place.
    hidden = {name: read_with(getattr(words, name), "") for name in ("subject", "message", "sms")}
    return {"when": str(moment.label)} | hidden
