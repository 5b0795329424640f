"""What comes in and what goes out. Checked in shape here, in meaning by the services."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

from accounts.choices import PaymentTerms
from jobs.api.shapes import (
    MOMENT_PATTERN,
    SAID,
    ClockTime,
    Day,
    Email,
    Instant,
    Latitude,
    Longitude,
    Minutes,
    Moment,
    Money,
    Text,
)
from jobs.choices import DeadBy, JobStatus
from jobs.transitions import TRANSITIONS

Item = TypeVar("Item")


Terms = Literal[tuple(PaymentTerms.values)]  # type: ignore[valid-type]
Death = Literal[tuple(DeadBy.values)]  # type: ignore[valid-type]
State = Literal[tuple(status.value for status in JobStatus)]  # type: ignore[valid-type]
StepName = Literal[tuple(TRANSITIONS)]  # type: ignore[valid-type]


class In(Schema):
    """What comes in: an unknown field is a fault, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[Item]):
    """One page. `next`: the `after` of the next page, null on the last."""

    items: list[Item]
    next: str | None = None


class Named(Schema):
    """A record by its reference and name."""

    id: str
    name: str


class StepOut(Schema):
    """A step of a job; `done_at` is null while it is to be done."""

    key: str
    name: str
    done_at: Instant | None = None


class PriceLineOut(Schema):
    """One price line. ``amount``: quantity times unit price, rounded to cents."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


class JobOut(Schema):
    """A job. Times are in UTC; `amount` is before tax, in `currency`, and the total of `price_lines` where there
    are any. `portal_link` is the address of the link that opens it for somebody without a login: null when none is
    alive, and for whoever may not copy it. In `notes` `{portal_link}` stands for it where it is null. `source` says by
    which road it came."""

    number: str
    external_id: str | None
    status: str
    template: str | None
    service: str
    customer: Named
    contact_name: str
    contact_email: str
    contact_phone: str
    location: str | None
    address: str
    latitude: Decimal | None
    longitude: Decimal | None
    worker: Named | None
    requested_start: Instant | None
    planned_start: Instant | None
    duration_minutes: int
    started_at: Instant | None
    completed_at: Instant | None
    cancelled_at: Instant | None
    cancellation_reason: str
    notes: str
    asset_id: str
    price_lines: list[PriceLineOut]
    amount: Decimal | None
    currency: str
    values: dict[str, Any]
    steps: list[StepOut]
    portal_link: str | None
    source: str
    created_at: Instant


class EventOut(Schema):
    """Something that happened to a job, and who did it by which road. `data` depends on the kind."""

    kind: str
    at: Instant
    by: str
    road: str
    data: dict[str, Any]


class ContactIn(In):
    """A person at the customer."""

    name: Text(120) = ""  # type: ignore[valid-type]
    email: Email = ""
    phone: Text(40) = ""  # type: ignore[valid-type]


class PlaceIn(In):
    """A service address."""

    street: Text(200, 1)  # type: ignore[valid-type]
    postcode: Text(20) = ""  # type: ignore[valid-type]
    city: Text(100) = ""  # type: ignore[valid-type]


class CustomerRef(In):
    """Whom it is for: an existing customer by `id` (or `external:` and its external ID) or by `external_id`; or by
    `name`, which makes a new one when there is none of that name."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    id: Text(100) | None = None  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    name: Text(160) | None = None  # type: ignore[valid-type]


class JobIn(In):
    """A new job. `template`: the reference of one. `contact`: the customer's site contact if it is left out.
    `location`: the id of one of the customer's locations, which gives its address. `values`: {field key: value} of the
    template's fields."""

    template: Text(140) | None = None  # type: ignore[valid-type]
    customer: CustomerRef
    contact: ContactIn = ContactIn()
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    location: Text(30) | None = None  # type: ignore[valid-type]
    address: Text(300) = ""  # type: ignore[valid-type]
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    requested_start: Moment | None = None
    planned_start: Moment | None = None
    duration_minutes: Minutes | None = None
    worker: Text(100) | None = None  # type: ignore[valid-type]
    notes: Text(8000) = ""  # type: ignore[valid-type]
    asset_id: Text(80) = ""  # type: ignore[valid-type]
    amount: Money | None = None
    values: dict[str, Any] = {}


