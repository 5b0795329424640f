"""The portal link: one question, then one job."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from audit.act import Road, acting
from jobs.models import Job, PortalLink
from permissions.resolver import decide
from portal_site import access
from portal_site import guest as doorkeeper
from portal_site.forms import AnswerForm, GuestCodeForm
from portal_site.guest import Door, Outcome
from portal_site.views import alerts as alert_pages
from portal_site.views import jobs as job_pages
from portal_site.views import orders

SAFE = ("GET", "HEAD")
GuestView = Callable[..., HttpResponse]


def _behind_the_door(view: GuestView) -> GuestView:
    """A page only for who has proved herself at this link, while it is alive: asked anew on every request."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: str) -> HttpResponse:
        if not access.settings(request).portal_enabled:
            return access.portal_off(request)
        door = doorkeeper.knock(token)
        if not doorkeeper.has_proved(request, door):
            return redirect("portal_site:guest", token=token)
        if not door.is_open:
            return _ended(request)
        if request.method not in SAFE and request.user.is_staff:
            return _staff(request, door)
        doorkeeper.enter(request, door)
        with acting(road=Road.LINK, actor="Guest"):
            return _unseen(view(request, door, **kwargs))

    return guarded


def _unseen(response: HttpResponse) -> HttpResponse:
    """Nothing of a link's pages is kept by the browser, or found by a search engine.

    Other sites never hear of the link: the referrer policy of all pages is *same-origin*. A stricter one makes browsers
    hide where a form came from, and then the protection against forged forms refuses it.
    """
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    return response


def _staff(request: HttpRequest, door: Door) -> HttpResponse:
    """What a member of staff does at a link would be on record as a guest's: it is refused, and the console named."""
    user: Any = request.user
    job = door.link.job if door.link else None
    console = reverse("admin:index")
    if job is not None and user.has_perm("jobs.view_job", job):
        console = reverse("admin:jobs_job_change", args=[job.pk])
    context = {"who": user.get_full_name() or user.get_username(), "console_url": console}
    return _unseen(render(request, "portal_site/pages/guest_staff.html", context, status=403))


