"""Whatever people write is text in every mail and on paper too: neither drawn as markup, nor escaped, nor lost.

Which mails and papers there are is read from the tree: one that is not asked for here is red.
"""

from __future__ import annotations

import ast
import email
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AccountEvent, Customer, Invitation, PortalUser, User
from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.services.events import record_account_event
from accounts.services.invitations import make_invitation
from accounts.services.pauses import tell_sign_in_is_paused
from alerts.channels.sms import SmsChannel
from alerts.choices import Audience
from alerts.hooks import EVENTS
from alerts.job_events import JobEvents
from alerts.models import Alert, Delivery, JobAlert
from alerts.services import announce, deliver, new_alert
from alerts.subjects import JobSubject
from alerts.tokens import tokens_for
from audit.act import acting
from audit.events import RecordedEvent
from billing.documents import order_receipt, payment_receipt
from billing.services import record_payment
from business.models import PortalSettings
from jobs.models import Job, JobEvent
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails
from tests.billing.making import set_up_billing
from tests.doors.harmless import Harmless, Page
from tests.doors.outgoing import called, passed_by, places_that, seen_templates, templates_that
from tests.doors.texts import STEM

ELEMENT = re.compile(rf"<{STEM}\d{{4}}y>")
# What a text that was escaped for a page would hold.
ENTITY = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]+);", re.IGNORECASE)
MAKES_A_MAIL = {"EmailMessage", "EmailMultiAlternatives", "send_mail", "send_mass_mail", "email_user"}
MAKES_A_MAIL |= {"mail_admins", "mail_managers"}
OWN_ALERT = "what a portal user asked to be told"
MAKES_PAPER = {"CreatePDF", "to_pdf", "render_pdf", "job_sheet"}


def makes_a_mail(call: ast.Call) -> bool:
    # Django's form for a forgotten password makes one from a template that it is told of.
    return called(call) in MAKES_A_MAIL or "email_template_name" in {one.arg for one in call.keywords}


def is_of_a_mail(path: Path) -> bool:
    return path.suffix == ".txt" or "mail" in path.parts or path.stem == "mail" or "subject" in path.stem


@dataclass
class Sent:
    """One mail as a mail server gets it, and what people wrote that it must say."""

    kind: str
    mail: EmailMessage
    says: set[str]
    subject_says: set[str] = field(default_factory=set)

    @property
    def parts(self) -> dict[str, str]:
        kept = [part for part in self.mail.walk() if part.get_content_maintype() == "text"]
        return {part.get_content_type(): part.get_content() for part in kept}

    def wrongs(self) -> set[str]:
        """What this mail loses, escapes where it is text, or draws."""
        parts, found = self.parts, set()
        text, subject = parts.pop("text/plain"), str(self.mail["Subject"])
        found |= {f"{self.kind}: {one} is lost" for one in self.says if one not in text}
        found |= {f"{self.kind}: {one} is lost from the subject" for one in self.subject_says if one not in subject}
        found |= {f"{self.kind}: {one[0]} in text" for one in ENTITY.finditer(f"{subject}\n{text}")}
        if not ELEMENT.fullmatch(parseaddr(str(self.mail["From"]))[0]):
            found.add(f"{self.kind}: sent by {self.mail['From']}")
        for kind, content in parts.items():
            page = Page(content)
            found |= {f"{self.kind}: {kind} draws {one}" for one in page.drawn}
            found |= {f"{self.kind}: {one} is lost from {kind}" for one in self.says - page.shown}
            found |= {f"{self.kind}: a tag as it was typed in {kind}" for _one in ELEMENT.finditer(content)}
        return found


def sent(kind: str, says: set[str], subject_says: set[str] | None = None) -> list[Sent]:
    """The mails that went out since, as they would be written to a mail server."""
    assert mail.outbox, f"No mail: {kind}"
    assert all(ELEMENT.fullmatch(one) for one in says), says
    raw = [one.message().as_bytes() for one in mail.outbox]
    mail.outbox.clear()
    return [Sent(kind, email.message_from_bytes(one, policy=default), says, subject_says or says) for one in raw]


def name_of(user: Any) -> str:
    return User.objects.get(pk=user.pk).full_name


def invited(world: Harmless, user: User, purpose: str) -> None:
    with acting(by=world.olivia):
        invitation = make_invitation(User.objects.get(pk=user.pk), by=world.olivia, purpose=purpose)
    assert send_mails(), Invitation.objects.get(pk=invitation.pk).mail_error