class JobChange(In):
    """What changes; what is left out stays. State, time and worker have addresses of their own. `customer` and
    `location` are ids; a job that goes to another customer loses its location unless a new one is named."""

    external_id: Text(80) | None = None  # type: ignore[valid-type]
    customer: Text(100, 1) = ""  # type: ignore[valid-type]
    location: Text(30) | None = None  # type: ignore[valid-type]
    contact_name: Text(120) = ""  # type: ignore[valid-type]
    contact_email: Email = ""
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


class MyJobChange(In):
    """What a worker fills in: {field key: value}. Merged; null clears one."""

    values: dict[str, Any]


def _needed_by_step(schema: dict[str, Any]) -> None:
    """Says in the document what single steps need."""
    steps: dict[str, Any] = schema["properties"]["step"]
    needs = {"schedule": ("start", 0), "cancel": ("reason", 1)}
    start = {"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}
    reason = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": SAID}
    others = [step for step in steps["enum"] if step not in needs]
    schema["anyOf"] = [
        {"properties": {"step": {"const": "schedule"}, "start": start}, "required": ["start"]},
        {"properties": {"step": {"const": "cancel"}, "reason": reason}, "required": ["reason"]},
        {"properties": {"step": {"enum": others}}},
    ]


class TransitionIn(In):
    """One step of a job's life. `start` (needed), `worker` and `duration_minutes` belong to *schedule*, `reason` to
    *cancel* (needed) and *postpone*."""

    model_config = ConfigDict(json_schema_extra=_needed_by_step)

    step: StepName  # type: ignore[valid-type]
    start: Moment | None = None
    worker: Text(100) | None = None  # type: ignore[valid-type]
    duration_minutes: Minutes | None = None
    reason: Text(500) = ""  # type: ignore[valid-type]


class WorkerRef(In):
    """Who does it; null for nobody."""

    worker: Text(100) | None  # type: ignore[valid-type]


class ContactOut(Schema):
    """A person at a customer. The site contact gets the messages about jobs, the billing contact those about money."""

    name: str
    email: str
    phone: str
    is_site_contact: bool
    is_billing_contact: bool


class LocationOut(Schema):
    """A service address of a customer."""

    id: str
    name: str
    address: str
    latitude: Decimal | None
    longitude: Decimal | None


class CustomerOut(Schema):
    """A customer with its people and places. `payment_terms`: days; -1 is cash on delivery."""

    id: str
    name: str
    external_id: str | None
    payment_terms: int
    labels: list[str]
    contacts: list[ContactOut]
    locations: list[LocationOut]


class CustomerIn(In):
    """A new customer. `payment_terms`: days, 14 if left out; -1 is cash on delivery."""

    name: Text(160, 1)  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    payment_terms: Terms | None = None  # type: ignore[valid-type]
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None
    location: PlaceIn | None = None


class CustomerChange(In):
    """What changes; what is left out stays. A `location` that the customer does not have yet is added."""

    name: Text(160, 1) = ""  # type: ignore[valid-type]
    external_id: Text(80) | None = None  # type: ignore[valid-type]
    payment_terms: Terms | None = None  # type: ignore[valid-type]
    site_contact: ContactIn | None = None
    billing_contact: ContactIn | None = None
    location: PlaceIn | None = None


class TemplateOut(Schema):
    """A template: `slug` is its reference. `price` is the total of `price_lines`, before tax, null without any. Steps
    and fields have the keys by which jobs name them; `worker_use` and `portal_use` say who sees and fills them in."""

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
    """Where the worker is, in degrees. `at`: when, today or in the last days; now if it is left out."""

    latitude: Latitude
    longitude: Longitude
    at: Moment | None = None


class PositionOut(Schema):
    """Where a worker was, in degrees, and when."""

    latitude: Decimal
    longitude: Decimal
    at: Instant


class WorkerOut(Schema):
    """Somebody who does jobs. `position` is the newest one, null without the right to see positions."""

    id: str
    external_id: str | None
    name: str
    is_active: bool
    phone: str
    email: str
    position: PositionOut | None = None


Every = Annotated[int, Field(ge=1, le=366)]


class DayRule(In):
    """Every so many days, counted from the first day of the series."""

    kind: Literal["day"]
    every: Every | None = None


class WeekdayRule(In):
    """Monday to Friday."""

    kind: Literal["weekday"]


class WeekRule(In):
    """On certain days of every so many weeks."""

    kind: Literal["week"]
    every: Every | None = None
    on: Annotated[list[Literal["mo", "tu", "we", "th", "fr", "sa", "su"]], Field(min_length=1, max_length=7)]


class MonthRule(In):
    """On a day of every so many months; -1 is the last, and 31 the last of a shorter month."""

    kind: Literal["month"]
    every: Every | None = None
    day: Annotated[int, Field(ge=1, le=31)] | Literal[-1]


RuleIn = Annotated[DayRule | WeekdayRule | WeekRule | MonthRule, Field(discriminator="kind")]


class SeriesIn(In):
    """A new series. `rules` together say on which days it comes; `count` or `ends_on` when it stops, neither: never.
    `location`: the id of one of the customer's. Jobs are made `create_days_ahead` days before their date."""

    name: Text(120, 1)  # type: ignore[valid-type]
    customer: CustomerRef
    template: Text(140, 1)  # type: ignore[valid-type]
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)]
    starts_on: Day
    start_time: ClockTime = time(8)
    ends_on: Day | None = None
    count: Annotated[int, Field(ge=1, le=10000)] | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] = 14
    worker: Text(100) | None = None  # type: ignore[valid-type]
    location: Text(30) | None = None  # type: ignore[valid-type]
    notes: Text(8000) = ""  # type: ignore[valid-type]
    asset_id: Text(80) = ""  # type: ignore[valid-type]
    values: dict[str, Any] = {}


