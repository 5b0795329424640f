"""The first page, her account, and the switch between her customers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.known_browsers import remember
from accounts.services.invitations import end_sessions
from accounts.services.languages import choose_language
from accounts.services.zones import choose_zone
from console.errors import Refused
from console.keys import is_key
from console.reader import UNLIMITED
from jobs.choices import JobStatus
from jobs.models import ChangeRequest, Job
from permissions.effective import sheet_of
from permissions.services.portal_users import save_portal_user
from portal_site import access
from portal_site.access import portal_page
from portal_site.context import MENU_HOLDS
from portal_site.forms import DetailsForm
from portal_site.own_rights import own_rights

SHOWN = 5
# So long the office's answer to a request stands on the first page.
ANSWER_IS_NEWS = timedelta(days=3)


def _is_today(job: Job) -> bool:
    under_way = job.status in (JobStatus.STARTED, JobStatus.PAUSED)
    today = timezone.localdate()
    return under_way or (job.planned_start is not None and timezone.localdate(job.planned_start) == today)


@require_safe
@portal_page()
def home(request: HttpRequest) -> HttpResponse:
    """What needs me, what is next."""
    found: list[Job] = []
    asked: list[ChangeRequest] = []
    sees_jobs = access.may(request, "view_jobs")
    if sees_jobs:
        ahead = access.jobs(request).open().order_by(F("planned_start").asc(nulls_last=True), "-id")
        found = access.with_workers(request, ahead[: 4 * SHOWN])
        asked = list(access.requests_that_matter(request, since=timezone.now() - ANSWER_IS_NEWS)[:SHOWN])
    today = [job for job in found if _is_today(job)]
    context = {
        "today": today,
        "asked": asked,
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
    """Her details, her customers and what she may do for each, her colleagues, her password."""
    known = access.rights(request)
    names = {customer.pk: customer.name for customer in access.customers(request)[: 2 * MENU_HOLDS]}
    sheet = sheet_of(access.person(request), UNLIMITED, known, names)
    columns = [names[customer] for customer in known.links if customer in names]
    context = {
        "rights": own_rights(sheet.permissions, known.settings),
        "columns": columns if 1 < len(columns) <= 3 else [],
        "kinds": list(access.templates(request)),
        "manages": access.may(request, "manage_colleagues"),
        "acts_for_all": known.acts_for_any_customer,
    }
    return render(request, "portal_site/pages/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page()
def change_details(request: HttpRequest) -> HttpResponse:
    """Her name and telephone number. Her address is her login: the office changes it."""
    person: Any = access.person(request)
    user = person.user
    begin = {"name": user.full_name, "phone": user.phone, "language": user.language, "time_zone": user.time_zone}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=begin)
    if form.is_valid():
        said = form.cleaned_data
        try:
            save_portal_user(person, name=said["name"], email=user.email, phone=said["phone"], by=user)
            choose_language(user, said["language"], by=user)
            choose_zone(user, said["time_zone"], by=user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            with translation.override(user.language or get_language()):
                messages.success(request, _("Your details are saved."))
            return redirect("portal_site:me")
    return render(request, "portal_site/pages/change_details.html", {"form": form})


@require_POST
@portal_page()
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Ends every other session of hers, on a lost telephone for one; this one goes on."""
    user: Any = request.user
    end_sessions(user)
    update_session_auth_hash(request, user)
    remember(request, user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("portal_site:me")


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
        customer = access.customers(request).filter(pk=chosen).first() if is_key(chosen) else None
        if customer is None:
            raise Http404
    access.switch_account(request, customer)
    messages.info(request, _("You now see %s.") % customer if customer else _("You now see all your accounts."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("portal_site:home")
    return redirect(back)
