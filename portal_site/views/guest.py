"""The portal link: one question, then one job. The job's other pages are the same as for a login."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal_site import guest as portal_link
from portal_site import refusals
from portal_site.doors import READ_OR_SEND, LinkDoor
from portal_site.forms import AnswerForm, GuestCodeForm
from portal_site.guest import AnswerOutcome, PresentedLink
from portal_site.refusals import unlisted
from portal_site.views import jobs
from portal_site.visitor import PortalRequest


@require_http_methods(READ_OR_SEND)
def guest(request: PortalRequest, token: str) -> HttpResponseBase:
    """Asks the one question; shows the job to who has answered it."""
    visitor = request.visitor
    if not visitor.settings.portal_enabled:
        return refusals.portal_off(request)
    presented = portal_link.present(token)
    if request.method != "POST":
        if portal_link.has_proved(request, presented):
            return _job(request, presented)
        if visitor.staff is not None:
            # Before the question: what they answer would be refused.
            return refusals.staff_at_link(request, visitor.staff, presented.job)
        if portal_link.awaits_code(request, presented):
            return _ask_code(request, GuestCodeForm())
        return _ask(request, AnswerForm(presented.question))
    if visitor.staff is not None:
        return refusals.staff_at_link(request, visitor.staff, presented.job)
    if "again" in request.POST and portal_link.awaits_code(request, presented):
        portal_link.forget_code(request, presented)
        return unlisted(redirect("portal_site:guest", token=token))
    if "code" in request.POST and portal_link.awaits_code(request, presented):
        return _try_code(request, presented)
    form = AnswerForm(presented.question, request.POST)
    if not form.is_valid():
        return _ask(request, form)
    outcome = portal_link.prove(request, presented, form.cleaned_data["answer"])
    if outcome in (AnswerOutcome.RIGHT, AnswerOutcome.CODE_SENT):
        return unlisted(redirect("portal_site:guest", token=token))
    if outcome is AnswerOutcome.NO_CODE:
        return unlisted(render(request, "portal_site/pages/no_code.html", status=403))
    if outcome is AnswerOutcome.TOO_MANY:
        return refusals.too_many_tries(request)
    return _ask(request, form, wrong=True, status=403)


def _try_code(request: PortalRequest, presented: PresentedLink) -> HttpResponse:
    form = GuestCodeForm(request.POST)
    if not form.is_valid():
        return _ask_code(request, form)
    outcome = portal_link.prove_by_code(request, presented, form.cleaned_data["code"])
    if outcome is AnswerOutcome.RIGHT:
        return unlisted(redirect("portal_site:guest", token=presented.token))
    if outcome is AnswerOutcome.TOO_MANY:
        return refusals.too_many_tries(request)
    form.add_error("code", _("This is not the code we sent. Look at the newest message."))
    return _ask_code(request, form, status=403)


def _ask_code(request: PortalRequest, form: GuestCodeForm, *, status: int = 200) -> HttpResponse:
    return unlisted(render(request, "portal_site/pages/guest_code.html", {"form": form}, status=status))


def _ask(request: PortalRequest, form: AnswerForm, *, wrong: bool = False, status: int = 200) -> HttpResponse:
    context = {"form": form, "wrong": wrong}
    return unlisted(render(request, "portal_site/pages/guest_ask.html", context, status=status))


def _job(request: PortalRequest, presented: PresentedLink) -> HttpResponseBase:
    link = presented.live
    if link is None:
        return refusals.link_ended(request)
    request.visitor.enter_by_link(link)
    if not request.visitor.may("view_jobs", link.job):
        return unlisted(render(request, "portal_site/pages/403.html", status=403))
    return unlisted(jobs.job.show(request, LinkDoor(link)))
