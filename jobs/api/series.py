"""Series and portal links."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from jobs import services
from jobs.api.auth import find, insist, once
from jobs.api.jobs import AFTER, LIMIT, customer_of, jobs_of, named, page_of, template_of, worker_of
from jobs.api.problems import PROBLEMS
from jobs.api.schemas import (
    ContactIn,
    LinkOut,
    Page,
    ReasonIn,
    SeriesChange,
    SeriesIn,
    SeriesOut,
    SkipIn,
)
from jobs.models import PortalLink, Series

router = Router(tags=["Series"])
links = Router(tags=["Portal links"])
READ = ("jobs.view_series", "jobs.change_series")


def series_of(user: Any) -> Any:
    """The series this person may see."""
    return Series.objects.visible_to(user).select_related("customer", "template", "worker")


def series_out(series: Series) -> dict[str, Any]:
    """A series as the API tells it, with its next ten dates."""
    own = ("name", "rules", "sentence", "state", "problem", "starts_on", "ends_on", "count")
    return {name: getattr(series, name) for name in own} | {
        "id": str(series.pk),
        "customer": named(series.customer),
        "template": series.template.slug,
        # As the clock on the wall shows it: a time of day without a zone has no format of its own.
        "start_time": series.start_time.strftime("%H:%M"),
        "create_days_ahead": series.create_days_ahead,
        "next_dates": series.next_dates(10) if series.state != "ended" else [],
    }


@router.get("/series", response={200: Page[SeriesOut], **PROBLEMS}, summary="List series, newest first")
def list_series(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """Repeating jobs."""
    return page_of(series_of(insist(request, "series.read", *READ)), limit, after, series_out)


@router.post("/series", response={201: SeriesOut, **PROBLEMS}, summary="Make a series")
def make_series(request: HttpRequest, data: SeriesIn) -> Status:
    """Makes the series and the jobs that are due. Send an `Idempotency-Key` header to be safe against repetition."""
    user = insist(request, "series.write", "jobs.add_series")

    def deed() -> dict[str, Any]:
        facts = data.dict(exclude={"customer", "template", "worker", "rules"}) | {
            "customer": customer_of(user, data.customer, ContactIn()),
            "template": template_of(user, data.template),
            "worker": worker_of(data.worker),
            "rules": [rule.dict(exclude_none=True) for rule in data.rules],
        }
        return series_out(services.create_series(facts, by=user))

    return once(request, 201, deed)


@router.get("/series/{ref}", response={200: SeriesOut, **PROBLEMS}, summary="Read a series")
def read_series(request: HttpRequest, ref: str) -> dict[str, Any]:
    """By its id."""
    return series_out(find(series_of(insist(request, "series.read", *READ)), ref, key="pk"))


def _series(request: HttpRequest, ref: str) -> tuple[Any, Series]:
    user = insist(request, "series.write")
    series = find(series_of(user), ref, key="pk")
    insist(request, "series.write", "jobs.change_series", record=series)
    return user, series


@router.patch("/series/{ref}", response={200: SeriesOut, **PROBLEMS}, summary="Change, pause, resume or end a series")
def change_series(request: HttpRequest, ref: str, data: SeriesChange) -> dict[str, Any]:
    """`is_paused` pauses and resumes; `ends_on` ends it. Jobs that are made already stay as they are."""
    user, series = _series(request, ref)
    facts = {name: value for name, value in data.dict(exclude_unset=True).items() if value is not None}
    if data.ends_on is None and "ends_on" in data.dict(exclude_unset=True):
        facts["ends_on"] = None
    if data.rules is not None:
        facts["rules"] = [rule.dict(exclude_none=True) for rule in data.rules]
    paused = facts.pop("is_paused", None)
    if facts:
        series = services.update_series(series, facts, by=user)
    if paused is not None:
        series = (services.pause_series if paused else services.resume_series)(series, by=user)
    return series_out(series)


@router.post("/series/{ref}/skips", response={200: SeriesOut, **PROBLEMS}, summary="Leave one date out")
def skip(request: HttpRequest, ref: str, data: SkipIn) -> dict[str, Any]:
    """409 when it is no date of the series, or its job is made already."""
    user, series = _series(request, ref)
    services.skip_date(series, data.day, by=user)
    return series_out(series)


def link_out(link: PortalLink) -> dict[str, Any]:
    """A link as the API tells it."""
    own = ("url", "made_at", "made_by", "why_dead", "expires_at", "opened_count", "last_opened_at")
    return {name: getattr(link, name) for name in own} | {
        "id": str(link.pk),
        "job": link.job.number,
        "is_alive": not link.why_dead,
    }


def links_of(user: Any) -> Any:
    """The links this person may see."""
    return PortalLink.objects.visible_to(user).select_related("job")


@links.get("/links", response={200: Page[LinkOut], **PROBLEMS}, summary="The register of portal links")
def list_links(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """Newest first. Whoever may only look at the register in the console does not get the addresses: nor here."""
    return page_of(links_of(insist(request, "links.read", "jobs.change_portallink")), limit, after, link_out)


@links.get("/jobs/{ref}/links", response={200: list[LinkOut], **PROBLEMS}, summary="The portal links of a job")
def job_links(request: HttpRequest, ref: str) -> list[dict[str, Any]]:
    """Dead ones too, newest first."""
    user = insist(request, "links.read", "jobs.change_portallink")
    job = find(jobs_of(user), ref, key="number")
    return [link_out(link) for link in links_of(user).filter(job=job)]


def _link(request: HttpRequest, ref: str) -> tuple[Any, PortalLink]:
    user = insist(request, "links.write")
    link = find(links_of(user), ref, key="pk")
    insist(request, "links.write", "jobs.change_portallink", record=link)
    return user, link


@links.post("/links/{ref}/revoke", response={200: LinkOut, **PROBLEMS}, summary="Revoke a portal link")
def revoke(request: HttpRequest, ref: str, data: ReasonIn) -> dict[str, Any]:
    """It opens nothing from now on."""
    user, link = _link(request, ref)
    return link_out(services.revoke_portal_link(link, by=user, reason=data.reason))


@links.post("/links/{ref}/reissue", response={201: LinkOut, **PROBLEMS}, summary="A fresh link instead of this one")
def reissue(request: HttpRequest, ref: str) -> Status:
    """The old one is revoked; the job's notes name the new one."""
    user, link = _link(request, ref)
    return Status(201, link_out(services.reissue_portal_link(link, by=user)))
