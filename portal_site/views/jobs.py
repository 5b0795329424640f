"""Jobs: the list, one job, calling one off."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alerts.job_alerts import offered
from audit.conventions import CONVENTIONS, usual_convention
from audit.headers import file_header
from console.errors import Refused
from jobs.models import ChangeRequest, Job
from jobs.pdf import job_sheet
from jobs.services import ask_to_cancel_job, past_cutoff
from portal_site import records
from portal_site.doors import READ_OR_SEND, Door, job_page, portal_page
from portal_site.forms import CancelForm
from portal_site.job_list import SORTS, as_rows, read_filter
from portal_site.lists import PER_PAGE, csv_file, left_out_page
from portal_site.map_spots import job_spot, worker_spot
from portal_site.reading import job_details_of
from portal_site.visitor import PortalRequest, Visitor


@require_safe
@portal_page(permission="view_jobs")
def job_list(request: PortalRequest) -> HttpResponse:
    """What is ahead, or what is past; searched, page by page, all of it in the address."""
    visitor = request.visitor
    chosen = read_filter(request.GET)
    page = Paginator(chosen.apply(visitor.jobs()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "jobs": visitor.listed(page.object_list),
        "chosen": chosen,
        "left_out": [*chosen.left_out, *left_out_page(request.GET.get("page", ""), page.number)],
        "past": chosen.past,
        "words": chosen.words,
        "kinds": list(visitor.templates()),
        "statuses": chosen.statuses,
        "sorts": SORTS.items(),
        "may_create": visitor.may_order(),
        "several": visitor.account is None,
        "other_ways": [one for one in CONVENTIONS.values() if one != usual_convention()],
    }
    partial = request.headers.get("HX-Target") == "results"
    name = "partials/job_results.html" if partial else "pages/jobs.html"
    response = render(request, f"portal_site/{name}", context)
    response["Vary"] = "HX-Request"
    return response


@require_safe
@portal_page(permission="view_jobs")
def export_jobs(request: PortalRequest) -> HttpResponseBase:
    """What the list shows, all pages of it, as a CSV file: written as the reader's language has it, or as asked for.

    Where something was left out of the address there is none: it would hold more than was asked for. The list says
    what.
    """
    chosen = read_filter(request.GET)
    if chosen.left_out:
        return redirect(f"{reverse('portal_site:jobs')}?{request.GET.urlencode()}")
    rows = as_rows(chosen.apply(request.visitor.jobs()), request.visitor)
    return csv_file(rows, _("jobs %s"), request.GET.get("convention"))


@job_page()
def job(request: PortalRequest, door: Door) -> HttpResponse:
    """One job."""
    return render(request, "portal_site/pages/job.html", _sheet(request.visitor, door))


@job_page()
def job_status(request: PortalRequest, door: Door) -> HttpResponse:
    """The part of a job's page that changes while somebody looks at it."""
    return render(request, "portal_site/partials/job_status.html", _sheet(request.visitor, door))


def _sheet(visitor: Visitor, door: Door) -> dict[str, object]:
    """What a job's page shows, and where it leads."""
    job = door.job
    sheet = job_details_of(
        job,
        visitor.rights,
        records.events(job),
        records.change_requests(job),
        records.files(job),
        address_of=lambda file: door.address("file", file.reference),
    )
    may_cancel = visitor.may("cancel_jobs", job) and job.is_open
    waits = any(r.kind == ChangeRequest.Kind.CANCEL and r.state == "waiting" for r in sheet.requests)
    return {
        "sheet": sheet,
        "job": job,
        "spot": job_spot(job) if visitor.may("view_map", job) else None,
        "worker_spot": worker_spot(job, visitor.worker_places([job]).get(job.pk)),
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
        "may_cancel": may_cancel and not waits,
        "may_set_alerts": bool(job.is_open and visitor.may("set_alerts", job) and offered(visitor.settings)),
        "may_edit": visitor.may("edit_jobs", job) and job.is_open,
        "change_is_request": past_cutoff(job, "change", visitor.settings),
        "cancel_is_request": past_cutoff(job, "cancel", visitor.settings),
        **door.links(),
    }


@job_page()
def print_job(request: PortalRequest, door: Door) -> HttpResponse:
    """One job as a PDF, with what its customer may see."""
    response = HttpResponse(job_sheet(door.job, for_customer=True), content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{door.job.number}.pdf", to_keep=False)
    return response


@job_page(READ_OR_SEND)
def cancel_job(request: PortalRequest, door: Door) -> HttpResponse:
    """Asks why, and calls the job off; after the cut-off it becomes a request to the office."""
    visitor, job, back = request.visitor, door.job, door.address("job")
    visitor.require("cancel_jobs", job)
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing to cancel.") % job.number)
        return redirect(back)
    form = CancelForm(records.cancellation_reasons(), request.POST if request.method == "POST" else None)
    late = past_cutoff(job, "cancel", visitor.settings)
    if form.is_valid():
        try:
            done = ask_to_cancel_job(job, by=door.by, reason=form.reason_given)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _cancelled(request, door, done)
    hours = visitor.settings.cancel_cutoff_hours
    context = {"form": form, "job": job, "late": late, "back": back, "hours": hours}
    return render(request, "portal_site/pages/cancel_job.html", context)


def _cancelled(request: PortalRequest, door: Door, done: Job | ChangeRequest) -> HttpResponse:
    if not isinstance(done, Job):
        messages.success(request, _("We have your request to cancel. It is not cancelled yet: we will answer you."))
        return redirect(door.address("job"))
    messages.success(request, _("%s is cancelled.") % done.number)
    if door.closes_with_job:
        # The way back is gone: this page is the last word.
        return render(request, "portal_site/pages/link_ended.html", {"cancelled": done})
    return redirect(door.address("job"))
