"""Every event people can be told about: its label, whom one tells as a rule, and the words to start from.

To add one: its kind in the room that records it (``jobs.choices.EventKind``), the service that records it, a line here.
A room above brings its own with its ``EventSource`` (``alerts.sources``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.choices import AccountEventKind
from alerts.choices import Audience
from alerts.hooks import EVENTS, LABELS, PAYLOADS
from alerts.subjects import AccountSubject, JobSubject, Subject
from audit.events import EventPayload
from jobs.choices import EventKind

Words = str | Promise


@dataclass(frozen=True)
class Event:
    """One kind of event. ``audience``: whom a new alert tells to begin with; the texts hold tokens (alerts.tokens);
    ``about``: what it happens to."""

    kind: TextChoices
    help: Words
    subject: Words
    message: Words
    sms: Words
    audience: tuple[Audience, ...] = (Audience.SITE_CONTACT,)
    about: type[Subject] = JobSubject


JOB_EVENTS = (
    Event(
        EventKind.CREATED,
        _("A job was made, from whatever source."),
        _("{service}: we have your request {job_number}"),
        _(
            "Hello {contact_name},\n\n"
            "we have your request {job_number}: {service}.\n"
            "Where: {address}\n"
            "Planned: {planned_start}\n\n"
            "Follow it here, whenever you like:\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: we have your request {job_number}. Follow it: {portal_access_url}"),
    ),
    Event(
        EventKind.SCHEDULED,
        _("A job got its planned start."),
        _("{service} is planned for {planned_date}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) is planned for {planned_start}.\n"
            "Where: {address}\n"
            "Who comes: {worker_name}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: {service} {job_number} is planned for {planned_start}. {portal_access_url}"),
    ),
    Event(
        EventKind.RESCHEDULED,
        _("A planned job got another time."),
        _("New time for {service}: {planned_date}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) has a new time: {planned_start}.\n"
            "Before: {previous_start}\n"
            "Where: {address}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: new time for {service} {job_number}: {planned_start}. {portal_access_url}"),
    ),
    Event(
        EventKind.ASSIGNED,
        _("A job got its worker, or another one."),
        _("{job_number} is yours: {service}"),
        _(
            "Hello {worker_name},\n\n"
            "you have {job_number}: {service}.\n"
            "For: {customer_name}\n"
            "Where: {address}\n"
            "Planned: {planned_start}\n"
            "Contact there: {contact_name} {contact_phone}"
        ),
        _("{job_number}: {service}, {address}, {planned_start}"),
        (Audience.WORKER,),
    ),
    Event(
        EventKind.STARTED,
        _("The worker began."),
        _("We are on it: {service}"),
        _(
            "Hello {contact_name},\n\n"
            "{worker_name} has started: {service} ({job_number}).\n"
            "Where: {address}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: we have started {service} {job_number}. {portal_access_url}"),
    ),
    Event(
        EventKind.PAUSED,
        _("The worker interrupts."),
        _("{job_number} is paused"),
        _("{service} ({job_number}) for {customer_name} is paused.\nWhere: {address}"),
        _("{job_number} is paused."),
        (Audience.STAFF,),
    ),
    Event(
        EventKind.RESUMED,
        _("The worker goes on."),
        _("{job_number} goes on"),
        _("{service} ({job_number}) for {customer_name} goes on.\nWhere: {address}"),
        _("{job_number} goes on."),
        (Audience.STAFF,),
    ),
    Event(
        EventKind.STEP_COMPLETED,
        _("One step of a job is done."),
        _("{service}: {step_name}"),
        _(
            "Hello {contact_name},\n\n"
            "a step of {service} ({job_number}) is done: {step_name}.\n\n"
            "{portal_access_url}\n\n"
            "{business_name}"
        ),
        _("{business_name}: {job_number}, done: {step_name}"),
    ),
    Event(
        EventKind.COMPLETED,
        _("All of a job is done."),
        _("Done: {service}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) is done.\n"
            "Where: {address}\n"
            "When: {completed_at}\n\n"
            "Thank you.\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: {service} {job_number} is done. Thank you."),
    ),
    Event(
        EventKind.CANCELLED,
        _("A job was called off."),
        _("Cancelled: {service} {job_number}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) is cancelled.\n"
            "Reason: {reason}\n"
            "Where: {address}\n\n"
            "If this is a mistake, please call us: {business_phone}\n\n"
            "{business_name}"
        ),
        _("{business_name}: {service} {job_number} is cancelled."),
    ),
    Event(
        EventKind.CANCELLATION_UNDONE,
        _("A cancelled job came back."),
        _("Back on the list: {service} {job_number}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) was cancelled by mistake and is back.\n"
            "Planned: {planned_start}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}"
        ),
        _("{business_name}: {service} {job_number} is back on our list. {planned_start}"),
    ),
    Event(
        EventKind.POSTPONED,
        _("A job was put off without a new time."),
        _("Put off: {service} {job_number}"),
        _(
            "Hello {contact_name},\n\n"
            "we have to put off {service} ({job_number}).\n"
            "It was planned for: {previous_start}\n"
            "Reason: {reason}\n\n"
            "We will call you with a new time.\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: {service} {job_number} is put off. We will call you."),
    ),
    Event(
        EventKind.CHANGED,
        _("What a job says was changed: address, contact, fields."),
        _("Changed: {service} {job_number}"),
        _(
            "Hello {contact_name},\n\n"
            "{service} ({job_number}) was changed: {changed_fields}.\n\n"
            "{portal_access_url}\n\n"
            "{business_name}"
        ),
        _("{business_name}: {job_number} was changed. {portal_access_url}"),
    ),
    Event(
        EventKind.CHANGE_REQUESTED,
        _("A customer asks for what she may no longer change herself."),
        _("{customer_name} asks about {job_number}"),
        _(
            "{actor} asks to {asked_for}: {job_number}, {service}, {customer_name}.\n"
            "Reason: {reason}\n"
            "Planned: {planned_start}"
        ),
        _("{customer_name} asks to {asked_for}: {job_number}"),
        (Audience.STAFF,),
    ),
    Event(
        EventKind.CHANGE_ANSWERED,
        _("The office said yes or no to a change request."),
        _("Your request about {job_number}: {decision}"),
        _(
            "Hello {contact_name},\n\n"
            "you asked us to {asked_for}: {service} ({job_number}).\n"
            "Our answer: {decision}\n"
            "{answer}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: you asked us to {asked_for} {job_number}. Our answer: {decision}. {answer}"),
    ),
    Event(
        EventKind.REMINDED,
        _("A planned start is so many hours away."),
        _("{service} on {planned_date}, {planned_time}"),
        _(
            "Hello {contact_name},\n\n"
            "a reminder: {service} ({job_number}) is planned for {planned_start}.\n"
            "Where: {address}\n"
            "Who comes: {worker_name}\n\n"
            "{portal_access_url}\n\n"
            "{business_name}\n"
            "{business_phone}"
        ),
        _("{business_name}: {service} {job_number} is planned for {planned_start}. {portal_access_url}"),
    ),
    Event(
        EventKind.START_MISSED,
        _("A planned start has passed, and nobody has begun."),
        _("{job_number} has not started"),
        _(
            "{service} ({job_number}) for {customer_name} was to start {planned_start}, and has not.\n"
            "Who: {worker_name} {worker_phone}\n"
            "Where: {address}\n"
            "Contact there: {contact_name} {contact_phone}"
        ),
        _("{job_number} was to start {planned_start}, and has not. {worker_name}"),
        (Audience.STAFF,),
    ),
    Event(
        EventKind.FINISH_MISSED,
        _("A planned end has passed, and the job is still going on."),
        _("{job_number} should be done"),
        _(
            "{service} ({job_number}) for {customer_name} was to be done by {planned_end}, and is not.\n"
            "Who: {worker_name} {worker_phone}\n"
            "Where: {address}"
        ),
        _("{job_number} was to be done by {planned_end}, and is not. {worker_name}"),
        (Audience.STAFF,),
    ),
)

ACCOUNT_EVENTS = (
    Event(
        AccountEventKind.INVITED,
        _("The office, or a colleague, invited somebody to the portal, or sent the invitation again."),
        _("{person_name} is invited to the portal"),
        _("{actor} invited {person_name} ({person_email}) to the portal.\nActs for: {customer_name}"),
        _("{person_name} is invited to the portal."),
        (Audience.STAFF,),
        AccountSubject,
    ),
    Event(
        AccountEventKind.SIGNED_UP,
        _("Somebody asked to come into the portal, and has to confirm the address."),
        _("{person_name} signed up for the portal"),
        _("{person_name} ({person_email}) signed up for the portal, and has to confirm the address."),
        _("{person_name} signed up for the portal."),
        (Audience.STAFF,),
        AccountSubject,
    ),
    Event(
        AccountEventKind.ACCESS_OPENED,
        _("A portal user may sign in from now on: by an invitation, or let in again."),
        _("{person_name} may use the portal"),
        _("{person_name} ({person_email}) may sign in to the portal from now on.\nActs for: {customer_name}"),
        _("{person_name} may sign in to the portal."),
        (Audience.STAFF,),
        AccountSubject,
    ),
    Event(
        AccountEventKind.ACCESS_ENDED,
        _("A portal user was suspended or removed."),
        _("{person_name} may use the portal no more"),
        _(
            "{person_name} ({person_email}) may sign in to the portal no more.\n"
            "By: {actor}\n"
            "Reason: {reason}\n"
            "Acted for: {customer_name}"
        ),
        _("{person_name} may sign in to the portal no more."),
        (Audience.STAFF,),
        AccountSubject,
    ),
)

# What no alert is about. The office reads in the job's own list of events what it does to a link; of what concerns an
# account alone, its owner hears by a mail of its own (``accounts.letters``).
SILENT = (
    EventKind.LINK_REVOKED,
    EventKind.LINK_REISSUED,
    AccountEventKind.STAFF_INVITED,
    AccountEventKind.PASSWORD_LINK,
    AccountEventKind.TWO_FACTOR_OFF,
    AccountEventKind.SIGN_IN_PAUSED,
)

# A message that no event brings: the code somebody is sent who comes by a portal link (``alerts.services.codes``).
CODE = "link.code"

# Filled while apps are made ready (``alerts.sources.register_source``).


def add_events(events: Iterable[Event], payloads: Mapping[str, type[EventPayload]], kinds: type[TextChoices]) -> None:
    """Takes kinds of events in: those that alerts can be about, the facts of all of them, and what each is called."""
    for event in events:
        EVENTS.add(event.kind.value, event)
    for kind, payload in payloads.items():
        PAYLOADS.add(kind, payload)
    for one in kinds:
        LABELS.add(one.value, one.label)


def event_choices() -> list[tuple[str, Words]]:
    """The kinds an alert can be about, in the order of the catalogue."""
    return [(kind, event.kind.label) for kind, event in EVENTS.items()]


def message_choices() -> list[tuple[str, Words]]:
    """The kinds a message can be about: those, and what only the mail of an account is about."""
    others = [(kind, label) for kind, label in LABELS.items() if kind not in EVENTS]
    return [*event_choices(), *others, (CODE, _("One-time code"))]


def kinds_with(token: str) -> tuple[str, ...]:
    """The kinds of events whose own facts fill that token."""
    return tuple(kind for kind in EVENTS if token in PAYLOADS[kind].tokens)
