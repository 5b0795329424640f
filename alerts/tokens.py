"""What a message can say about a job, or whatever else it is about: the list of tokens, and how they become words.

A token is written ``{job_number}``. Braces around anything else are plain text. A value is put in as it is and never
read again, so that what a customer typed cannot become a token; what leaves by HTML is escaped in ``alerts.wording``.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import cast

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import customer_for_a_letter, name_for_a_letter, without_links
from accounts.zones import there
from alerts.catalogue import kinds_with
from alerts.hooks import EVENTS, TOKENS
from alerts.subjects import AccountSubject, JobSubject, Subject
from audit.events import EventPayload, TokenValue
from audit.excerpts import first_few
from audit.expressions import Expression, Match
from business.models import PortalSettings
from jobs.link_in_text import PLACEHOLDER
from jobs.models import Job
from jobs.models.payloads import PlannedPayload
from jobs.windows import with_window
from money import format_money

# A sign that no text may hold (Unicode keeps it for such use): nobody can type it.
_LINK_GOES_HERE = "\ufdd0"
# What an alert's message may hold, tokens included.
TEXT_LIMIT = 10_000
PATTERN = Expression(r"\{\s{0,10}([A-Za-z][A-Za-z0-9_ .-]{0,58}?)\s{0,10}\}", longest=TEXT_LIMIT)
_BETWEEN_WORDS = Expression(r"[ .-]+", longest=60)


@dataclass(frozen=True)
class Facts:
    """What tokens are filled from: what the event is about, what happened, the business.

    ``payload`` is that of the event, ``at`` its time; None for a preview without one. ``unknown_start``: what stands
    for a planned start that nobody knows yet. ``shows_worker``: False for who may not know (``view_worker``): the
    business stands in the worker's place.
    """

    subject: Subject
    settings: PortalSettings
    payload: EventPayload | None = None
    at: datetime | None = None
    actor: str = ""
    shows_worker: bool = True
    unknown_start: str = ""


@dataclass(frozen=True)
class Token:
    """One thing a message can say.

    ``may_link``: False where somebody from outside may have written it, for an address that need not be theirs.
    ``about``: what an event must be about to fill it; None for every event.
    """

    code: str
    label: str | Promise
    heading: str | Promise
    sample: str | Promise
    render: Callable[[Facts], str]
    may_link: bool = False
    about: type[Subject] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The events that know it, where it is of their facts or of what they are about; empty for all."""
        if own := kinds_with(self.code):
            return own
        if self.about is None:
            return ()
        return tuple(kind for kind, event in EVENTS.items() if event.about is self.about)

    @property
    def written(self) -> str:
        """How it stands in a text."""
        return f"{{{self.code}}}"


def _job_token(
    code: str,
    label: str | Promise,
    heading: str | Promise,
    sample: str | Promise,
    render: Callable[[Job, Facts], str],
    may_link: bool = False,
) -> Token:
    """A token that only what happens to a job can fill."""

    def of_job(facts: Facts) -> str:
        return render(facts.subject.job, facts) if isinstance(facts.subject, JobSubject) else ""

    return Token(code, label, heading, sample, of_job, may_link, JobSubject)


def _account_token(
    code: str,
    label: str | Promise,
    sample: str | Promise,
    render: Callable[[User], str],
    may_link: bool = False,
) -> Token:
    """A token that only what happens to a portal user can fill."""

    def of_account(facts: Facts) -> str:
        return render(facts.subject.account) if isinstance(facts.subject, AccountSubject) else ""

    return Token(code, label, _PORTAL_USER, sample, of_account, may_link, AccountSubject)


def _time(moment: datetime | None, style: str, window_end: datetime | None = None) -> str:
    """A moment in the recipient's zone, and where that is another than the business's, on its clock as well; empty for
    none. With ``window_end``: the window of time that begins then."""
    if moment is None:
        return ""
    ours = there(moment, window_end)
    return with_window(moment, window_end, style) + (f" ({ours})" if ours else "")


def _window(job: Job, facts: Facts) -> tuple[datetime | None, datetime | None]:
    """The planned start, as the event names it or else as it is now, and the end of the window promised with it."""
    start, end = job.planned_start, job.window_end
    if isinstance(facts.payload, PlannedPayload) and facts.payload.start is not None:
        told = facts.payload
        return told.start, told.window_end or (end if told.start == start else None)
    return start, end


