"""Pages for who does not come in: the portal is off, the person is suspended, the link has ended."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accounts.choices import PortalUserState
from accounts.models import PortalUser, User
from audit.masking import holds_token
from jobs.models import Job
from portal_site.visitor import PortalRequest

_Response = TypeVar("_Response", bound=HttpResponseBase)

# --- Of a login --------------------------------------------------------------------------------------------


def turned_away(request: PortalRequest) -> HttpResponse | None:
    """What somebody gets who may not see any page that needs a login; None for who may."""
    visitor = request.visitor
    if not request.user.is_authenticated:
        return _sign_in_first(request)
    person = visitor.person
    if person is None:
        return render(request, "portal_site/pages/no_account.html", status=200 if request.user.is_staff else 403)
    if not visitor.rights.settings.portal_enabled:
        return portal_off(request)
    if not person.is_active:
        staff = request.user.is_staff
        if not staff:
            # Suspension ends the session, not only the visit.
            logout(request)
        return _suspended(request, person, staff=staff)
    return None


def _sign_in_first(request: PortalRequest) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("portal_site:login"))
    back = request.get_full_path()
    return redirect("portal_site:login") if holds_token(back) else redirect_to_login(back)


def portal_off(request: PortalRequest) -> HttpResponse:
    """The page of a portal that is switched off."""
    return render(request, "portal_site/pages/portal_off.html", status=403)


def _suspended(request: PortalRequest, person: PortalUser, *, staff: bool) -> HttpResponse:
    waiting = person.state in (PortalUserState.INVITED, PortalUserState.AWAITING)
    return render(request, "portal_site/pages/suspended.html", {"waiting": waiting, "is_staff": staff}, status=403)


# --- Of a portal link --------------------------------------------------------------------------------------


def unlisted(response: _Response) -> _Response:
    """The same page, marked so that no browser keeps it and no search engine lists it, as all pages of a link are.

    Other sites never hear of the link: the referrer policy of all pages is *same-origin*. A stricter one makes browsers
    hide where a form came from, and then the protection against forged forms refuses it.
    """
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    return response


def link_ended(request: PortalRequest) -> HttpResponse:
    """The page of a link that leads nowhere any more; a part of a page that asks makes the browser load the whole."""
    if request.htmx:
        return HttpResponseClientRefresh()
    return unlisted(render(request, "portal_site/pages/link_ended.html", status=410))


def staff_at_link(request: PortalRequest, staff: User, job: Job | None) -> HttpResponse:
    """What staff do at a link would be on record as a guest's: it is refused, and the console named.

    ``job``: what the link leads to, if anything; the way to it is told to who may see it.
    """
    console = reverse("admin:index")
    if job is not None and staff.has_perm("jobs.view_job", job):
        console = reverse("admin:jobs_job_change", args=[job.pk])
    context = {"who": staff.get_full_name() or staff.get_username(), "console_url": console}
    return unlisted(render(request, "portal_site/pages/guest_staff.html", context, status=403))


def too_many_tries(request: PortalRequest) -> HttpResponse:
    """The page of a link that got too many wrong answers."""
    return unlisted(render(request, "portal_site/pages/too_many_tries.html", status=429))
