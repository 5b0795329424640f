"""The first page, one's own account, and the switch between one's customers."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.known_browsers import remember_browser
from accounts.services.invitations import end_sessions
from accounts.services.languages import choose_language
from accounts.services.zones import choose_zone
from console.errors import Refused
from console.keys import is_key
from console.reader import UNLIMITED
from jobs.choices import JobStatus
from jobs.models import ChangeRequest, Job
from permissions.effective import effective_rights_of
from permissions.services.portal_users import save_portal_user
from portal_site.context import MENU_HOLDS
from portal_site.doors import READ_OR_SEND, portal_page
from portal_site.forms import DetailsForm
from portal_site.money_reading import owed
from portal_site.own_rights import own_rights
from portal_site.visitor import ListedJob, PortalRequest

SHOWN = 5
# So long the office's answer to a request stands on the first page.
ANSWER_IS_NEWS = timedelta(days=3)


def _is_today(job: Job) -> bool:
    under_way = job.status in (JobStatus.STARTED, JobStatus.PAUSED)
    today = timezone.localdate()
    return under_way or (job.planned_start is not None and timezone.localdate(job.planned_start) == today)


@require_safe
@portal_page()
def home(request: PortalRequest) -> HttpResponse:
    """What needs me, what is next."""
    visitor = request.visitor
    found: list[ListedJob] = []
    change_requests: list[ChangeRequest] = []
    sees_jobs = visitor.may("view_jobs")
    if sees_jobs:
        upcoming = visitor.jobs().open().order_by(F("planned_start").asc(nulls_last=True), "-id")
        found = visitor.listed(upcoming[: 4 * SHOWN])
        change_requests = list(visitor.change_requests(since=timezone.now() - ANSWER_IS_NEWS)[:SHOWN])
    today = [row for row in found if _is_today(row.job)]
    context = {
        "today": today,
        "change_requests": change_requests,
        "next_jobs": [row for row in found if row not in today][:SHOWN],
        "sees_jobs": sees_jobs,
        "is_linked": bool(visitor.rights.links) or visitor.rights.acts_for_any_customer,
        "kinds": list(visitor.templates_to_order()) if visitor.may_order() else [],
        "only_archived": visitor.only_archived(),
        "several": visitor.account is None,
        "owed": owed(visitor.invoices()) if visitor.may("view_invoices") else [],
    }
    return render(request, "portal_site/pages/home.html", context)


@require_safe
@portal_page()
def me(request: PortalRequest) -> HttpResponse:
    """One's details, customers and what one may do for each, colleagues, password."""
    visitor = request.visitor
    rights = visitor.rights
    names = {customer.pk: customer.name for customer in visitor.customers()[: 2 * MENU_HOLDS]}
    sheet = effective_rights_of(visitor.require_person(), UNLIMITED, rights, names)
    columns = [names[customer] for customer in rights.links if customer in names]
    context = {
        "rights": own_rights(sheet.permissions, rights.settings),
        "columns": columns if 1 < len(columns) <= 3 else [],
        "kinds": list(visitor.templates_to_order()),
        "manages": visitor.may("manage_colleagues"),
        "acts_for_all": rights.acts_for_any_customer,
    }
    return render(request, "portal_site/pages/me.html", context)


@require_http_methods(READ_OR_SEND)
@portal_page()
def change_details(request: PortalRequest) -> HttpResponse:
    """Name and telephone number. The address is the login: the office changes it."""
    person = request.visitor.require_person()
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
def sign_out_everywhere(request: PortalRequest) -> HttpResponse:
    """Ends every other session of theirs, on a lost telephone for one; this one goes on."""
    user = request.visitor.require_login()
    end_sessions(user)
    update_session_auth_hash(request, user)
    remember_browser(request, user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("portal_site:me")


@require_safe
@portal_page()
def accounts(request: PortalRequest) -> HttpResponse:
    """All one's customers, for people who have more than a menu holds; searched by name."""
    words = request.GET.get("q", "").strip()
    found = request.visitor.customers()
    if words:
        found = found.filter(name_search__contains=words)
    context = {"found": found[:50], "words": words, "next": request.GET.get("next", "")}
    return render(request, "portal_site/pages/accounts.html", context)


@require_POST
@portal_page()
def switch_account(request: PortalRequest) -> HttpResponse:
    """Shows one customer from now on, or all."""
    chosen = request.POST.get("account", "")
    customer = None
    if chosen != "all":
        customer = request.visitor.customers().filter(pk=chosen).first() if is_key(chosen) else None
        if customer is None:
            raise Http404
    request.visitor.switch_account(customer)
    messages.info(request, _("You now see %s.") % customer if customer else _("You now see all your accounts."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("portal_site:home")
    return redirect(back)