def letters(world: Harmless) -> list[Sent]:
    """What is sent about an account."""
    business = PortalSettings.load()
    ours, phone = {business.portal_name}, {business.business_phone}
    ivan, uli, colm, dana = world.ivan.user, world.uli.user, world.colm.user, world.dana
    made: list[Sent] = []
    # What the world was made of is told first.
    while send_mails():
        pass
    mail.outbox.clear()

    def sends(kind: str, to: User, does: Callable[[], Any], says: set[str]) -> None:
        """Only the mail of the account itself: what the office's alerts say of the same event is told below."""
        does()
        send_mails()
        address = User.objects.get(pk=to.pk).email
        mail.outbox[:] = [m for m in mail.outbox if m.to == [address] and any(one in m.subject for one in ours)]
        made.extend(sent(kind, says, ours))

    customers = set(Customer.objects.filter(links__portal_user=world.ivan).values_list("name", flat=True))
    assert customers
    kinds = Invitation.Purpose
    sends(
        "invitation", ivan, lambda: invited(world, ivan, kinds.INVITATION), ours | phone | {name_of(ivan)} | customers
    )
    sends("activation", uli, lambda: invited(world, uli, kinds.ACTIVATION), ours | {name_of(uli)})
    sends("staff account", dana, lambda: invited(world, dana, kinds.STAFF), ours | {name_of(dana)})
    sends("password reset", colm, lambda: send_password_reset(colm.email), ours | phone | {name_of(colm)})
    sends("pause", colm, lambda: tell_sign_in_is_paused(colm.email), ours | phone | {name_of(colm)})
    sends(
        "two-factor off",
        dana,
        lambda: record_account_event(dana, TwoFactorSwitchedOff()),
        ours | phone | {name_of(dana)},
    )
    return made


def messages(world: Harmless) -> list[Sent]:
    """What is sent about a job, or a portal user: of each kind of event a message with everything that it can say."""
    business, job = PortalSettings.load(), Job.objects.get(pk=world.jobs["A/T1 planned"].pk)
    mark = world.texts.of("every event")
    job_says = {
        job.customer.name, job.customer.external_id, job.contact_name, job.service, job.address, job.asset_id,
        job.external_id, job.worker.name, business.portal_name, business.business_phone,
    }  # fmt: skip
    colm = PortalUser.objects.get(pk=world.colm.pk)
    acts_for = list(Customer.objects.filter(links__portal_user=colm))
    person_says = {str(colm), business.portal_name, business.business_phone} | {one.name for one in acts_for}
    made: list[Sent] = []
    Alert.objects.update(is_active=False)
    own_alert = JobAlert.objects.get(job=job)
    JobEvent.objects.unannounced().delete()
    mail.outbox.clear()
    for kind in EVENTS:
        text = "\n".join(token.written for token in tokens_for(kind))
        own = mark(f"the office's own words, {kind}")
        subject = mark(f"subject, {kind}")
        alert = new_alert(
            kind,
            name=mark(f"name, {kind}"),
            subject=f"{subject} {{customer_name}}",
            message=f"{own}\n{text}",
            sms_text=f"{own} {text}",
            emails="told@mail.example",
            mobiles="+491711234567",
        )
        alert.full_clean()
        alert.save()
        # What a step is called, a reason, an answer: whichever of them this kind can say.
        data = {name: mark(f"{name}, {kind}") for name in ("name", "reason", "answer")}
        facts = data | {"hours": alert.hours_before}
        actor, is_of_job = mark(f"actor, {kind}"), EVENTS[kind].about is JobSubject
        event: RecordedEvent
        if is_of_job:
            event = JobEvent.objects.create(job=job, kind=kind, actor=actor, data=facts)
        else:
            facts |= {"customers": [one.pk for one in acts_for]}
            event = AccountEvent.objects.create(account=colm.user, kind=kind, actor=actor, data=facts)
        # Their own mails: see ``letters``.
        waiting = Delivery.objects.filter(pk__in=announce([event.pk], type(event))).exclude(audience=Audience.OWNER)
        deliver(waiting.values_list("pk", flat=True))
        codes = {token.code for token in tokens_for(kind)}
        said = {
            data[name]
            for name, code in (("name", "step_name"), ("reason", "reason"), ("answer", "answer"))
            if code in codes
        }
        says = (job_says if is_of_job else person_says) | said | {own, actor}
        named = {job.customer.name} if is_of_job else {one.name for one in acts_for}
        for one in sent(kind, says, {subject} | named):
            if own_alert.subject in one.mail["Subject"]:
                # The product's words, under a portal user's own subject.
                one.kind, one.says, one.subject_says = OWN_ALERT, {job.contact_name}, {own_alert.subject}
            made.append(one)
        alert.delete()
    return made