def _start(job: Job, facts: Facts, style: str) -> str:
    start, end = _window(job, facts)
    return _time(start, style, end if style != _DATE else None) or facts.unknown_start


def _worker_name(job: Job, facts: Facts) -> str:
    if job.worker is None:
        return ""
    return job.worker.name if facts.shows_worker else facts.settings.portal_name


def _portal_link(facts: Facts) -> str:
    """Put in when it is read or sent: no table holds the address."""
    return _LINK_GOES_HERE if isinstance(facts.subject, JobSubject) and facts.subject.link else ""


def _of_event(code: str) -> Callable[[Facts], str]:
    """What the event's own facts say: of those that have it (``EventPayload.tokens``), else nothing."""

    def render(facts: Facts) -> str:
        if facts.payload is None or code not in facts.payload.tokens:
            return ""
        value: TokenValue = getattr(facts.payload, code)
        return _time(value, _BOTH) if isinstance(value, datetime) else value or ""

    return render


def _money(job: Job, facts: Facts) -> str:
    return "" if job.amount is None else format_money(job.amount, job.currency)


def _tax(job: Job, facts: Facts) -> str:
    return "" if job.amount is None else job.tax_words


def _later(make: Callable[[], str]) -> Promise:
    """A text that is made in the language of the moment."""
    return cast(Promise, lazy(make, str)())


def _sample(day: int, hour: int, minute: int, style: str) -> Promise:
    return _later(lambda: date_format(datetime(2026, 12, day, hour, minute), style))


_CUSTOMER, _JOB, _WORKER = _("Customer"), _("Job"), _("Worker")
_TIMES, _BILLING, _LINKS = _("Times"), _("Billing"), _("Links")
_BUSINESS, _PORTAL_USER = _("Your business"), _("Portal user")
# Day before month, the month in letters: read alike on both sides of the ocean.
_DATE, _HOUR, _BOTH = "D j M Y", "H:i", "D j M Y, H:i"
_SAMPLE_AMOUNT = _later(lambda: format_money(120, "EUR"))

