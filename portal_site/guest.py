"""The portal link's door (PRODUCT.md section 6): one question, one job, few tries.

A wrong answer, a dead link and a link that never was take the same way through this file and end alike
(docs/decisions/0010-guest-answers.md).
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import phonenumbers
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.languages import language_of_this_page
from alerts.addresses import LONGEST_NUMBER
from alerts.channels import CHANNELS
from alerts.channels.base import Message, Permanent, Temporary
from alerts.choices import Channel
from audit.address import client_network
from audit.expressions import Expression
from business.models import PortalSettings
from jobs import services
from jobs.models import Job, PortalLink
from permissions.resolver import guest_rights
from portal_site import access

# A proof holds this long; then she is asked again.
PROOF_HOLDS = timedelta(hours=24)
PROOFS = "guest_proofs"
# One-time codes, where the portal settings ask for them.
CODES = "guest_codes"
CODE_HOLDS = timedelta(minutes=10)
CODES_PER_LINK = 5
# No answer is longer: an e-mail address is the longest.
LONGEST_ANSWER = 254
_BLANKS = Expression(r"\s+", longest=LONGEST_ANSWER)
_NO_DIGITS = Expression(r"\D+", longest=LONGEST_ANSWER)
_NO_WORDS = Expression(r"[\W_]+", longest=LONGEST_ANSWER)


class Question(StrEnum):
    """What the visitor of a link is asked for: exactly one thing."""

    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"


class Outcome(StrEnum):
    """What became of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too many"
    CODE_SENT = "code sent"
    NO_CODE = "no code"


@dataclass(frozen=True)
class Door:
    """A token somebody came with, and the link behind it if there is one, alive or dead."""

    token: str
    link: PortalLink | None

    @property
    def is_open(self) -> bool:
        """Does the link still lead to its job?"""
        return self.link is not None and not self.link.why_dead

    @property
    def question(self) -> Question:
        """What is asked. A link that never was asks what most links ask."""
        return question_about(self.link.job) if self.link else Question.EMAIL


def knock(token: str) -> Door:
    """The door of a token, in one query, whatever is behind it."""
    return Door(token, services.find_link(token))


def question_about(job: Job) -> Question:
    """The e-mail address if the job has one, else the mobile number, else the job number."""
    if job.contact_email.strip():
        return Question.EMAIL
    return Question.PHONE if plain(Question.PHONE, job.contact_phone) else Question.NUMBER


def plain(question: Question, words: str) -> str:
    """An answer without what does not matter: case, spaces, the format of a telephone number."""
    match question:
        case Question.EMAIL:
            return _BLANKS.sub("", words).casefold()
        case Question.PHONE:
            try:
                number = phonenumbers.parse(words[:LONGEST_NUMBER], django_settings.DEFAULT_COUNTRY)
            except phonenumbers.NumberParseException:
                return _NO_DIGITS.sub("", words)
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return _NO_WORDS.sub("", words).casefold()


def right_answer(job: Job) -> str:
    """What a visitor has to say, in its plain form."""
    question = question_about(job)
    said = {Question.EMAIL: job.contact_email, Question.PHONE: job.contact_phone, Question.NUMBER: job.number}
    return plain(question, said[question])


def prove(request: HttpRequest, door: Door, answer: str) -> Outcome:
    """Tries an answer, and on the right one makes this session a guest of that link.

    Counts the try first: two at once cannot share one chance.
    """
    attempt = services.begin_try(door.token, client_network(request))
    if attempt is None:
        return Outcome.TOO_MANY
    # A door without a job is measured against something too, so that it takes as long.
    right = right_answer(door.link.job) if door.link else "nobody@nowhere.invalid"
    fits = constant_time_compare(plain(door.question, answer).encode(), right.encode())
    if not (fits and door.is_open):
        return Outcome.WRONG
    services.try_was_right(attempt)
    if access.settings(request).guest_proof == PortalSettings.GuestProof.CODE:
        return _send_code(request, door)
    _open(request, door)
    return Outcome.RIGHT


