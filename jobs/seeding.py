"""Plausible jobs in great numbers, for measuring: written as rows, past the services, at the speed of the database.

``COPY`` on PostgreSQL, many rows a statement elsewhere. Numbers come from the one counter, so that jobs made by hand
afterwards go on where these end. Nobody is told anything: events count as announced.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Contact, Customer, Location, Worker
from accounts.services import save_location, save_worker
from accounts.services.customer_sheets import CustomerSheet, create_customers
from audit.act import Source, acting, current_act
from audit.token_columns import new_token, token_columns
from jobs.choices import EventKind, JobStatus
from jobs.link_in_text import note_of_link
from jobs.models import Job, JobEvent, PortalLink
from jobs.search_text import search_text
from jobs.services.numbers import take_numbers
from templates_app.models import JobTemplate, TemplateStep
from templates_app.services import change_parts, freeze_template, save_template

CHUNK = 20_000
_FIRST = (
    "Harbour",
    "Elm",
    "Mill",
    "North",
    "Old Town",
    "River",
    "Station",
    "Castle",
    "Garden",
    "Market",
    "Lime",
    "Quay",
)
_SECOND = (
    "Builders",
    "Hotel",
    "School",
    "Bakery",
    "Roofing",
    "Clinic",
    "Brewery",
    "Housing",
    "Farm",
    "Motors",
    "Studios",
)
_STREETS = ("Mill Lane", "Harbour Road", "Station Street", "Church Row", "Quay Side", "Elm Avenue", "Market Place")
_CITIES = (("20095", "Hamburg"), ("28195", "Bremen"), ("24103", "Kiel"), ("23552", "Lübeck"))
_PEOPLE = ("Ada", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas")
_TEMPLATES = ("Skip delivery", "Skip exchange", "Skip collection")
_STATES = (
    (JobStatus.COMPLETED, 80),
    (JobStatus.CANCELLED, 6),
    (JobStatus.SCHEDULED, 9),
    (JobStatus.UNASSIGNED, 3),
    (JobStatus.STARTED, 1),
    (JobStatus.POSTPONED, 1),
)


@dataclass
class _Stock:
    """What the rows hang on."""

    places: list[tuple[Location, Customer, Contact | None]]
    templates: list[tuple[JobTemplate, int, list[str]]]  # with its version and the keys of its steps
    workers: list[Worker]


def seed_jobs(
    count: int, *, with_history: bool = False, seed: int = 1, said: Callable[[int], None] = lambda done: None
) -> int:
    """Makes ``count`` jobs over the past three years and the coming month; returns how many there are now.

    ``with_history``: also a row of history, an event and a portal link each. ``said`` is told the number done after
    each chunk, which is committed by itself. The same ``seed`` gives the same jobs.
    """
    dice = random.Random(seed)  # noqa: S311 - plausible, not secret
    stock = _stock(count, dice)
    done = 0
    while done < count:
        size = min(CHUNK, count - done)
        with transaction.atomic(), acting(source=Source.SYSTEM, actor="Portico", reason="Seeded for measuring"):
            _make_chunk(take_numbers(size), stock, dice, with_history)
        done += size
        said(done)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in (Job, JobEvent, PortalLink):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    return Job.objects.count()


def _stock(count: int, dice: random.Random) -> _Stock:
    wanted = max(40, min(2_000, count // 250))
    with transaction.atomic(), acting(source=Source.SYSTEM, actor="Portico", reason="Seeded for measuring"):
        _make_customers(wanted - Customer.objects.current().filter(locations__isnull=False).distinct().count(), dice)
        if not JobTemplate.objects.current().exists():
            for name in _TEMPLATES:
                template = JobTemplate(name=name, price=Decimal("120.00"), is_portal_default=True)
                steps = ("Drive there", "Do the work", "Tidy up")
                change_parts(
                    save_template(template, by=None),
                    saved=[TemplateStep(name=step, position=position) for position, step in enumerate(steps)],
                    by=None,
                )
        if not Worker.objects.filter(is_active=True).exists():
            for name in _PEOPLE[:6]:
                save_worker(Worker(name=name), by=None)
        templates = []
        for template in JobTemplate.objects.current():
            version = freeze_template(template)
            templates.append((template, version.pk, [step.key for step in version.step_definitions]))
    contacts = {contact.customer_id: contact for contact in Contact.objects.filter(is_site_contact=True)}
    places = [
        (place, place.customer, contacts.get(place.customer_id))
        for place in Location.objects.select_related("customer").filter(customer__archived_at__isnull=True)
    ]
    return _Stock(places, templates, list(Worker.objects.filter(is_active=True)))


def _make_customers(count: int, dice: random.Random) -> None:
    sheets, others = [], []
    for number in range(1, count + 1):
        first, person = dice.choice(_FIRST), dice.choice(_PEOPLE)
        contact = {
            "name": f"{person} {first}",
            "email": f"{person.lower()}.{number}@example.com",
            "phone": f"+49 40 555{dice.randrange(10_000):04d}",
        }
        name = f"{first} {dice.choice(_SECOND)} {number}"
        place, *more = [_place(dice) for _ in range(dice.randint(1, 3))]
        sheets.append(CustomerSheet(fields={"name": name}, site=contact, place=place))
        others.append(more)
    for customer, more in zip(create_customers(sheets, by=None), others, strict=True):
        for place in more:
            save_location(Location(customer=customer, **place), by=None)


def _place(dice: random.Random) -> dict[str, str]:
    postcode, city = dice.choice(_CITIES)
    return {"street": f"{dice.choice(_STREETS)} {dice.randint(1, 240)}", "postcode": postcode, "city": city}


def _make_chunk(numbers: Sequence[str], stock: _Stock, dice: random.Random, with_history: bool) -> None:
    now = timezone.now().replace(microsecond=0)
    states = dice.choices([s for s, _ in _STATES], [weight for _, weight in _STATES], k=len(numbers))
    rows = [
        _row(number, JobStatus(state), stock, dice, now, with_history)
        for number, state in zip(numbers, states, strict=True)
    ]
    _write(Job, rows)
    if with_history:
        _write_history(numbers[0], numbers[-1], numbers)


def _row(
    number: str, status: JobStatus, stock: _Stock, dice: random.Random, now: datetime, with_link: bool
) -> dict[str, object]:
    place, customer, contact = dice.choice(stock.places)
    template, version, steps = dice.choice(stock.templates)
    worker = dice.choice(stock.workers)
    over = status in (JobStatus.COMPLETED, JobStatus.CANCELLED)
    start = now + timedelta(minutes=15 * (dice.randint(-105_000, -100) if over else dice.randint(-100, 2_900)))
    made = min(start - timedelta(days=dice.randint(1, 20)), now)
    has_time = status not in (JobStatus.UNASSIGNED, JobStatus.POSTPONED)
    ended = start + timedelta(minutes=dice.randint(20, 120))
    digits = number[2:]
    row: dict[str, Any] = {
        "number": number,
        "external_id": f"EXT-{digits}",
        "template_id": template.pk,
        "blueprint_id": version,
        "customer_id": customer.pk,
        "contact_name": contact.name if contact else "",
        "contact_email": contact.email if contact else "",
        "contact_phone": contact.phone if contact else "",
        "location_id": place.pk,
        "address": place.address,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "status": status.value,
        "worker_id": worker.pk if has_time else None,
        "planned_start": start if has_time else None,
        "duration_minutes": template.duration_minutes,
        "started_at": start if status in (JobStatus.COMPLETED, JobStatus.STARTED) else None,
        "completed_at": ended if status == JobStatus.COMPLETED else None,
        "cancelled_at": made if status == JobStatus.CANCELLED else None,
        "cancellation_reason": "Customer changed plans" if status == JobStatus.CANCELLED else "",
        "asset_id": f"BIN-{dice.randint(1, 9_999):04d}",
        "price_lines": template.price_lines,
        "amount": template.price,
        "currency": template.currency,
        "prices_include_tax": template.prices_include_tax,
        "steps_done": {key: ended.isoformat() for key in steps} if status == JobStatus.COMPLETED else {},
        "source": Source.SYSTEM.value,
        "created_at": made,
        "notes": note_of_link() if with_link else "",
    }
    rest = ("address", "contact_name", "contact_email", "contact_phone", "asset_id")
    words = (number, row["external_id"], customer.name, *(row[name] for name in rest))
    row["search_text"] = search_text(words, row["contact_phone"])
    return row


def _write(model: type[models.Model], rows: Sequence[Mapping[str, object]]) -> None:
    """Writes rows {attribute: value}, alike in their attributes; the rest has its field's default, the database gives
    the key."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    given = [field for field in fields if field.attname in rows[0]]
    left_out = [field for field in fields if field.attname not in rows[0]]
    blank = [field.get_db_prep_save(field.get_default(), connection) for field in left_out]
    prepare = [(field.attname, _preparation(field)) for field in given]
    values = ([*(ready(row[name]) if ready else row[name] for name, ready in prepare), *blank] for row in rows)
    quote = connection.ops.quote_name
    columns = [*given, *left_out]
    names = ", ".join(quote(str(field.column)) for field in columns)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", list(values))  # noqa: S608


