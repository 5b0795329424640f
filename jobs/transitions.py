"""Which state follows which: the only place that knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.choices import NOT_STARTED, JobStatus

S = JobStatus


@dataclass(frozen=True)
class Transition:
    """One step a job can take: what it is called, from which states, to which, and what is said where it cannot."""

    name: str
    label: str | Promise
    sources: tuple[JobStatus, ...]
    target: JobStatus
    refusal: str | Promise


TRANSITIONS: dict[str, Transition] = {
    transition.name: transition
    for transition in (
        Transition(
            "schedule",
            pgettext_lazy("a job", "Schedule"),
            NOT_STARTED,
            S.SCHEDULED,
            _("%(number)s is %(status)s: it cannot be scheduled."),
        ),
        Transition(
            "unschedule",
            _("Take off the schedule"),
            (S.SCHEDULED,),
            S.UNASSIGNED,
            _("%(number)s is %(status)s: it is not on the schedule."),
        ),
        Transition(
            "start",
            pgettext_lazy("a job", "Start"),
            (S.UNASSIGNED, S.SCHEDULED),
            S.STARTED,
            _("%(number)s is %(status)s: it cannot be started."),
        ),
        Transition(
            "pause",
            _("Pause"),
            (S.STARTED,),
            S.PAUSED,
            _("%(number)s is %(status)s: it cannot be paused."),
        ),
        Transition(
            "resume",
            _("Resume"),
            (S.PAUSED,),
            S.STARTED,
            _("%(number)s is %(status)s: it cannot be resumed."),
        ),
        Transition(
            "complete",
            _("Complete"),
            (S.UNASSIGNED, S.SCHEDULED, S.STARTED, S.PAUSED),
            S.COMPLETED,
            _("%(number)s is %(status)s: it cannot be completed."),
        ),
        Transition(
            "postpone",
            _("Postpone"),
            (S.UNASSIGNED, S.SCHEDULED),
            S.POSTPONED,
            _("%(number)s is %(status)s: it cannot be postponed."),
        ),
        Transition(
            "cancel",
            pgettext_lazy("a job", "Cancel"),
            (*NOT_STARTED, S.STARTED, S.PAUSED),
            S.CANCELLED,
            _("%(number)s is %(status)s: it cannot be cancelled."),
        ),
        # Where an undone cancellation leads depends on whether the job still has its time: see the service.
        Transition(
            "undo_cancel",
            _("Undo cancellation"),
            (S.CANCELLED,),
            S.UNASSIGNED,
            _("%(number)s is %(status)s: there is no cancellation to undo."),
        ),
    )
}


class UnknownTransition(LookupError):
    """There is no transition of that name."""


def transition(name: str) -> Transition:
    """The transition of that name. Raises UnknownTransition."""
    try:
        return TRANSITIONS[name]
    except KeyError:
        raise UnknownTransition(name) from None


def is_possible(name: str, status: str) -> bool:
    """May a job in that state take that step?"""
    return status in transition(name).sources


def possible(status: str) -> list[Transition]:
    """Every step a job in that state may take."""
    return [step for step in TRANSITIONS.values() if status in step.sources]
