"""What rooms above say to this one: what else stands beside a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from audit.registry import Registry
from jobs.models import Job

if TYPE_CHECKING:
    from audit.restore import Plan, RestoreStep


@dataclass(frozen=True)
class Panel:
    """One more card beside a job."""

    title: str | Promise
    body: SafeString


class PanelOf(Protocol):
    """What makes one more card."""

    def __call__(self, request: HttpRequest, job: Job, /) -> Panel | None:
        """Return the card of a job as this person sees it; None when there is none for them."""


class WhyNotTakenBack(Protocol):
    """What a room above knows against giving a job old values back."""

    def __call__(self, step: RestoreStep, plan: Plan, /) -> str:
        """Return why this step cannot be done now, in a sentence; empty when it can."""


WHY_NOT_TAKEN_BACK: Registry[str, WhyNotTakenBack] = Registry("Rules of taking back jobs")
# By what they show, in the order in which they stand.
JOB_PANELS: Registry[str, PanelOf] = Registry("Cards beside a job")
