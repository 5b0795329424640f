"""What comes in and what goes out. Checked in shape here, in meaning by the services."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from accounts.api.schemas import ContactIn, CustomerRef, PersonName, Phone
from api.schemas import In, Named
from api.types import (
    MOMENT_PATTERN,
    SAID,
    Amount,
    ClockTime,
    DateTime,
    Day,
    Email,
    ExternalId,
    Latitude,
    Longitude,
    Minutes,
    OneOf,
    RecordId,
    Reference,
    UtcDateTime,
    length,
    said,
    storable,
)
from jobs.choices import DeadBy, JobStatus
from jobs.transitions import TRANSITIONS
from templates_app.api import NeededSlug, PriceLineOut, Slug

Death = Annotated[str, OneOf(tuple(DeadBy.values))]
State = Annotated[str, OneOf(tuple(JobStatus.values))]
StepName = Annotated[str, OneOf(tuple(TRANSITIONS))]
Address = Annotated[str, length(300), storable]
# A new text leaves room for the line that names the portal link.
NewNotes = Annotated[str, length(8000), storable]
Notes = Annotated[str, length(10000), storable]
AssetId = Annotated[str, length(80), storable]
OtherCustomer = Annotated[str, length(100, 1), storable, said]
ShortReason = Annotated[str, length(200), storable]
Reason = Annotated[str, length(500), storable]
SeriesName = Annotated[str, length(120, 1), storable, said]
# {field key: value} of the template's fields, which their kinds check.
Values = dict[str, object]


class StepOut(Schema):
    """A step of a job; `done_at` is null while it is to be done."""

    key: str
    name: str
    done_at: UtcDateTime | None = None


class JobOut(Schema):
    """A job. Times are in UTC; `amount` is in `currency`, and the total of `price_lines` where there are any: with
    tax if `prices_include_tax` is true, else before tax. `window_end` is the end of the window of time that the
    customer is promised from `planned_start` on: null where the start stands alone. `portal_link` is the address of
    the link that opens it for somebody without a login: null when none is alive, and for whoever may not copy it.
    In `notes` `{portal_link}` stands for it where it is null. `source` says from which source it came."""

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
    requested_start: UtcDateTime | None
    planned_start: UtcDateTime | None
    window_end: UtcDateTime | None
    duration_minutes: int
    started_at: UtcDateTime | None
    completed_at: UtcDateTime | None
    cancelled_at: UtcDateTime | None
    cancellation_reason: str
    notes: str
    asset_id: str
    price_lines: list[PriceLineOut]
    amount: Decimal | None
    currency: str
    prices_include_tax: bool
    values: Values
    steps: list[StepOut]
    portal_link: str | None
    source: str
    created_at: UtcDateTime


class EventOut(Schema):
    """Something that happened to a job, and who did it from which source. `data` depends on the kind."""

    kind: str
    at: UtcDateTime
    by: str
    source: str
    data: dict[str, object]


class JobIn(In):
    """A new job. `template`: the reference of one. `contact`: the customer's site contact if it is left out.
    `location`: the id of one of the customer's locations, which gives its address. `values`: {field key: value} of the
    template's fields. `window_end`: of the window of time that the customer is promised from `planned_start` on.
    `prices_include_tax`: is `amount` with tax? As the template says if it is null or left out, and before tax without
    one."""

    template: Slug | None = None
    customer: CustomerRef
    contact: ContactIn = ContactIn()
    external_id: ExternalId | None = None
    location: RecordId | None = None
    address: Address = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    requested_start: DateTime | None = None
    planned_start: DateTime | None = None
    window_end: DateTime | None = None
    duration_minutes: Minutes | None = None
    worker: Reference | None = None
    notes: NewNotes = ""
    asset_id: AssetId = ""
    amount: Amount | None = None
    prices_include_tax: bool | None = None
    values: Values = {}


class JobChange(In):
    """What changes; what is left out stays. State, time and worker have addresses of their own. `customer` and
    `location` are ids; a job that goes to another customer loses its location unless a new one is named.
    `prices_include_tax`: are `amount` and `price_lines` with tax?"""

    external_id: ExternalId | None = None
    customer: OtherCustomer = ""
    location: RecordId | None = None
    contact_name: PersonName = ""
    contact_email: Email = ""
    contact_phone: Phone = ""
    address: Address = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    requested_start: DateTime | None = None
    duration_minutes: Minutes = 60
    notes: Notes = ""
    asset_id: AssetId = ""
    amount: Amount | None = None
    prices_include_tax: bool = False
    values: Values = {}


class MyJobChange(In):
    """What a worker fills in: {field key: value}. Merged; null clears one."""

    values: Values


def _needed_by_step(schema: JsonDict) -> None:
    """Says in the document what single steps need."""
    start: JsonDict = {"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}
    reason: JsonDict = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": SAID}
    others: list[JsonValue] = [step for step in TRANSITIONS if step not in ("schedule", "cancel")]
    schema["anyOf"] = [
        {"properties": {"step": {"const": "schedule"}, "start": start}, "required": ["start"]},
        {"properties": {"step": {"const": "cancel"}, "reason": reason}, "required": ["reason"]},
        {"properties": {"step": {"enum": others}}},
    ]


class TransitionIn(In):
    """One step of a job's life. `start` (needed), `window_end`, `worker` and `duration_minutes` belong to *schedule*,
    `reason` to *cancel* (needed) and *postpone*. Without `window_end` a job keeps its window, which moves with the
    start; null takes it away."""

    model_config = ConfigDict(json_schema_extra=_needed_by_step)

    step: StepName
    start: DateTime | None = None
    window_end: DateTime | None = None
    worker: Reference | None = None
    duration_minutes: Minutes | None = None
    reason: Reason = ""


class WorkerRef(In):
    """Who does it; null for nobody."""

    worker: Reference | None


class PositionIn(In):
    """Where the worker is, in degrees. `at`: when, today or in the last days; now if it is left out."""

    latitude: Latitude
    longitude: Longitude
    at: DateTime | None = None


class PositionOut(Schema):
    """Where a worker was, in degrees, and when."""

    latitude: Decimal
    longitude: Decimal
    at: UtcDateTime


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
    `location`: the id of one of the customer's. Jobs are made `create_days_ahead` days before their date.
    `window_end`: the time until which the customer is told that somebody comes, from `start_time` on."""

    name: SeriesName
    customer: CustomerRef
    template: NeededSlug
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)]
    starts_on: Day
    start_time: ClockTime = time(8)
    window_end: ClockTime | None = None
    ends_on: Day | None = None
    count: Annotated[int, Field(ge=1, le=10000)] | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] = 14
    worker: Reference | None = None
    location: RecordId | None = None
    notes: NewNotes = ""
    asset_id: AssetId = ""
    values: Values = {}


