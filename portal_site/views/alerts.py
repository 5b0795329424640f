"""Messages about one job: when, to whom, what they will say, and no more of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from alerts.asked import MOST, offered, set_job_alert, stop_job_alert
from alerts.choices import JobAlertWhen
from alerts.services import Words, preview_job_alerts
from console.errors import Refused
from jobs.link_in_text import read_with
from jobs.models import Job
from portal_site import access
from portal_site.access import portal_page
from portal_site.alert_forms import JobAlertForm


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(permission="set_alerts")
def job_alerts(request: HttpRequest, number: str) -> HttpResponse:
    """Her messages about one job, and more of them."""
    found = access.job_or_404(request, number)
    here = reverse("portal_site:job_alerts", args=[found.number])
    return alerting(
        request,
        found,
        {
            "here": here,
            "back": reverse("portal_site:job", args=[found.number]),
            "stop_url": reverse("portal_site:stop_job_alert", args=[found.number]),
        },
    )


@require_POST
@portal_page(permission="set_alerts")
def stop_one(request: HttpRequest, number: str) -> HttpResponse:
    """No more of one of them."""
    found = access.job_or_404(request, number)
    return stopping(request, found, reverse("portal_site:job_alerts", args=[found.number]))


def alerting(request: HttpRequest, job: Job, urls: dict[str, str]) -> HttpResponse:
    """The page of the messages about a job: list, form, preview. For a portal user and for a guest alike."""
    access.insist(request, "set_alerts", job)
    settings = access.settings(request)
    moments = offered(settings)
    if not moments:
        raise Http404
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing left to tell.") % job.number)
        return redirect(urls["back"])
    form = JobAlertForm(
        moments,
        request.POST if request.method == "POST" else None,
        texts=settings.sms_enabled,
        initial={"emails": _own_address(request, job)},
    )
    if form.is_valid():
        try:
            made = set_job_alert(job, by=_by(request), **form.said)
        except ValidationError as problems:
            form.add_problems(problems)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            told = ", ".join(one.address for one in made)
            messages.success(request, _("Messages about this job go to %s.") % told)
            return redirect(urls["here"])
    asker = _by(request)
    said = preview_job_alerts(
        job,
        moments,
        settings,
        shows_worker=access.may(request, "view_worker", job),
        language=getattr(asker, "language", ""),
        zone=getattr(asker, "time_zone", "") or getattr(asker, "browser_zone", ""),
    )
    context = urls | {
        "form": form,
        "job": job,
        "most": MOST,
        "texts": settings.sms_enabled,
        "previews": [_preview(moment, said[moment]) for moment in moments],
        "standing": access.job_alerts(job, by=_by(request)),
    }
    return render(request, "portal_site/pages/job_alerts.html", context)


def stopping(request: HttpRequest, job: Job, here: str) -> HttpResponse:
    """Takes one address away from a job. For a portal user and for a guest alike."""
    access.insist(request, "set_alerts", job)
    alert = access.job_alert_or_404(job, by=_by(request), reference=request.POST.get("which", ""))
    stop_job_alert(alert, by=_by(request))
    messages.success(request, _("No more messages about this job to %s.") % alert.address)
    return redirect(here)


def _preview(moment: JobAlertWhen, words: Words) -> dict[str, Any]:
    # The portal link in it opens the job to whoever reads it: the page that shows it is not the place.
    hidden = {name: read_with(getattr(words, name), "") for name in ("subject", "message", "sms")}
    return {"when": moment.label} | hidden


def _by(request: HttpRequest) -> Any:
    someone = access.person(request)
    return someone.user if someone else None


def _own_address(request: HttpRequest, job: Job) -> str:
    someone = access.person(request)
    return someone.user.email if someone else job.contact_email