class SeriesChange(In):
    """What changes; what is left out stays. Jobs that are made already stay as they are. Null takes `ends_on`, `count`,
    `worker` and `location` away. `is_paused` pauses and resumes."""

    name: Text(120, 1) | None = None  # type: ignore[valid-type]
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)] | None = None
    start_time: ClockTime | None = None
    ends_on: Day | None = None
    count: Annotated[int, Field(ge=1, le=10000)] | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] | None = None
    worker: Text(100) | None = None  # type: ignore[valid-type]
    location: Text(30) | None = None  # type: ignore[valid-type]
    notes: Text(8000) | None = None  # type: ignore[valid-type]
    asset_id: Text(80) | None = None  # type: ignore[valid-type]
    values: dict[str, Any] | None = None
    is_paused: bool | None = None


class SkipIn(In):
    """The date to leave out."""

    day: Day


class SeriesOut(Schema):
    """A series. `sentence` says in words when it comes; `state` is running, paused or ended; `problem` why it could not
    make its jobs, if so."""

    id: str
    name: str
    customer: Named
    template: str
    worker: Named | None
    location: str | None
    notes: str
    asset_id: str
    values: dict[str, Any]
    rules: list[dict[str, Any]]
    sentence: str
    state: str
    problem: str
    starts_on: date
    start_time: str
    ends_on: date | None
    count: int | None
    create_days_ahead: int
    skipped_dates: list[date]
    next_dates: list[date]


class LinkOut(Schema):
    """A portal link: made when, by whom and by which road; alive or dead by what; opened how often and when.
    `url` is null for whoever may look at its customer, but change nothing there."""

    id: str
    job: str
    url: str | None
    made_at: Instant
    made_by: str
    made_road: str
    is_alive: bool
    dead_by: Death | None  # type: ignore[valid-type]
    expires_at: Instant | None
    revoked_at: Instant | None
    opened_count: int
    first_opened_at: Instant | None
    last_opened_at: Instant | None


class ReasonIn(In):
    """Why, for the history."""

    reason: Text(200) = ""  # type: ignore[valid-type]
