"""The ways in: pages for who is signed in, and the pages of one job, which are the same by login and by portal link.

A view of one job is a ``JobPage``: it takes a ``Door`` and does not ask by which way somebody came. ``by_login`` and
``by_link`` make the two views of it that stand in ``portal_site.urls``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, Protocol
from urllib.parse import urlsplit

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit.act import Source, acting
from jobs.models import Job, PortalLink
from portal_site import guest, refusals
from portal_site.visitor import PortalRequest

P = ParamSpec("P")
View = Callable[Concatenate[PortalRequest, P], HttpResponseBase]

READ = ("GET", "HEAD")
READ_OR_SEND = (*READ, "POST")
# The pages of one job: the names of their addresses for a login and for a portal link.
ADDRESSES = {
    "job": ("job", "guest"),
    "status": ("job_status", "guest_status"),
    "cancel": ("cancel_job", "guest_cancel"),
    "edit": ("edit_job", "guest_edit"),
    "alerts": ("job_alerts", "guest_alerts"),
    "stop_alert": ("stop_job_alert", "guest_stop_alert"),
    "print": ("print_job", "guest_print"),
    "file": ("job_file", "guest_file"),
}
# Where the links of the job's page lead.
LINKED = ("status", "cancel", "edit", "print", "alerts")


class Door(Protocol):
    """The way by which somebody came to one job that they may see."""

    @property
    def job(self) -> Job:
        """The job, with all that its page shows loaded."""

    @property
    def by(self) -> User | None:
        """Who acts; None for a guest."""

    @property
    def closes_with_job(self) -> bool:
        """Does this way end when the job is over?"""

    def address(self, page: str, *references: str) -> str:
        """The address of one of this job's pages (``ADDRESSES``) by this way; "job" is the way back."""

    def links(self) -> dict[str, str]:
        """What the job's page leads to, as its templates name it: ``cancel_url``, ``edit_url`` and so on."""


@dataclass(frozen=True)
class LoginDoor:
    """To a job of somebody who is signed in."""

    request: PortalRequest
    job: Job
    closes_with_job = False

    @property
    def by(self) -> User | None:
        return self.request.visitor.user

    def address(self, page: str, *references: str) -> str:
        return reverse(f"portal_site:{ADDRESSES[page][0]}", args=[self.job.number, *references])

    def links(self) -> dict[str, str]:
        template = self.job.template
        links = {f"{page}_url": self.address(page) for page in LINKED} | {"list_url": self._list_before()}
        if template and self.request.visitor.may("create_jobs", self.job):
            order = reverse("portal_site:new_job", args=[template.slug])
            links["again_url"] = f"{order}?again={self.job.number}"
        if self.request.visitor.may("view_invoices", self.job):
            links["receipt_url"] = reverse("portal_site:order_receipt", args=[self.job.number])
        return links

    def _list_before(self) -> str:
        """The list with search, filter and page as it was left; else the list the job stands in."""
        jobs_list = reverse("portal_site:jobs")
        before = urlsplit(self.request.headers.get("Referer", ""))
        if before.path == jobs_list and before.netloc == self.request.get_host():
            return f"{jobs_list}?{before.query}" if before.query else jobs_list
        return jobs_list if self.job.is_open else f"{jobs_list}?when=past"


@dataclass(frozen=True)
class LinkDoor:
    """To the job of a portal link whose question was answered."""

    link: PortalLink
    by = None
    closes_with_job = True

    @property
    def job(self) -> Job:
        return self.link.job

    def address(self, page: str, *references: str) -> str:
        return reverse(f"portal_site:{ADDRESSES[page][1]}", args=[self.link.token, *references])

    def links(self) -> dict[str, str]:
        return {f"{page}_url": self.address(page) for page in LINKED}


def portal_page(*, permission: str = "") -> Callable[[View[P]], View[P]]:
    """A page for a portal user who is signed in and active, while the portal is on.

    ``permission``: what they must be allowed for at least one customer; a page about one record asks again for it.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: PortalRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            refusal = refusals.turned_away(request)
            if refusal is not None:
                return refusal
            if permission:
                request.visitor.require(permission)
            request.visitor.note_visit()
            response = view(request, *args, **kwargs)
            # What they saw is not for whoever uses this computer next.
            patch_cache_control(response, private=True, no_store=True)
            return response

        return guarded

    return decorate


@dataclass(frozen=True)
class JobPage(Generic[P]):
    """One page of a job, whichever way somebody came."""

    show: Callable[Concatenate[PortalRequest, Door, P], HttpResponseBase]
    methods: tuple[str, ...]
    permission: str


def job_page(
    methods: tuple[str, ...] = READ, *, permission: str = "view_jobs"
) -> Callable[[Callable[Concatenate[PortalRequest, Door, P], HttpResponseBase]], JobPage[P]]:
    """Makes a page of a view that takes a door.

    ``permission``: what a portal user must be allowed for at least one customer; that the job itself may be seen is
    asked by the doors, everything else by the view.
    """

    def decorate(view: Callable[Concatenate[PortalRequest, Door, P], HttpResponseBase]) -> JobPage[P]:
        return JobPage(view, methods, permission)

    return decorate


def by_login(page: JobPage[P]) -> Callable[..., HttpResponseBase]:
    """The page for somebody who is signed in, at an address with the job's number."""

    @wraps(page.show)
    def view(request: PortalRequest, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return page.show(request, LoginDoor(request, request.visitor.job_or_404(number)), *args, **kwargs)

    # Django gives the parts of an address by name.
    by_name: Callable[..., HttpResponseBase] = view
    return require_http_methods(page.methods)(portal_page(permission=page.permission)(by_name))


def by_link(page: JobPage[P]) -> Callable[..., HttpResponseBase]:
    """The page for a guest, at an address with a portal link's token.

    Only for who has proved themselves at this link, while it is alive: asked anew on every request.
    """

    @require_http_methods(page.methods)
    @wraps(page.show)
    def view(request: PortalRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visitor = request.visitor
        if not visitor.settings.portal_enabled:
            return refusals.portal_off(request)
        presented = guest.present(token)
        if not guest.has_proved(request, presented):
            return redirect("portal_site:guest", token=token)
        link = presented.live
        if link is None:
            return refusals.link_ended(request)
        if request.method not in READ and visitor.staff is not None:
            return refusals.staff_at_link(request, visitor.staff, presented.job)
        visitor.enter_by_link(link)
        with acting(source=Source.LINK, actor="Guest"):
            visitor.require("view_jobs", link.job)
            return refusals.unlisted(page.show(request, LinkDoor(link), *args, **kwargs))

    return view