def test_an_element_is_text_in_every_mail(harmless, monkeypatch, settings):
    texts: list[str] = []

    class Twilio:
        sid, messages = "", property(lambda self: self)

        def create(self, *, body: str, **_others: Any) -> Twilio:
            texts.append(body)
            return self

    settings.TWILIO_ACCOUNT_SID = "ours"
    # One job has all events, also those that cannot be true of it at once.
    monkeypatch.setattr(JobEvents, "why_over", lambda *_facts: "")
    monkeypatch.setattr(SmsChannel, "_client", lambda self: Twilio())
    with seen_templates() as rendered, passed_by("django.core.mail.EmailMessage.__init__") as came_by:
        mails = [*letters(harmless), *messages(harmless)]

    assert not (lost := templates_that(is_of_a_mail) - rendered), f"No mail is made here from {sorted(lost)}"
    assert not (lost := places_that(makes_a_mail) - came_by), f"No mail is made here in {sorted(lost)}"
    kinds = {one.kind for one in mails}
    assert kinds >= {*EVENTS, OWN_ALERT}, kinds
    assert {kind for one in mails for kind in one.parts} == {"text/plain", "text/html"}
    wrongs = {wrong for one in mails for wrong in one.wrongs()}
    assert not wrongs, "\n".join(sorted(wrongs))
    assert len(texts) >= len(EVENTS)
    assert all(ELEMENT.search(one) and not ENTITY.search(one) for one in texts)


def papers(world: Harmless) -> list[tuple[str, bytes, set[str]]]:
    """(door, PDF, what people wrote that it must say) of each way to a job on paper."""
    job = Job.objects.get(pk=world.jobs["A/T1 planned"].pk)
    link = job.portal_links.get()
    olivia, colm, guest = Client(), Client(), Client()
    olivia.force_login(world.olivia, backend="permissions.backend.PorticoBackend")
    colm.force_login(world.colm.user, backend="permissions.backend.PorticoBackend")
    guest.post(f"/l/{link.token}/", {"answer": job.contact_email})
    for_all = {
        job.service, PortalSettings.load().portal_name, PortalSettings.load().business_phone, job.external_id,
        job.asset_id, job.customer.name, job.address, job.contact_name,
    }  # fmt: skip
    theirs, ours = set[str](), set[str]()
    for one in job.fields():
        if ELEMENT.search(str(one.value)):
            ours |= {one.label, str(one.value)}
            theirs |= {one.label, str(one.value)} if one.is_shown_to_customers else set()
    for one in job.steps():
        ours.add(one.name)
        theirs |= {one.name} if one.is_shown_to_customers else set()
    assert theirs and ours > theirs
    ours |= {job.notes, job.worker.name, job.location.notes, *(line.description for line in job.lines())}
    receipt = for_all - {job.external_id, job.contact_name} | {line.description for line in job.lines()}
    set_up_billing()
    office = world.office
    payment = record_payment(
        job.customer, Decimal(5), by=None, payer_name=office("payer"), their_reference=office("reference")
    )
    paid = {payment.customer.name, payment.payer_name, payment.their_reference}
    return [
        ("receipt", order_receipt(job), receipt),
        ("receipt of a payment", payment_receipt(payment), paid),
    ] + [
        (door, client.get(address).content, for_all | says)
        for door, client, address, says in (
            ("console", olivia, reverse("admin:jobs_job_sheet", args=[job.pk]), ours),
            ("companion site", colm, reverse("portal_site:print_job", args=[job.number]), theirs),
            ("portal link", guest, reverse("portal_site:guest_print", args=[link.token]), theirs),
        )
    ]


def test_an_element_is_text_on_all_paper(harmless):
    with seen_templates() as rendered, passed_by("xhtml2pdf.pisa.CreatePDF") as came_by:
        made = papers(harmless)
    assert not (lost := templates_that(lambda path: "pdf" in path.parts) - rendered), f"No paper here of {lost}"
    assert not (lost := places_that(lambda call: called(call) in MAKES_PAPER) - came_by), f"No paper here by {lost}"
    wrongs = set()
    for door, paper, says in made:
        assert all(ELEMENT.search(one) for one in says), says
        # Where a line ends is the paper's affair.
        text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())
        wrongs |= {f"{door}: {one} is lost" for one in says if one not in text}
        wrongs |= {f"{door}: {one[0]} in text" for one in ENTITY.finditer(text)}
    assert not wrongs, "\n".join(sorted(wrongs))
