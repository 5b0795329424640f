"""Every event people can be told about: its label, whom one tells as a rule, and the words to start from.

To add one: ``jobs.choices.EventKind``, the service that records it, a line here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.choices import Audience
from jobs.choices import EventKind

Words = str | Promise


@dataclass(frozen=True)
class Event:
    """One kind of event. ``audience``: whom a new alert tells to begin with; the texts hold tokens (alerts.tokens)."""

    kind: EventKind
    help: Words
    subject: Words
    message: Words
    sms: Words
    audience: tuple[Audience, ...] = (Audience.SITE_CONTACT,)


EVENTS: dict[str, Event] = {
    event.kind: event
    for event in (
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
}

# What only the office does to a link, and reads in the job's own list of events: nobody is told.
SILENT = (EventKind.LINK_REVOKED, EventKind.LINK_REISSUED)


def event_choices() -> list[tuple[str, Words]]:
    """The kinds an alert can be about, in the order of the catalogue."""
    return [(event.kind.value, event.kind.label) for event in EVENTS.values()]