_ALL = (
    Token(
        "customer_name",
        _("Customer name"),
        _CUSTOMER,
        "Acme Builders",
        lambda f: customer_for_a_letter(f.subject.customer_name),
    ),
    _job_token(
        "customer_id", _("Customer's external ID"), _CUSTOMER, "C-1044", lambda j, f: j.customer.external_id or ""
    ),
    _job_token(
        "contact_name", _("Contact's name"), _CUSTOMER, "Rosa Lind", lambda j, f: name_for_a_letter(j.contact_name)
    ),
    # A checked address, and as a rule the one that the message goes to.
    _job_token(
        "contact_email",
        _("Contact's e-mail"),
        _CUSTOMER,
        "site@acme.example",
        lambda j, f: j.contact_email,
        may_link=True,
    ),
    _job_token("contact_phone", _("Contact's mobile"), _CUSTOMER, "+49 40 5550123", lambda j, f: j.contact_phone),
    _job_token("job_number", _("Job number"), _JOB, "J-000123", lambda j, f: j.number),
    _job_token("service", _("Service"), _JOB, _("Skip exchange"), lambda j, f: j.service, may_link=True),
    _job_token(
        "job_status", _("Status, in the customer's words"), _JOB, _("It is planned"), lambda j, f: j.customer_words
    ),
    _job_token("address", _("Address"), _JOB, "12 Mill Lane, 20095 Hamburg", lambda j, f: j.address),
    _job_token("asset_id", _("Asset ID"), _JOB, "BIN-0815", lambda j, f: j.asset_id),
    _job_token("external_id", _("Job's external ID"), _JOB, "PO-7781", lambda j, f: j.external_id or ""),
    Token("actor", _("Who did it"), _JOB, "Dana", lambda f: f.actor),
    Token(
        "step_name",
        _("Step"),
        _JOB,
        _("Exchange the skip"),
        _of_event("step_name"),
        may_link=True,
    ),
    Token("reason", _("Reason"), _JOB, _("The gate is blocked"), _of_event("reason")),
    Token("asked_for", _("What she asks for"), _JOB, _("cancel the job"), _of_event("asked_for")),
    Token(
        "decision",
        _("Yes or no to a change request"),
        _JOB,
        _("yes"),
        _of_event("decision"),
    ),
    Token(
        "answer",
        _("The office's answer"),
        _JOB,
        _("We come at ten"),
        _of_event("answer"),
        may_link=True,
    ),
    Token("changed_fields", _("What was changed"), _JOB, _("address, notes"), _of_event("changed_fields")),
    _job_token("worker_name", _("Worker's name"), _WORKER, "Theo", _worker_name),
    _job_token(
        "worker_phone",
        _("Worker's mobile"),
        _WORKER,
        "+49 171 5550123",
        lambda j, f: j.worker.phone if j.worker and f.shows_worker else "",
        may_link=True,
    ),
    # Who is promised a window of time is told the window.
    _job_token(
        "planned_start",
        _("Planned start, or window"),
        _TIMES,
        _sample(3, 8, 30, _BOTH),
        lambda j, f: _start(j, f, _BOTH),
    ),
    _job_token("planned_date", _("Planned day"), _TIMES, _sample(3, 0, 0, _DATE), lambda j, f: _start(j, f, _DATE)),
    _job_token("planned_time", _("Planned time of day, or window"), _TIMES, "08:30", lambda j, f: _start(j, f, _HOUR)),
    _job_token(
        "window_end",
        _("End of the promised window"),
        _TIMES,
        "10:30",
        lambda j, f: _time(_window(j, f)[1], _HOUR),
    ),
    _job_token(
        "planned_end", _("Planned end"), _TIMES, _sample(3, 9, 30, _BOTH), lambda j, f: _time(j.planned_end, _BOTH)
    ),
    Token(
        "previous_start",
        _("Start it had before"),
        _TIMES,
        _sample(2, 8, 30, _BOTH),
        _of_event("previous_start"),
    ),
    _job_token(
        "requested_start",
        _("Start the customer asked for"),
        _TIMES,
        _sample(3, 7, 0, _BOTH),
        lambda j, f: _time(j.requested_start, _BOTH),
    ),
    Token(
        "hours_before",
        _("Hours before the start"),
        _TIMES,
        "24",
        _of_event("hours_before"),
    ),
    _job_token("started_at", _("Started"), _TIMES, _sample(3, 8, 41, _BOTH), lambda j, f: _time(j.started_at, _BOTH)),
    _job_token(
        "completed_at", _("Completed"), _TIMES, _sample(3, 9, 20, _BOTH), lambda j, f: _time(j.completed_at, _BOTH)
    ),
    Token("event_time", _("When it happened"), _TIMES, _sample(3, 9, 20, _BOTH), lambda f: _time(f.at, _BOTH)),
    _job_token("amount", _("Amount"), _BILLING, _SAMPLE_AMOUNT, _money),
    _job_token("amount_tax", _("Before tax or with tax"), _BILLING, _("before tax"), _tax),
    _job_token(
        "payment_terms",
        _("Payment terms"),
        _BILLING,
        _("14 days"),
        lambda j, f: j.customer.get_payment_terms_display(),
    ),
    Token(
        "portal_access_url",
        _("Portal access URL"),
        _LINKS,
        "https://portal.example/l/Qx7fT2mK9",
        _portal_link,
        may_link=True,
        about=JobSubject,
    ),
    Token(
        "portal_url",
        _("Portal sign-in page"),
        _LINKS,
        "https://portal.example/",
        lambda f: django_settings.SITE_URL + "/",
        may_link=True,
    ),
    Token(
        "business_name",
        _("Business name"),
        _BUSINESS,
        "Harbour Bins",
        lambda f: f.settings.portal_name,
        may_link=True,
    ),
    Token(
        "business_phone",
        _("Business telephone"),
        _BUSINESS,
        "+49 40 5550100",
        lambda f: f.settings.business_phone,
        may_link=True,
    ),
    Token(
        "business_email",
        _("Business e-mail"),
        _BUSINESS,
        "office@harbour.example",
        lambda f: f.settings.business_email,
        may_link=True,
    ),
    _account_token("person_name", _("Portal user's name"), "Cora Berg", lambda user: name_for_a_letter(user.full_name)),
    # Their own address, which is checked.
    _account_token(
        "person_email", _("Portal user's e-mail"), "cora@example.com", lambda user: user.email, may_link=True
    ),
)
# A room above adds its own (``alerts.sources.register_source``).
for _token in _ALL:
    TOKENS.add(_token.code, _token)


