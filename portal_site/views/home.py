"""The first page, her account, and the switch between her customers."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jobs.choices import JobStatus
from jobs.models import Job
from portal_site import access
from portal_site.access import portal_page

SHOWN = 5


def _is_today(job: Job) -> bool:
    under_way = job.status in (JobStatus.STARTED, JobStatus.PAUSED)
    today = timezone.localdate()
    return under_way or (job.planned_start is not None and timezone.localdate(job.planned_start) == today)


@require_safe
@portal_page()
def home(request: HttpRequest) -> HttpResponse:
    """What needs me, what is next."""
    found: list[Job] = []
    waiting: list[object] = []
    sees_jobs = access.may(request, "view_jobs")
    if sees_jobs:
        ahead = access.jobs(request).open().order_by(F("planned_start").asc(nulls_last=True), "-id")
        found = list(ahead[: 4 * SHOWN])
        waiting = list(access.waiting_requests(request)[:SHOWN])
    today = [job for job in found if _is_today(job)]
    context = {
        "today": today,
        "waiting": waiting,
        "next_jobs": [job for job in found if job not in today][:SHOWN],
        "sees_jobs": sees_jobs,
        "is_linked": bool(access.rights(request).links) or access.rights(request).acts_for_any_customer,
        "kinds": list(access.templates(request)) if access.may(request, "create_jobs") else [],
        "several": access.account(request) is None,
    }
    return render(request, "portal_site/pages/home.html", context)


@require_safe
@portal_page()
def me(request: HttpRequest) -> HttpResponse:
    """Her details, her customers, her password."""
    return render(request, "portal_site/pages/me.html")


@require_safe
@portal_page()
def accounts(request: HttpRequest) -> HttpResponse:
    """All her customers, for people who have more than a menu holds; searched by name."""
    words = request.GET.get("q", "").strip()
    found = access.customers(request)
    if words:
        found = found.filter(name__icontains=words)
    context = {"found": found[:50], "words": words, "next": request.GET.get("next", "")}
    return render(request, "portal_site/pages/accounts.html", context)


@require_POST
@portal_page()
def switch_account(request: HttpRequest) -> HttpResponse:
    """Shows one customer from now on, or all."""
    chosen = request.POST.get("account", "")
    customer = None
    if chosen != "all":
        customer = access.customers(request).filter(pk=chosen).first() if chosen.isdecimal() else None
        if customer is None:
            raise Http404
    access.switch_account(request, customer)
    messages.info(request, _("You now see %s.") % customer if customer else _("You now see all your accounts."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("portal_site:home")
    return redirect(back)
