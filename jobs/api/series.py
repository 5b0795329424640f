"""Series: repeating jobs."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status

from accounts.api.auth import once, require
from accounts.api.references import location_of, worker_by_reference
from accounts.api.schemas import ContactIn
from accounts.models import User
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING
from api.references import find_record
from api.schemas import Answer, Page, named
from api.sections import Section, scoped
from jobs import services
from jobs.api.references import SeriesId, SkippedDay, customer_of
from jobs.api.schemas import SeriesChange, SeriesIn, SeriesOut, SkipIn
from jobs.models import Occurrence, Series
from templates_app.api import template_of

router = Router(tags=["Series"])
section = Section(router, {"series.read": _("Read series"), "series.write": _("Make and change series")})
READS, WRITES = scoped("series.read"), scoped("series.write")
READ = ("jobs.view_series", "jobs.change_series")
# What null takes away; null elsewhere is as good as leaving it out.
CAN_BE_EMPTY = ("ends_on", "count", "window_end", "worker", "location")


def series_of(user: User) -> QuerySet[Series]:
    """The series this person may see."""
    skipped = Prefetch("occurrences", Occurrence.objects.filter(is_skipped=True).order_by("on"), to_attr="skips")
    rows = Series.objects.visible_to(user).select_related("customer", "template", "worker")
    return rows.prefetch_related(skipped)


def series_out(series: Series) -> Answer:
    """A series as the API tells it, with its next ten dates."""
    own = (
        "name", "rules", "sentence", "state", "problem", "starts_on", "ends_on", "count", "create_days_ahead", "notes",
        "asset_id", "values",
    )  # fmt: skip
    # A service returns the series as it stands, without what was fetched along before.
    skips = series.skips if hasattr(series, "skips") else series.occurrences.filter(is_skipped=True).order_by("on")
    skipped = [occurrence.on for occurrence in skips]
    return {name: getattr(series, name) for name in own} | {
        "id": str(series.pk),
        "customer": named(series.customer),
        "template": series.template.slug,
        # As the clock on the wall shows it: a time of day without a zone has no format of its own.
        "start_time": series.start_time.strftime("%H:%M"),
        "window_end": series.window_end.strftime("%H:%M") if series.window_end else None,
        "worker": named(series.worker),
        "location": str(series.location_id) if series.location_id else None,
        "skipped_dates": skipped,
        "next_dates": series.next_dates(10, skipped=set(skipped)) if series.state != "ended" else [],
    }


@router.get("/series", response={200: Page[SeriesOut], **READING}, summary="List series, newest first", **READS)
def list_series(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> PageOf[Answer]:
    """Repeating jobs."""
    return page_of(series_of(require(request, "series.read", *READ)), limit, after, series_out)


@router.post("/series", response={201: SeriesOut, **CHANGING}, summary="Make a series", **WRITES)
def make_series(request: HttpRequest, data: SeriesIn) -> Status[Answer]:
    """Makes the series and the jobs that are due. Send an `Idempotency-Key` header to be safe against repetition."""
    user = require(request, "series.write", "jobs.add_series")

    def make() -> Answer:
        customer = customer_of(user, data.customer, ContactIn())
        facts = data.dict(exclude={"customer", "template", "worker", "location", "rules"}) | {
            "customer": customer,
            "location": location_of(customer, data.location),
            "template": template_of(user, data.template),
            "worker": worker_by_reference(data.worker),
            "rules": [rule.dict(exclude_none=True) for rule in data.rules],
        }
        series = services.create_series(facts, by=user)
        return series_out(series)

    return once(request, 201, make)


@router.get("/series/{ref}", response={200: SeriesOut, **READING}, summary="Read a series", **READS)
def read_series(request: HttpRequest, ref: SeriesId) -> Answer:
    """By its id."""
    return series_out(find_record(series_of(require(request, "series.read", *READ)), ref, key="pk"))


def _series(request: HttpRequest, ref: str) -> tuple[User, Series]:
    user = require(request, "series.write")
    series = find_record(series_of(user), ref, key="pk")
    require(request, "series.write", "jobs.change_series", record=series)
    return user, series


@router.patch(
    "/series/{ref}", response={200: SeriesOut, **CHANGING}, summary="Change, pause, resume or end a series", **WRITES
)
def change_series(request: HttpRequest, ref: SeriesId, data: SeriesChange) -> Answer:
    """`is_paused` pauses and resumes; `ends_on` ends it. Jobs that are made already stay as they are."""
    user, series = _series(request, ref)
    sent = data.dict(exclude_unset=True)
    facts = {name: value for name, value in sent.items() if value is not None or name in CAN_BE_EMPTY}
    if "worker" in facts:
        facts["worker"] = worker_by_reference(data.worker)
    if "location" in facts:
        facts["location"] = location_of(series.customer, data.location)
    paused = facts.pop("is_paused", None)
    with transaction.atomic():
        if facts:
            series = services.update_series(series, facts, by=user)
        if paused is not None:
            series = (services.pause_series if paused else services.resume_series)(series, by=user)
    return series_out(series)


@router.post("/series/{ref}/skips", response={200: SeriesOut, **CHANGING}, summary="Leave one date out", **WRITES)
def skip(request: HttpRequest, ref: SeriesId, data: SkipIn) -> Answer:
    """409 when it is no date of the series, or its job is made already."""
    user, series = _series(request, ref)
    services.skip_date(series, data.day, by=user)
    return series_out(find_record(series_of(user), str(series.pk), key="pk"))


@router.delete("/series/{ref}/skips/{day}", response={200: SeriesOut, **CHANGING}, summary="Take a skip back", **WRITES)
def unskip(request: HttpRequest, ref: SeriesId, day: SkippedDay) -> Answer:
    """The date counts again. A date that is not skipped stays as it is; 409 when it has passed."""
    user, series = _series(request, ref)
    services.unskip_date(series, day, by=user)
    return series_out(find_record(series_of(user), str(series.pk), key="pk"))