def _code(written: str) -> str:
    """How people write a code, as it is spelled: "{Job number}" is {job_number}."""
    return _BETWEEN_WORDS.sub("_", written.strip().lower())


def tokens_for(kind: str) -> list[Token]:
    """The tokens an event of that kind can fill."""
    return [token for token in TOKENS.values() if not token.kinds or kind in token.kinds]


def token_menu(kind: str = "") -> list[tuple[str, list[Token]]]:
    """Tokens by heading, in the order of the list; those of one kind of event, or all of them."""
    menu: dict[str, list[Token]] = {}
    for token in tokens_for(kind) if kind else TOKENS.values():
        menu.setdefault(str(token.heading), []).append(token)
    return list(menu.items())


def check_tokens(text: str, kind: str) -> None:
    """Raises ValidationError naming each token the event does not know, and the nearest one it does."""
    known = {token.code: token for token in tokens_for(kind)}
    if len(text) > TEXT_LIMIT:
        raise ValidationError(_t("At most %d characters.") % TEXT_LIMIT)
    unknown = {match[0]: code for match in PATTERN.finditer(text) if (code := _code(match[1])) not in known}
    # What comes nearest takes a while to find: for the first only, and for the rest their number.
    first, more = first_few(unknown.items())
    if problems := [_problem(written, code, known) for written, code in first]:
        raise ValidationError([*problems, more] if more else problems)


def _problem(written: str, code: str, known: Iterable[str]) -> str:
    if code in TOKENS and not kinds_with(code):
        return _t("%s is not known when this happens. Pick one from the menu.") % written
    if code in TOKENS:
        events = ", ".join(str(EVENTS[kind].kind.label) for kind in kinds_with(code))
        return _t("%(token)s is only known when this happens: %(events)s.") % {"token": written, "events": events}
    labels = {_code(str(TOKENS[one].label)): one for one in known}
    nearest = difflib.get_close_matches(code, [*known, *labels], n=1, cutoff=0.4)
    if not nearest:
        return _t("There is no token %s. Pick one from the menu.") % written
    return _t("There is no token %(token)s. Did you mean %(nearest)s?") % {
        "token": written,
        "nearest": f"{{{labels.get(nearest[0], nearest[0])}}}",
    }


def fill(text: str, facts: Facts) -> str:
    """The text with its tokens filled, as plain text.

    A line whose tokens are all empty is left out: "Worker: {worker_name}" does not stand there without a worker.
    Texts that were saved are known to hold known tokens only; an unknown one (taken out of the list since) is left as
    it is written. The portal link stands in it as its placeholder (jobs.link_in_text); what people typed never becomes
    one.
    """
    lines = []
    for line in text.replace(_LINK_GOES_HERE, "").splitlines():
        values = [_value(match, facts) for match in PATTERN.finditer(line)]
        if not values or any(values):
            lines.append(_with_values(line, values))
    filled = "\n".join(_without_gaps("\n".join(lines).split("\n"))).strip()
    return filled.replace(PLACEHOLDER, _t("(portal link)")).replace(_LINK_GOES_HERE, PLACEHOLDER)


def _with_values(line: str, values: Iterable[str]) -> str:
    """A line with these in the places of its tokens, in order."""
    rest = iter(values)
    return PATTERN.sub(lambda _match: next(rest), line)


def _without_gaps(lines: Iterable[str]) -> Iterator[str]:
    """Of several empty lines in a row, one."""
    for is_empty, block in groupby(lines, lambda line: not line):
        yield from [""] if is_empty else block


def _value(match: Match, facts: Facts) -> str:
    token = TOKENS.get(_code(match[1]))
    if token is None:
        return match[0]
    value = str(token.render(facts)).strip()
    if not token.may_link:
        value = without_links(value)
    return value if token.code == "portal_access_url" else value.replace(_LINK_GOES_HERE, "")


def fill_line(text: str, facts: Facts) -> str:
    """The same on one line: a subject, which must not break into a second header."""
    return " ".join(fill(text, facts).split())
