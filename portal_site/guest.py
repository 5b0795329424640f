"""What a portal link asks before it shows its job (PRODUCT.md section 6): one question, few tries.

A wrong answer, a dead link and a link that never was take the same way through this file and end alike
(docs/decisions/0010-guest-answers.md).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypedDict

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.languages import language_of_this_page
from accounts.telephones import normal_number
from alerts.choices import Channel
from alerts.services import send_code
from audit.address import client_network
from audit.expressions import Expression
from business.models import PortalSettings
from jobs import services
from jobs.models import Job, PortalLink
from portal_site.visitor import PortalRequest

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


class AnswerOutcome(StrEnum):
    """What became of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too many"
    CODE_SENT = "code sent"
    NO_CODE = "no code"


class PendingCode(TypedDict):
    """A code that was sent, as the session keeps it: its fingerprint, and until when it works (a timestamp)."""

    code: str
    until: float


class Proof(TypedDict):
    """That a session answered rightly, as the session keeps it: when (a timestamp), and the fingerprint of what."""

    at: float
    of: str


@dataclass(frozen=True)
class PresentedLink:
    """A token somebody came with, and the link behind it if there is one, alive or dead."""

    token: str
    link: PortalLink | None

    @property
    def live(self) -> PortalLink | None:
        """The link, if it still leads to its job."""
        return self.link if self.link is not None and not self.link.why_dead else None

    @property
    def job(self) -> Job | None:
        """What the link leads to, or led to."""
        return self.link.job if self.link else None

    @property
    def question(self) -> Question:
        """What is asked. A link that never was asks what most links ask."""
        return question_about(self.link.job) if self.link else Question.EMAIL


def present(token: str) -> PresentedLink:
    """Look a token up, in one query, whatever is behind it."""
    return PresentedLink(token, services.find_link(token))


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
            return normal_number(words)
    return _NO_WORDS.sub("", words).casefold()


def right_answer(job: Job) -> str:
    """What a visitor has to say, in its plain form."""
    question = question_about(job)
    said = {Question.EMAIL: job.contact_email, Question.PHONE: job.contact_phone, Question.NUMBER: job.number}
    return plain(question, said[question])


def prove(request: PortalRequest, presented: PresentedLink, answer: str) -> AnswerOutcome:
    """Tries an answer, and on the right one makes this session a guest of that link.

    Counts the try first: two at once cannot share one chance.
    """
    attempt = services.begin_try(presented.token, client_network(request))
    if attempt is None:
        return AnswerOutcome.TOO_MANY
    # A token without a job is measured against something too, so that it takes as long.
    right = right_answer(presented.link.job) if presented.link else "nobody@nowhere.invalid"
    fits = constant_time_compare(plain(presented.question, answer).encode(), right.encode())
    link = presented.live
    if link is None or not fits:
        return AnswerOutcome.WRONG
    services.try_was_right(attempt)
    if request.visitor.settings.guest_proof == PortalSettings.GuestProof.CODE:
        return _send_code(request, link, presented.question)
    _open(request, link)
    return AnswerOutcome.RIGHT


def _codes(request: PortalRequest) -> dict[str, PendingCode]:
    """{link's key: its code} of this session."""
    found: dict[str, PendingCode] = request.session.get(CODES) or {}
    return found


def awaits_code(request: PortalRequest, presented: PresentedLink) -> bool:
    """Was a code sent to the visitor of this link, and does it still work?"""
    pending = _codes(request).get(str(presented.link.pk)) if presented.link else None
    return pending is not None and timezone.now().timestamp() < pending["until"]


def prove_by_code(request: PortalRequest, presented: PresentedLink, code: str) -> AnswerOutcome:
    """Tries the code that was sent (``awaits_code`` says that one was); counted like every other try."""
    attempt = services.begin_try(presented.token, client_network(request))
    if attempt is None:
        return AnswerOutcome.TOO_MANY
    link = presented.link
    if link is None:
        return AnswerOutcome.WRONG
    pending = _codes(request)[str(link.pk)]
    fits = constant_time_compare(pending["code"], _code_seal(link, _NO_DIGITS.sub("", code)))
    if not (fits and presented.live):
        return AnswerOutcome.WRONG
    services.try_was_right(attempt)
    forget_code(request, presented)
    _open(request, link)
    return AnswerOutcome.RIGHT


def forget_code(request: PortalRequest, presented: PresentedLink) -> None:
    """The code that was sent opens nothing any more."""
    if presented.link is not None:
        used = str(presented.link.pk)
        request.session[CODES] = {key: pending for key, pending in _codes(request).items() if key != used}


def _send_code(request: PortalRequest, link: PortalLink, question: Question) -> AnswerOutcome:
    """Six digits to the contact on the job: they prove that she reads its mail, not only that she knows its address."""
    if services.right_tries(link) > CODES_PER_LINK:
        return AnswerOutcome.TOO_MANY
    settings = request.visitor.settings
    if question == Question.EMAIL:
        channel, to = Channel.EMAIL, link.job.contact_email.strip()
    elif question == Question.PHONE and settings.sms_enabled:
        channel, to = Channel.SMS, right_answer(link.job)
    else:
        return AnswerOutcome.NO_CODE
    code = f"{secrets.randbelow(1_000_000):06d}"
    minutes = int(CODE_HOLDS.total_seconds() // 60)
    if not send_code(link.job, code, channel=channel, to=to, minutes=minutes, language=language_of_this_page()):
        return AnswerOutcome.NO_CODE
    until = timezone.now() + CODE_HOLDS
    pending = PendingCode(code=_code_seal(link, code), until=until.timestamp())
    request.session[CODES] = {**_codes(request), str(link.pk): pending}
    return AnswerOutcome.CODE_SENT


def _code_seal(link: PortalLink, code: str) -> str:
    return salted_hmac("portal_site.guest.code", f"{_seal(link)} {code}", algorithm="sha256").hexdigest()


def _open(request: PortalRequest, link: PortalLink) -> None:
    services.note_opening(link)
    request.session.cycle_key()
    proof = Proof(at=timezone.now().timestamp(), of=_seal(link))
    request.session[PROOFS] = {**request.session.get(PROOFS, {}), str(link.pk): proof}


def _seal(link: PortalLink) -> str:
    """A fingerprint of what was proved: when the office changes the contact, the proof is worth nothing."""
    proved = f"{link.token_digest} {right_answer(link.job)}"
    return salted_hmac("portal_site.guest", proved, algorithm="sha256").hexdigest()


def has_proved(request: PortalRequest, presented: PresentedLink) -> bool:
    """Did this session prove itself at this link, with what is still on the job, not too long ago?"""
    link = presented.link
    if link is None:
        return False
    proof: Proof | None = request.session.get(PROOFS, {}).get(str(link.pk))
    if not proof or timezone.now().timestamp() - proof["at"] > PROOF_HOLDS.total_seconds():
        return False
    return constant_time_compare(proof["of"], _seal(link))
