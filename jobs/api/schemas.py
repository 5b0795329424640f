"""What comes in and what goes out. Checked in shape here, in meaning by the services."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from jobs.choices import JobStatus
from jobs.transitions import TRANSITIONS
from templates_app.values import is_storable

Item = TypeVar("Item")


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds characters that are not text")
    return text


def Text(length: int, least: int = 0) -> Any:
    """Text of so many characters that a database can keep."""
    return Annotated[str, Field(max_length=length, min_length=least), AfterValidator(_storable)]


def _of_our_time(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 2200:
        raise ValueError("is not a date of our time")
    # Without a zone it is the business's own.
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _day_of_our_time(day: date) -> date:
    if not 1900 <= day.year < 2200:
        raise ValueError("is not a date of our time")
    return day


Moment = Annotated[datetime, AfterValidator(_of_our_time)]
Day = Annotated[date, AfterValidator(_day_of_our_time)]
ClockTime = Annotated[time, AfterValidator(lambda moment: moment.replace(tzinfo=None))]
Money = Annotated[Decimal, Field(max_digits=12, decimal_places=2)]
Latitude = Annotated[Decimal, Field(ge=-90, le=90)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180)]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 31)]
State = Literal[tuple(status.value for status in JobStatus)]  # type: ignore[valid-type]
StepName = Literal[tuple(TRANSITIONS)]  # type: ignore[valid-type]


class In(Schema):
    """What comes in: an unknown field is a fault, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[Item]):
    """One page. ``next``: the ``after`` of the next page, null on the last."""

    items: list[Item]
    next: str | None = None


class Named(Schema):
    """A record by its reference and name."""

    id: str
    name: str


class StepOut(Schema):
    key: str
    name: str
    done_at: datetime | None = None


