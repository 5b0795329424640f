"""Makes the demo business, through the same services as everybody uses, day by day from three weeks ago."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.choices import PaymentTerms, PortalUserState
from accounts.models import Contact, Customer, CustomerLink, Label, Location, PortalUser, User, Worker
from accounts.services import change_contacts, save_customer, save_label, save_location, save_worker
from alerts.services import install_default_alerts
from audit.act import Source, acting
from audit.security_events import seeding
from business.models import PortalSettings
from config.demo import business
from config.demo.moments import at_moment, demo_moment
from config.demo.money import bill_the_weeks, set_up_billing
from console.roles import Role, give_role, install_roles
from jobs.choices import JobStatus
from jobs.models import CancellationReason, Job, JobEvent
from jobs.services import (
    NewJob,
    cancel_job,
    complete_job,
    create_jobs,
    create_series,
    pause_series,
    report_position,
    schedule_job,
    start_job,
)
from permissions.services import set_override, set_template_access
from templates_app.models import JobTemplate, TemplateField, TemplateStep
from templates_app.services import TemplatePart, change_parts, save_template

DAYS_BACK, DAYS_AHEAD, JOBS_A_DAY = 21, 16, 10


@dataclass
class Demo:
    """What was made, for the loader's next step to build on."""

    chance: random.Random
    today: date
    users: dict[str, User] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    templates: dict[str, JobTemplate] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    @property
    def olivia(self) -> User:
        return self.users["olivia@harbour.example"]

    @property
    def dana(self) -> User:
        return self.users["dana@harbour.example"]


def load_demo(seed: int = 1) -> Demo:
    """Makes the whole business in one transaction. The same seed makes the same business, relative to today."""
    demo = Demo(random.Random(seed), timezone.localdate())  # noqa: S311  a demo, not a secret
    opening = demo_moment(demo.today - timedelta(days=DAYS_BACK + 30), 9)
    with seeding(), transaction.atomic():
        with at_moment(opening):
            _open_the_business(demo)
        with acting(by=demo.olivia, source=Source.CONSOLE), at_moment(opening + timedelta(hours=1)):
            _make_workers_and_templates(demo)
            install_default_alerts(by=demo.olivia)
            _make_customers(demo)
            _make_portal_users(demo)
            _make_exceptions(demo)
            set_up_billing(demo)
        _work_through_the_weeks(demo)
        bill_the_weeks(demo)
    return demo


def _open_the_business(demo: Demo) -> None:
    install_roles()
    for account in business.ACCOUNTS:
        user = User.objects.create_user(
            account.email, business.PASSWORD, full_name=account.name, is_staff=account.is_staff
        )
        demo.users[account.email] = user
        if account.role:
            give_role(user, Role(account.role), by=None)
    settings = PortalSettings.load()
    settings.portal_name = "Harbour Bins"
    settings.introduction = "Skips and recycling for Hamburg, since 1987."
    settings.business_phone = "+49 40 5550100"
    settings.business_email = "office@harbour.example"
    settings.sms_enabled = True
    with acting(by=demo.olivia, source=Source.CONSOLE):
        settings.save()


def _make_workers_and_templates(demo: Demo) -> None:
    for name, colour, phone in business.WORKERS:
        hours = {day: ["07:00", "16:00"] for day in ("mo", "tu", "we", "th", "fr")}
        worker = Worker(name=name, colour=colour, phone=phone, working_hours=hours)
        demo.workers.append(save_worker(worker, by=demo.olivia))
    for position, text in enumerate(business.CANCELLATION_REASONS):
        CancellationReason.objects.create(text=text, position=position)
    colours = iter(("#0f766e", "#1d4ed8", "#7c3aed", "#4d7c0f", "#b91c1c", "#a16207"))
    for name, (category, minutes, prices, default, description, steps, fields) in business.TEMPLATES.items():
        template = JobTemplate(
            name=name,
            category=category,
            duration_minutes=minutes,
            price_lines=[
                dict(zip(("description", "quantity", "unit_price", "unit"), line, strict=False)) for line in prices
            ],
            is_portal_default=default,
            description=description,
            colour=next(colours),
        )
        parts: list[TemplatePart] = [
            TemplateStep(name=step, position=position, portal_use=use) for position, (step, use) in enumerate(steps)
        ]
        parts += [TemplateField(position=position, **facts) for position, facts in enumerate(fields)]
        demo.templates[name] = save_template(template, by=demo.olivia)
        change_parts(template, saved=parts, by=demo.olivia)


