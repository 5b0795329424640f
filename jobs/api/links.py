"""The register of portal links, for programs."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from accounts.api.auth import require
from accounts.models import User
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING
from api.references import find_record
from api.schemas import Answer, In, Page
from api.sections import Section, scoped
from jobs import services
from jobs.api.jobs import jobs_of
from jobs.api.references import JobRef, LinkId
from jobs.api.schemas import LinkOut, ReasonIn
from jobs.models import PortalLink
from jobs.models.links import PortalLinkQuerySet

router = Router(tags=["Portal links"])
section = Section(router, {"links.read": _("Read portal links"), "links.write": _("Revoke and re-issue portal links")})
READS, WRITES = scoped("links.read"), scoped("links.write")
# The addresses of links are for those who may work with them: in the console too, whoever only looks sees none.
RIGHT = "jobs.change_portallink"


def link_out(link: PortalLink, *, with_address: bool) -> Answer:
    """A link as the API tells it: with its address to whoever may copy it."""
    own = (
        "made_at", "made_by", "made_source", "expires_at", "revoked_at", "opened_count",
        "first_opened_at", "last_opened_at",
    )  # fmt: skip
    return {name: getattr(link, name) for name in own} | {
        "id": str(link.pk),
        "job": link.job.number,
        "url": link.url if with_address else None,
        "is_alive": link.dead_by is None,
        "dead_by": link.dead_by,
    }


def links_of(user: User) -> PortalLinkQuerySet:
    """The links this person may see, and which of them are theirs to work with: whoever was granted only a look at a
    customer copies none of its links."""
    theirs = PortalLink.objects.visible_to(user, "change").filter(pk=OuterRef("pk"))
    return PortalLink.objects.visible_to(user).select_related("job").annotate(within_reach=Exists(theirs))


def _row(link: PortalLink) -> Answer:
    """A link of ``links_of`` as the API tells it."""
    return link_out(link, with_address=getattr(link, "within_reach", False))


class LinkFilter(In):
    """Which links."""

    is_alive: bool | None = None


@router.get("/links", response={200: Page[LinkOut], **READING}, summary="The register of portal links", **READS)
def list_links(
    request: HttpRequest, filters: Query[LinkFilter], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """Newest first. `is_alive`: only those that open, or only those that do not. Whoever may only look at the register
    in the console does not get the addresses: nor here.
    """
    rows = links_of(require(request, "links.read", RIGHT))
    if filters.is_alive is not None:
        rows = rows.alive() if filters.is_alive else rows.dead()
    return page_of(rows, limit, after, _row)


@router.get("/links/{ref}", response={200: LinkOut, **READING}, summary="Read a portal link", **READS)
def read_link(request: HttpRequest, ref: LinkId) -> Answer:
    """Alive or dead and why, opened how often and when."""
    return _row(find_record(links_of(require(request, "links.read", RIGHT)), ref, key="pk"))


@router.get("/jobs/{ref}/links", response={200: Page[LinkOut], **READING}, summary="The portal links of a job", **READS)
def job_links(request: HttpRequest, ref: JobRef, limit: int = LIMIT, after: str | None = AFTER) -> PageOf[Answer]:
    """Dead ones too, newest first."""
    user = require(request, "links.read", RIGHT)
    job = find_record(jobs_of(user), ref, key="number")
    return page_of(links_of(user).filter(job=job), limit, after, _row)


def _link(request: HttpRequest, ref: str) -> tuple[User, PortalLink]:
    user = require(request, "links.write")
    link = find_record(links_of(user), ref, key="pk")
    require(request, "links.write", RIGHT, record=link)
    return user, link


@router.post("/links/{ref}/revoke", response={200: LinkOut, **CHANGING}, summary="Revoke a portal link", **WRITES)
def revoke(request: HttpRequest, ref: LinkId, data: ReasonIn) -> Answer:
    """It opens nothing from now on. Revoking a dead one changes nothing."""
    user, link = _link(request, ref)
    return link_out(services.revoke_portal_link(link, by=user, reason=data.reason), with_address=True)


@router.post(
    "/links/{ref}/reissue", response={201: LinkOut, **CHANGING}, summary="A fresh link instead of this one", **WRITES
)
def reissue(request: HttpRequest, ref: LinkId) -> Status[Answer]:
    """The old one is revoked; the job's notes name the new one. 409 when the job is over."""
    user, link = _link(request, ref)
    return Status(201, link_out(services.reissue_portal_link(link, by=user), with_address=True))