def awaits_code(request: HttpRequest, door: Door) -> bool:
    """Was a code sent to the visitor of this door, and does it still work?"""
    codes: dict[str, Any] = request.session.get(CODES) or {}
    pending = codes.get(str(door.link.pk)) if door.link else None
    return pending is not None and timezone.now().timestamp() < pending["until"]


def prove_by_code(request: HttpRequest, door: Door, code: str) -> Outcome:
    """Tries the code that was sent; counted like every other try."""
    attempt = services.begin_try(door.token, client_network(request))
    if attempt is None:
        return Outcome.TOO_MANY
    link: Any = door.link
    codes: dict[str, Any] = request.session.get(CODES) or {}
    pending = codes[str(link.pk)]
    fits = constant_time_compare(pending["code"], _code_seal(link, _NO_DIGITS.sub("", code)))
    if not (fits and door.is_open):
        return Outcome.WRONG
    services.try_was_right(attempt)
    forget_code(request, door)
    _open(request, door)
    return Outcome.RIGHT


def forget_code(request: HttpRequest, door: Door) -> None:
    """The code that was sent opens nothing any more."""
    link: Any = door.link
    codes = request.session.get(CODES, {})
    request.session[CODES] = {key: pending for key, pending in codes.items() if key != str(link.pk)}


def _send_code(request: HttpRequest, door: Door) -> Outcome:
    """Six digits to the contact on the job: they prove that she reads its mail, not only that she knows its address."""
    link: Any = door.link
    if services.right_tries(link) > CODES_PER_LINK:
        return Outcome.TOO_MANY
    settings = access.settings(request)
    if door.question == Question.EMAIL:
        channel, to = Channel.EMAIL, link.job.contact_email.strip()
    elif door.question == Question.PHONE and settings.sms_enabled:
        channel, to = Channel.SMS, right_answer(link.job)
    else:
        return Outcome.NO_CODE
    code = f"{secrets.randbelow(1_000_000):06d}"
    words = {"code": code, "business": settings.portal_name, "minutes": int(CODE_HOLDS.total_seconds() // 60)}
    fate = CHANNELS[channel].send(
        Message(
            key=f"guest-code-{uuid.uuid4().hex}",
            to=to,
            to_name=link.job.contact_name,
            subject=_("Your code for %s") % settings.portal_name,
            body=_("%(code)s is your code for %(business)s. It works for %(minutes)s minutes, and once.") % words,
            reply_to=settings.business_email,
            language=language_of_this_page(),
        )
    )
    if isinstance(fate, Temporary | Permanent):
        return Outcome.NO_CODE
    until = timezone.now() + CODE_HOLDS
    codes = request.session.get(CODES, {})
    pending = {"code": _code_seal(link, code), "until": until.timestamp()}
    request.session[CODES] = {**codes, str(link.pk): pending}
    return Outcome.CODE_SENT


def _code_seal(link: PortalLink, code: str) -> str:
    return salted_hmac("portal_site.guest.code", f"{_seal(link)} {code}", algorithm="sha256").hexdigest()


def _open(request: HttpRequest, door: Door) -> None:
    link: Any = door.link
    services.note_opening(link)
    request.session.cycle_key()
    proofs = request.session.get(PROOFS, {})
    request.session[PROOFS] = {**proofs, str(link.pk): {"at": timezone.now().timestamp(), "of": _seal(link)}}


def _seal(link: PortalLink) -> str:
    """A fingerprint of what was proved: when the office changes the contact, the proof is worth nothing."""
    proved = f"{link.token_digest} {right_answer(link.job)}"
    return salted_hmac("portal_site.guest", proved, algorithm="sha256").hexdigest()


def has_proved(request: HttpRequest, door: Door) -> bool:
    """Did this session prove itself at this link, with what is still on the job, not too long ago?"""
    if door.link is None:
        return False
    proof = request.session.get(PROOFS, {}).get(str(door.link.pk))
    if not proof or timezone.now().timestamp() - proof["at"] > PROOF_HOLDS.total_seconds():
        return False
    return constant_time_compare(proof["of"], _seal(door.link))


def enter(request: HttpRequest, door: Door) -> None:
    """From here on this request has a guest's rights on the job behind an open door."""
    link: Any = door.link
    access.enter_as_guest(request, link, guest_rights(access.settings(request), link.job))