# As people write their names in addresses.
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e"})


def _make_customers(demo: Demo) -> None:
    labels = {name: save_label(Label(name=name), by=demo.olivia) for name in business.LABELS}
    for number, (name, contact, label) in enumerate(business.CUSTOMERS, start=1):
        terms = demo.chance.choice([PaymentTerms.NET_7, PaymentTerms.NET_14, PaymentTerms.NET_30])
        customer = Customer(name=name, external_id=f"C-{1000 + number}", payment_terms=terms)
        save_customer(customer, labels=[labels[label]], by=demo.olivia)
        address = f"{contact.split()[0].lower().translate(_PLAIN)}@{_domain(name)}.example"
        phone = f"+49 151 555{10_000 + number}"
        person = Contact(name=contact, email=address, phone=phone, is_site_contact=True, is_billing_contact=True)
        change_contacts(customer, saved=[person], by=demo.olivia)
        for place in range(demo.chance.choice([1, 1, 2])):
            yard = Location(
                customer=customer,
                name="" if not place else "Yard",
                street=f"{demo.chance.choice(business.STREETS)} {demo.chance.randint(1, 120)}",
                postcode=f"2{demo.chance.randint(0, 2)}{demo.chance.randint(100, 599)}",
                city="Hamburg",
                latitude=Decimal(f"{53.55 + demo.chance.uniform(-0.06, 0.06):.6f}"),
                longitude=Decimal(f"{9.99 + demo.chance.uniform(-0.12, 0.12):.6f}"),
                notes="" if demo.chance.random() < 0.7 else "Ring at the gate, the porter opens.",
            )
            save_location(yard, by=demo.olivia)
        demo.customers[name] = customer


def _domain(name: str) -> str:
    return "".join(letter for letter in name.lower().translate(_PLAIN) if letter.isalnum())


def _make_portal_users(demo: Demo) -> None:
    for account in business.ACCOUNTS:
        if account.customers:
            person = PortalUser.objects.create(user=demo.users[account.email], state=PortalUserState.ACTIVE)
            for name in account.customers:
                CustomerLink.objects.create(portal_user=person, customer=demo.customers[name])


def _make_exceptions(demo: Demo) -> None:
    """Not everybody is alike: Colm may not cancel, Carl may ask for one more kind of job."""
    colm, carl = (PortalUser.objects.get(user=demo.users[f"{name}@customer.example"]) for name in ("colm", "carl"))
    set_override(colm, "cancel_jobs", "deny", by=demo.dana, reason="Called off five skips on the morning in October")
    set_template_access(carl, demo.templates["Hazardous waste pickup"], "add", by=demo.dana)


def _work_through_the_weeks(demo: Demo) -> None:
    """Orders come in two to five days ahead; what is due before now is done, today's work is under way."""
    now = timezone.now()
    for offset in range(-DAYS_BACK, DAYS_AHEAD):
        day = demo.today + timedelta(days=offset)
        if day.weekday() == 6 and day != demo.today:  # today there is always something to see
            continue
        ordered = min(demo_moment(day - timedelta(days=demo.chance.randint(2, 5)), demo.chance.randint(8, 16)), now)
        with at_moment(ordered):
            jobs = create_jobs([_new_job(demo, day) for _ in range(JOBS_A_DAY)], by=demo.dana, source=Source.CONSOLE)
        for place, job in enumerate(jobs):
            _run_its_course(demo, job, day, place, ordered, now)
    with at_moment(now):
        _fresh_orders(demo)
        _say_where_workers_are(demo, now)
        _make_series(demo)
    # Old news is told to nobody; what happened today fills the ledger as soon as a worker runs.
    JobEvent.objects.filter(at__lt=demo_moment(demo.today, 0)).update(announced_at=F("at"))


def _new_job(demo: Demo, day: date) -> NewJob:
    names = list(demo.customers)
    # The customers of the cast have more work than others, so that each of them has something to see.
    weights = [
        6 if name in ("Acme Builders", "Birch Hotel", "Cedar School", "Elm Garden Centre") else 1 for name in names
    ]
    customer = demo.customers[demo.chance.choices(names, weights)[0]]
    template = demo.templates[demo.chance.choices(list(demo.templates), [4, 5, 3, 4, 1, 1])[0]]
    return NewJob(
        customer=customer,
        template=template,
        location=demo.chance.choice(list(customer.locations.all())),
        requested_start=demo_moment(day, demo.chance.choice([7, 8, 9, 10, 13])),
        asset_id=f"SK-{demo.chance.randint(100, 480)}" if template.category == "Skips" else "",
        values=_values(demo, template),
        notes=demo.chance.choice(["", "", "", "Call ten minutes before.", "Gate is open until noon.", "Narrow drive."]),
    )


