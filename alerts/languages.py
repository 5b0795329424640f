"""In which language a message speaks.

An alert whose texts the office left as they came speaks to each recipient in the language she chose. Texts the office
wrote itself are in the office's language, and so is what their tokens are filled with: half a translation, a German
date in an English sentence, reads worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation

from alerts.hooks import EVENTS
from alerts.models import Alert


@dataclass(frozen=True)
class Spoken:
    """The texts of an alert, tokens not filled yet, and the language they are in."""

    language: str
    subject: str
    message: str
    sms_text: str


def spoken(alert: Alert, language: str = "") -> Spoken:
    """What an alert, saved or not, says to somebody who chose that language; empty: to somebody who chose none."""
    office = settings.LANGUAGE_CODE
    own = Spoken(office, alert.subject, alert.message, alert.sms_text)
    if alert.event not in EVENTS or not any(_is_as_it_came(own, as_it_came(alert.event, one)) for one in _languages()):
        return own
    fresh = as_it_came(alert.event, language or office)
    return Spoken(
        fresh.language,
        fresh.subject if own.subject else "",
        fresh.message if own.message else "",
        fresh.sms_text if own.sms_text else "",
    )


@cache
def as_it_came(kind: str, language: str) -> Spoken:
    """The catalogue's texts for an event, in a language."""
    event = EVENTS[kind]
    with translation.override(language):
        return Spoken(language, str(event.subject), str(event.message), str(event.sms))


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _is_as_it_came(own: Spoken, came: Spoken) -> bool:
    """Did the office leave every text as it was, or take it out? Line ends are those of whoever saved it."""
    pairs = ((own.subject, came.subject), (own.message, came.message), (own.sms_text, came.sms_text))
    return all(not mine or mine.split() == its.split() for mine, its in pairs)
