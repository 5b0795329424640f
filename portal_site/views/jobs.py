"""Jobs: the list, one job, calling one off."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts.asked import offered
from audit.headers import file_header
from audit.spreadsheet import csv_lines
from console.errors import Refused
from jobs.models import ChangeRequest, Job, JobFile
from jobs.pdf import job_sheet
from jobs.services import ask_to_cancel_job, past_cutoff
from portal_site import access
from portal_site.access import portal_page
from portal_site.forms import CancelForm
from portal_site.job_list import SORTS, as_rows, read_wish
from portal_site.map_spots import job_spot, worker_spot
from portal_site.reading import Sheet, sheet_of

PER_PAGE = 20


@require_safe
@portal_page(permission="view_jobs")
def job_list(request: HttpRequest) -> HttpResponse:
    """What is ahead, or what is past; searched, page by page, all of it in the address."""
    wish = read_wish(request.GET)
    page = Paginator(wish.apply(access.jobs(request)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "jobs": access.with_workers(request, page.object_list),
        "wish": wish,
        "past": wish.past,
        "words": wish.words,
        "kinds": list(access.templates(request)),
        "statuses": wish.statuses,
        "sorts": SORTS.items(),
        "may_create": access.may(request, "create_jobs"),
        "several": access.account(request) is None,
    }
    partial = request.headers.get("HX-Target") == "results"
    name = "partials/job_results.html" if partial else "pages/jobs.html"
    response = render(request, f"portal_site/{name}", context)
    response["Vary"] = "HX-Request"
    return response


@require_safe
@portal_page(permission="view_jobs")
def export_jobs(request: HttpRequest) -> HttpResponseBase:
    """What the list shows, all pages of it, as a CSV file."""
    found = read_wish(request.GET).apply(access.jobs(request))
    rows = as_rows(found, access.rights(request))
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    name = _("jobs %s") % timezone.localdate().isoformat()
    response["Content-Disposition"] = file_header(f"{name}.csv", to_keep=True)
    return response


@require_safe
@portal_page(permission="view_jobs")
def print_job(request: HttpRequest, number: str) -> HttpResponse:
    """One job on paper."""
    return on_paper(access.job_or_404(request, number))


def on_paper(job: Job) -> HttpResponse:
    """A job's sheet as a PDF, with what its customer may see."""
    response = HttpResponse(job_sheet(job, for_customer=True), content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{job.number}.pdf", to_keep=False)
    return response


def sheet(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What a job's page shows, for a portal user and for a guest alike."""
    link = access.guest_link(request)

    def address_of(file: JobFile) -> str:
        if link is not None:
            return reverse("portal_site:guest_file", args=[link.token, file.reference])
        return reverse("portal_site:job_file", args=[job.number, file.reference])

    facts = access.events(job), access.change_requests(job), access.files(job)
    read: Sheet = sheet_of(job, access.rights(request), *facts, address_of=address_of)
    may_cancel = access.may(request, "cancel_jobs", job) and job.is_open
    asked = any(r.kind == ChangeRequest.Kind.CANCEL and r.state == "waiting" for r in read.requests)
    return {
        "sheet": read,
        "job": job,
        "spot": job_spot(job) if access.may(request, "view_map", job) else None,
        "worker_spot": worker_spot(job, access.worker_places(request, [job]).get(job.pk)),
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "may_cancel": may_cancel and not asked,
        "may_set_alerts": bool(
            job.is_open and access.may(request, "set_alerts", job) and offered(access.settings(request))
        ),
        "may_edit": access.may(request, "edit_jobs", job) and job.is_open,
        "change_is_request": past_cutoff(job, "change", access.settings(request)),
        "cancel_is_request": past_cutoff(job, "cancel", access.settings(request)),
    }


@require_safe
@portal_page(permission="view_jobs")
def job(request: HttpRequest, number: str) -> HttpResponse:
    """One job."""
    found = access.job_or_404(request, number)
    context = sheet(request, found) | _ways(request, found) | {"list_url": _list_she_came_from(request, found)}
    return render(request, "portal_site/pages/job.html", context)


def _ways(request: HttpRequest, job: Job) -> dict[str, str]:
    """Where the buttons of a job's page lead."""
    urls = {
        "status_url": reverse("portal_site:job_status", args=[job.number]),
        "cancel_url": reverse("portal_site:cancel_job", args=[job.number]),
        "edit_url": reverse("portal_site:edit_job", args=[job.number]),
        "print_url": reverse("portal_site:print_job", args=[job.number]),
        "alerts_url": reverse("portal_site:job_alerts", args=[job.number]),
    }
    if job.template and job.template.archived_at is None and access.may(request, "create_jobs", job):
        urls["again_url"] = f"{reverse('portal_site:new_job', args=[job.template.slug])}?again={job.number}"
    return urls


def _list_she_came_from(request: HttpRequest, job: Job) -> str:
    """The list with search, filter and page as she left it; else the list the job stands in."""
    jobs_list = reverse("portal_site:jobs")
    before = urlsplit(request.headers.get("Referer", ""))
    if before.path == jobs_list and before.netloc == request.get_host():
        return f"{jobs_list}?{before.query}" if before.query else jobs_list
    return jobs_list if job.is_open else f"{jobs_list}?when=past"


@require_safe
@portal_page(permission="view_jobs")
def job_status(request: HttpRequest, number: str) -> HttpResponse:
    """The part of a job's page that changes while she looks at it."""
    found = access.job_or_404(request, number)
    return render(request, "portal_site/partials/job_status.html", sheet(request, found) | _ways(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(permission="view_jobs")
def cancel_job(request: HttpRequest, number: str) -> HttpResponse:
    """Asks why, and calls the job off; after the cut-off it becomes a request to the office."""
    found = access.job_or_404(request, number)
    back = reverse("portal_site:job", args=[found.number])
    done = cancelling(request, found, back)
    return done if isinstance(done, HttpResponse) else redirect(back)


def cancelling(request: HttpRequest, job: Job, back: str) -> HttpResponse | Job | ChangeRequest:
    """The page that asks why, or what became of the job. For a portal user and for a guest alike."""
    access.insist(request, "cancel_jobs", job)
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing to cancel.") % job.number)
        return redirect(back)
    form = CancelForm(access.cancellation_reasons(), request.POST if request.method == "POST" else None)
    late = past_cutoff(job, "cancel", access.settings(request))
    if form.is_valid():
        by = access.person(request)
        try:
            done = ask_to_cancel_job(job, by=by.user if by else None, reason=form.reason_given)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(done))
            return done
    context = {"form": form, "job": job, "late": late, "back": back, "hours": _hours(request)}
    return render(request, "portal_site/pages/cancel_job.html", context)


def _said(done: Job | ChangeRequest) -> str:
    if isinstance(done, Job):
        return _("%s is cancelled.") % done.number
    return _("We have your request to cancel. It is not cancelled yet: we will answer you.")


def _hours(request: HttpRequest) -> int:
    return access.settings(request).cancel_cutoff_hours