def _values(demo: Demo, template: JobTemplate) -> dict[str, str | int]:
    values: dict[str, str | int] = {}
    for field_ in template.fields.all():
        if field_.choices:
            values[field_.key] = demo.chance.choice(field_.choices)
        elif field_.key == "un_number":
            values[field_.key] = demo.chance.choice(["UN 1263", "UN 1866", "UN 2794"])
        elif field_.key == "bins":
            values[field_.key] = demo.chance.randint(1, 6)
    return values


def _run_its_course(demo: Demo, job: Job, day: date, place: int, ordered: datetime, now: datetime) -> None:
    """Schedules most jobs, and lets pass what has passed."""
    chance = demo.chance
    if chance.random() < (0.06 if day <= demo.today else 0.25):
        return  # nobody has found a time for it yet
    start = demo_moment(day, 7 + place, chance.choice([0, 15, 30]))
    with at_moment(min(ordered + timedelta(hours=chance.randint(1, 20)), now)):
        job = schedule_job(job, by=demo.dana, start=start, worker=demo.workers[place % len(demo.workers)])
    if chance.random() < 0.06:
        with at_moment(min(start - timedelta(hours=20), now)):
            cancel_job(job, by=demo.dana, reason=chance.choice(business.CANCELLATION_REASONS))
        return
    end = start + timedelta(minutes=job.duration_minutes + chance.randint(-10, 25))
    if start <= now and chance.random() < 0.96:
        with at_moment(start):
            job = start_job(job, by=demo.dana)
        if end <= now:
            with at_moment(end):
                complete_job(job, by=demo.dana)


def _make_series(demo: Demo) -> None:
    """Work that comes again: jobs of the days ahead, and a series that rests over the winter."""
    acme, elm = demo.customers["Acme Builders"], demo.customers["Elm Garden Centre"]
    facts: dict[str, Any] = {
        "template": demo.templates["Skip exchange"],
        "values": {"skip_size": "7 m³", "waste": "Mixed"},
        "starts_on": demo.today,
        "create_days_ahead": 7,
    }
    monday_and_thursday = [{"kind": "week", "every": 1, "on": ["mo", "th"]}]
    last_of_month = [{"kind": "month", "every": 1, "day": -1}]
    create_series(
        {
            **facts,
            "name": "Acme, Monday and Thursday",
            "customer": acme,
            "location": acme.locations.first(),
            "worker": demo.workers[0],
            "rules": monday_and_thursday,
        },
        by=demo.dana,
    )
    resting = create_series(
        {
            **facts,
            "name": "Elm Garden Centre, end of month",
            "customer": elm,
            "location": elm.locations.first(),
            "rules": last_of_month,
            "start_time": time(7, 30),
        },
        by=demo.dana,
    )
    pause_series(resting, by=demo.dana)


def _say_where_workers_are(demo: Demo, now: datetime) -> None:
    """Whoever is on a job is somewhere near it; the others were seen at the yard this morning."""
    for worker in demo.workers:
        job = Job.objects.filter(worker=worker, status=JobStatus.STARTED, latitude__isnull=False).first()
        north, east = (job.latitude, job.longitude) if job else (Decimal("53.540000"), Decimal("9.970000"))
        if north is None or east is None:
            continue
        for minutes in (9, 6, 3) if job else (40,):
            report_position(
                worker,
                latitude=north + Decimal(demo.chance.randint(-60, 60)) / 10_000,
                longitude=east + Decimal(demo.chance.randint(-60, 60)) / 10_000,
                at=now - timedelta(minutes=minutes),
            )


def _fresh_orders(demo: Demo) -> None:
    """This morning's orders."""
    for name in ("Elm Garden Centre", "Acme Builders", "Cedar School"):
        customer = demo.customers[name]
        new = NewJob(
            customer=customer,
            template=demo.templates["Skip exchange"],
            location=customer.locations.first(),
            requested_start=demo_moment(demo.today + timedelta(days=3), 8),
            values={"skip_size": "7 m³", "waste": "Mixed"},
        )
        create_jobs([new], by=demo.dana, source=Source.CONSOLE)