class PriceLineOut(Schema):
    """One price line. ``amount``: quantity times unit price, rounded to cents."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class JobOut(Schema):
    """A job. Times carry their zone; ``amount`` is before tax, in ``currency``, and the total of ``price_lines`` where
    there are any."""

    number: str
    external_id: str | None
    status: str
    template: str | None
    service: str
    customer: Named
    contact_name: str
    contact_email: str
    contact_phone: str
    address: str
    latitude: Decimal | None
    longitude: Decimal | None
    worker: Named | None
    requested_start: datetime | None
    planned_start: datetime | None
    duration_minutes: int
    started_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str
    notes: str
    asset_id: str
    price_lines: list[PriceLineOut]
    amount: Decimal | None
    currency: str
    values: dict[str, Any]
    steps: list[StepOut]
    source: str
    created_at: datetime


class EventOut(Schema):
    kind: str
    at: datetime
    by: str
    road: str
    data: dict[str, Any]


class ContactIn(In):
    name: Text(120) = ""  # type: ignore[valid-type]
    email: Text(254) = ""  # type: ignore[valid-type]
    phone: Text(40) = ""  # type: ignore[valid-type]


class CustomerRef(In):
    """Whom it is for: an existing customer by ``id`` or ``external_id``, or by ``name``, which makes a new one when
    there is none of that name."""

    id: Text(30) | None = None  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    name: Text(160) | None = None  # type: ignore[valid-type]


class JobIn(In):
    """A new job. ``template``: the reference of one. ``values``: {field key: value} of its fields."""

    template: Text(140) | None = None  # type: ignore[valid-type]
    customer: CustomerRef
    contact: ContactIn = ContactIn()
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    address: Text(300) = ""  # type: ignore[valid-type]
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    requested_start: Moment | None = None
    planned_start: Moment | None = None
    duration_minutes: Minutes | None = None
    worker: Text(30) | None = None  # type: ignore[valid-type]
    notes: Text(8000) = ""  # type: ignore[valid-type]
    asset_id: Text(80) = ""  # type: ignore[valid-type]
    amount: Money | None = None
    values: dict[str, Any] = {}


class JobChange(In):
    """What changes; what is left out stays."""

    external_id: Text(80) | None = None  # type: ignore[valid-type]
    contact_name: Text(120) = ""  # type: ignore[valid-type]
    contact_email: Text(254) = ""  # type: ignore[valid-type]
    contact_phone: Text(40) = ""  # type: ignore[valid-type]
    address: Text(300) = ""  # type: ignore[valid-type]
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    requested_start: Moment | None = None
    duration_minutes: Minutes = 60
    notes: Text(10000) = ""  # type: ignore[valid-type]
    asset_id: Text(80) = ""  # type: ignore[valid-type]
    amount: Money | None = None
    values: dict[str, Any] = {}


class TransitionIn(In):
    """One step of a job's life. ``start``, ``worker`` and ``duration_minutes`` belong to *schedule*, ``reason`` to
    *cancel* (needed) and *postpone*."""

    step: StepName  # type: ignore[valid-type]
    start: Moment | None = None
    worker: Text(30) | None = None  # type: ignore[valid-type]
    duration_minutes: Minutes | None = None
    reason: Text(500) = ""  # type: ignore[valid-type]


class WorkerRef(In):
    """Who does it; null for nobody."""

    worker: Text(30) | None  # type: ignore[valid-type]


class CustomerOut(Schema):
    id: str
    name: str
    external_id: str | None
    payment_terms: int
    labels: list[str]
    contacts: list[dict[str, Any]]
    locations: list[dict[str, Any]]


class CustomerIn(In):
    name: Text(160, 1)  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None


class CustomerChange(In):
    """What changes; what is left out stays."""

    name: Text(160, 1) | None = None  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None


class TemplateOut(Schema):
    """A template. ``price``: the total of ``price_lines``, before tax, null without any."""

    slug: str
    name: str
    description: str
    category: str
    duration_minutes: int
    price_lines: list[PriceLineOut]
    price: Decimal | None
    currency: str
    steps: list[dict[str, Any]]
    fields: list[dict[str, Any]]


class PositionIn(In):
    """Where the worker is, in degrees. ``at``: when; now if it is left out."""

    latitude: Latitude
    longitude: Longitude
    at: Moment | None = None


class PositionOut(Schema):
    latitude: Decimal
    longitude: Decimal
    at: datetime


class WorkerOut(Schema):
    id: str
    name: str
    is_active: bool
    phone: str
    position: PositionOut | None = None


class RuleIn(In):
    """day: every N days. weekday: Monday to Friday. week: on certain days. month: on a day (-1: the last)."""

    kind: Literal["day", "weekday", "week", "month"]
    every: Annotated[int, Field(ge=1, le=366)] | None = None
    on: list[Literal["mo", "tu", "we", "th", "fr", "sa", "su"]] | None = None
    day: Annotated[int, Field(ge=-1, le=31)] | None = None


class SeriesIn(In):
    name: Text(120, 1)  # type: ignore[valid-type]
    customer: CustomerRef
    template: Text(140, 1)  # type: ignore[valid-type]
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)]
    starts_on: Day
    start_time: ClockTime = time(8)
    ends_on: Day | None = None
    count: Annotated[int, Field(ge=1, le=10000)] | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] = 14
    worker: Text(30) | None = None  # type: ignore[valid-type]
    notes: Text(8000) = ""  # type: ignore[valid-type]
    asset_id: Text(80) = ""  # type: ignore[valid-type]
    values: dict[str, Any] = {}


class SeriesChange(In):
    """What changes; what is left out stays. Jobs that are made already stay as they are."""

    name: Text(120, 1) | None = None  # type: ignore[valid-type]
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)] | None = None
    start_time: ClockTime | None = None
    ends_on: Day | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] | None = None
    notes: Text(8000) | None = None  # type: ignore[valid-type]
    is_paused: bool | None = None


class SkipIn(In):
    day: Day


class SeriesOut(Schema):
    id: str
    name: str
    customer: Named
    template: str
    rules: list[dict[str, Any]]
    sentence: str
    state: str
    problem: str
    starts_on: date
    start_time: str
    ends_on: date | None
    count: int | None
    create_days_ahead: int
    next_dates: list[date]


class LinkOut(Schema):
    id: str
    job: str
    url: str
    made_at: datetime
    made_by: str
    is_alive: bool
    why_dead: str
    expires_at: datetime | None
    opened_count: int
    last_opened_at: datetime | None


class ReasonIn(In):
    reason: Text(200) = ""  # type: ignore[valid-type]