def _preparation(field: Any) -> Callable[[Any], Any] | None:
    """What makes a value of that field fit the database; None where it fits as it is."""
    if isinstance(field, models.JSONField):
        return json.dumps
    if connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DecimalField):
        return lambda value: None if value is None else str(value)
    return None


def _write_history(first: str, last: str, numbers: Sequence[str]) -> None:
    """A row of history and an event for each new job, in one statement each; a portal link."""
    act, now = current_act(), timezone.now()
    history = Job.history.model
    shared = [field.column for field in history.tracked_fields]
    facts = {
        "actor": act.actor,
        "history_source": str(act.source),
        "request_id": act.request_id,
        "history_date": now,
        "history_change_reason": act.reason,
        "history_type": "+",
    }
    # Short numbers have more digits one day; until then they sort as they count.
    made = Job.objects.filter(number__in=[first, last]).order_by("pk").values_list("pk", flat=True)
    lowest, highest = min(made), max(made)
    _insert_select(
        history,
        {**{name: name for name in shared}, "label": "number", "customer_ref": "customer_id"},
        facts,
        lowest,
        highest,
    )
    told = {
        "kind": EventKind.CREATED.value,
        "actor": act.actor,
        "source": str(act.source),
        "request_id": act.request_id,
        "data": json.dumps({"source": str(act.source)}),
        "announced_at": now,
    }
    _insert_select(JobEvent, {"job_id": "id", "at": "created_at"}, told, lowest, highest)
    keys = dict(Job.objects.filter(pk__range=(lowest, highest)).values_list("number", "pk"))
    links = [
        {"job_id": keys[number], "made_by": act.actor, "made_source": str(act.source), "made_at": now}
        | token_columns(PortalLink, new_token(PortalLink.token_bytes))
        for number in numbers
    ]
    _write(PortalLink, links)


def _insert_select(
    model: type[models.Model], copied: dict[str, str], facts: dict[str, object], lowest: int, highest: int
) -> None:
    """A row of ``model`` for each job between two keys: ``copied`` {column: the job's column}, ``facts`` for all."""
    quote = connection.ops.quote_name
    by_column = {field.column: field for field in model._meta.concrete_fields}
    values: list[Any] = [
        value if name == "data" else by_column[name].get_db_prep_save(value, connection)
        for name, value in facts.items()
    ]
    names = ", ".join(quote(name) for name in (*copied, *facts))
    cast = "::{}" if connection.vendor == "postgresql" else ""
    given = [f"%s{cast.format(by_column[name].db_type(connection))}" for name in facts]
    chosen = ", ".join([*map(quote, copied.values()), *given])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {chosen} "  # noqa: S608
            f"FROM {quote(Job._meta.db_table)} WHERE id BETWEEN %s AND %s ORDER BY id",
            [*values, lowest, highest],
        )
