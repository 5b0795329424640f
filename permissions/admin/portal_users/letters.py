"""What became of an invitation, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.models import Invitation

WAITING_STATES = (PortalUserState.INVITED, PortalUserState.AWAITING)


class Addressee(Protocol):
    """A portal user with what became of their latest invitation; nothing of it is set without one."""

    state: str
    letter_state: str | None
    letter_at: datetime
    letter_until: datetime
    letter_error: str


def letter_words(person: Addressee) -> str:
    """What became of the latest invitation of somebody who still waits, in a sentence; "–" for others."""
    if person.state not in WAITING_STATES or not person.letter_state:
        return "–"
    if person.letter_until < timezone.now():
        return _("The link ended %s. Send a fresh mail.") % short_time(person.letter_until)
    match person.letter_state:
        case Invitation.MailState.SENT:
            return _("Sent %(at)s, works until %(until)s.") % {
                "at": short_time(person.letter_at),
                "until": short_time(person.letter_until),
            }
        case Invitation.MailState.FAILED:
            return _("The mail did not go out: %s") % person.letter_error
        case Invitation.MailState.UNCERTAIN:
            return _("The mail may not have gone out. %s") % person.letter_error
    return _("Waiting to go out.")


def short_time(at: datetime) -> str:
    """A date and time, short, by the clock of the business."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