class SeriesChange(In):
    """What changes; what is left out stays. Jobs that are made already stay as they are. Null takes `ends_on`, `count`,
    `window_end`, `worker` and `location` away. `is_paused` pauses and resumes."""

    name: SeriesName | None = None
    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=3)] | None = None
    start_time: ClockTime | None = None
    window_end: ClockTime | None = None
    ends_on: Day | None = None
    count: Annotated[int, Field(ge=1, le=10000)] | None = None
    create_days_ahead: Annotated[int, Field(ge=0, le=366)] | None = None
    worker: Reference | None = None
    location: RecordId | None = None
    notes: NewNotes | None = None
    asset_id: AssetId | None = None
    values: Values | None = None
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
    values: Values
    rules: list[dict[str, object]]
    sentence: str
    state: str
    problem: str
    starts_on: date
    start_time: str
    window_end: str | None
    ends_on: date | None
    count: int | None
    create_days_ahead: int
    skipped_dates: list[date]
    next_dates: list[date]


class LinkOut(Schema):
    """A portal link: made when, by whom and from which source; alive or dead by what; opened how often and when.
    `url` is null for whoever may look at its customer, but change nothing there."""

    id: str
    job: str
    url: str | None
    made_at: UtcDateTime
    made_by: str
    made_source: str
    is_alive: bool
    dead_by: Death | None
    expires_at: UtcDateTime | None
    revoked_at: UtcDateTime | None
    opened_count: int
    first_opened_at: UtcDateTime | None
    last_opened_at: UtcDateTime | None


class ReasonIn(In):
    """Why, for the history."""

    reason: ShortReason = ""