def _ended(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        # The page asked behind her back: let her see the whole of it.
        return HttpResponseClientRefresh()
    return _unseen(render(request, "portal_site/pages/link_ended.html", status=410))


@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """Asks the one question; shows the job to who has answered it."""
    if not access.settings(request).portal_enabled:
        return access.portal_off(request)
    door = doorkeeper.knock(token)
    if request.method != "POST":
        if doorkeeper.has_proved(request, door):
            return _job(request, door) if door.is_open else _ended(request)
        if request.user.is_staff:
            # Before the question: what they answer would be refused.
            return _staff(request, door)
        if doorkeeper.awaits_code(request, door):
            return _ask_code(request, GuestCodeForm())
        return _ask(request, AnswerForm(door.question))
    if request.user.is_staff:
        return _staff(request, door)
    if "again" in request.POST and doorkeeper.awaits_code(request, door):
        doorkeeper.forget_code(request, door)
        return _unseen(redirect("portal_site:guest", token=token))
    if "code" in request.POST and doorkeeper.awaits_code(request, door):
        return _try_code(request, door)
    form = AnswerForm(door.question, request.POST)
    if not form.is_valid():
        return _ask(request, form)
    outcome = doorkeeper.prove(request, door, form.cleaned_data["answer"])
    if outcome in (Outcome.RIGHT, Outcome.CODE_SENT):
        return _unseen(redirect("portal_site:guest", token=token))
    if outcome is Outcome.NO_CODE:
        return _unseen(render(request, "portal_site/pages/no_code.html", status=403))
    if outcome is Outcome.TOO_MANY:
        return _unseen(render(request, "portal_site/pages/too_many_tries.html", status=429))
    return _ask(request, form, wrong=True, status=403)


def _try_code(request: HttpRequest, door: Door) -> HttpResponse:
    form = GuestCodeForm(request.POST)
    if not form.is_valid():
        return _ask_code(request, form)
    outcome = doorkeeper.prove_by_code(request, door, form.cleaned_data["code"])
    if outcome is Outcome.RIGHT:
        return _unseen(redirect("portal_site:guest", token=door.token))
    if outcome is Outcome.TOO_MANY:
        return _unseen(render(request, "portal_site/pages/too_many_tries.html", status=429))
    form.add_error("code", _("This is not the code we sent. Look at the newest message."))
    return _ask_code(request, form, status=403)


def _ask_code(request: HttpRequest, form: GuestCodeForm, *, status: int = 200) -> HttpResponse:
    return _unseen(render(request, "portal_site/pages/guest_code.html", {"form": form}, status=status))


def _ask(request: HttpRequest, form: AnswerForm, *, wrong: bool = False, status: int = 200) -> HttpResponse:
    context = {"form": form, "wrong": wrong}
    return _unseen(render(request, "portal_site/pages/guest_ask.html", context, status=status))


def _job(request: HttpRequest, door: Door) -> HttpResponse:
    link = door.link
    assert link is not None
    doorkeeper.enter(request, door)
    if not decide(access.rights(request), "view_jobs", link.job):
        return _unseen(render(request, "portal_site/pages/403.html", status=403))
    return _unseen(render(request, "portal_site/pages/job.html", job_pages.sheet(request, link.job) | _ways(link)))


def _ways(link: PortalLink) -> dict[str, str]:
    """Where the buttons of the job's page lead."""
    return {
        "status_url": reverse("portal_site:guest_status", args=[link.token]),
        "cancel_url": reverse("portal_site:guest_cancel", args=[link.token]),
        "edit_url": reverse("portal_site:guest_edit", args=[link.token]),
        "print_url": reverse("portal_site:guest_print", args=[link.token]),
        "alerts_url": reverse("portal_site:guest_alerts", args=[link.token]),
    }


@require_safe
@_behind_the_door
def guest_status(request: HttpRequest, door: Door) -> HttpResponse:
    """The part of the job's page that changes while she looks at it."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    return render(request, "portal_site/partials/job_status.html", job_pages.sheet(request, link.job) | _ways(link))


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_the_door
def guest_cancel(request: HttpRequest, door: Door) -> HttpResponse:
    """Calls the job off, or asks for it. With the job its link dies, so this page is the last word."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    back = reverse("portal_site:guest", args=[link.token])
    done = job_pages.cancelling(request, link.job, back)
    if isinstance(done, HttpResponse):
        return done
    if isinstance(done, Job):
        return render(request, "portal_site/pages/link_ended.html", {"cancelled": done})
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_the_door
def guest_edit(request: HttpRequest, door: Door) -> HttpResponse:
    """Changes the job, or asks for it."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    return orders.editing(request, link.job, reverse("portal_site:guest", args=[link.token]))


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_the_door
def guest_alerts(request: HttpRequest, door: Door) -> HttpResponse:
    """Messages about the job."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    urls = {
        "here": reverse("portal_site:guest_alerts", args=[link.token]),
        "back": reverse("portal_site:guest", args=[link.token]),
        "stop_url": reverse("portal_site:guest_stop_alert", args=[link.token]),
    }
    return alert_pages.alerting(request, link.job, urls)


@require_POST
@_behind_the_door
def guest_stop_alert(request: HttpRequest, door: Door) -> HttpResponse:
    """No more of one of them."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    return alert_pages.stopping(request, link.job, reverse("portal_site:guest_alerts", args=[link.token]))


@require_safe
@_behind_the_door
def guest_file(request: HttpRequest, door: Door, reference: str) -> HttpResponse:
    """One file of the job."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    return orders.hand_out(link.job, reference)


@require_safe
@_behind_the_door
def guest_print(request: HttpRequest, door: Door) -> HttpResponse:
    """The job on paper."""
    link = door.link
    assert link is not None
    access.insist(request, "view_jobs", link.job)
    return job_pages.on_paper(link.job)
