"""A row from before the rule holds a line break: every mail goes out all the same, every file leaves, on one line."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.http import HttpResponseRedirect
from django.urls import reverse

from accounts.models import Invitation
from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.services import make_invitation
from accounts.services.events import record_account_event
from accounts.services.pauses import tell_sign_in_is_paused
from alerts.channels import CHANNELS
from alerts.channels.base import Message, Sent
from alerts.choices import Channel, DeliveryState
from alerts.job_alerts import set_job_alert
from alerts.models import Delivery
from alerts.services import deliver
from audit.headers import Letter, address_header, file_header, header
from business.models import PortalSettings
from console.exporting.lists import as_answer
from imports.services import upload_file
from jobs.choices import EventKind
from jobs.models import JobFile
from jobs.services import start_job
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job
from tests.text.kept_before import keep

BREAKS = ["\n", "\r\n", "\r", "\v", "\x85", "\u2028", "\u2029"]
REST = "Bcc: thief@evil.example"


def invitation(cast, sign):
    make_invitation(cast.cora.user, by=cast.dana)
    assert send_mails() == 1


def activation(cast, sign):
    make_invitation(cast.cora.user, by=cast.dana, purpose=Invitation.Purpose.ACTIVATION)
    assert send_mails() == 1


def staff_account(cast, sign):
    make_invitation(cast.sam, by=cast.olivia, purpose=Invitation.Purpose.STAFF)
    assert send_mails() == 1


def password(cast, sign):
    send_password_reset("cora@example.com")
    assert send_mails() == 1


def second_step(cast, sign):
    record_account_event(cast.cora.user, TwoFactorSwitchedOff())
    assert send_mails() == 1


def pause(cast, sign):
    assert tell_sign_in_is_paused("cora@example.com")
    assert send_mails() == 1


def office_alert(cast, sign):
    keep(make_alert(), subject=f"About {{job_number}}{sign}{REST}")
    keep(cast.exchange, name=f"Skip{sign}{REST}")
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    send(delivery)


def waiting_message(cast, sign):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    send(keep(delivery, subject=f"About it{sign}{REST}", reply_to=f"office@harbour.example{sign}{REST}"))


def own_alert(cast, sign):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    (alert,) = set_job_alert(job, by=cast.cora.user, when=("started",), emails=["foreman@site.example"])
    keep(alert, subject=f"Our skip{sign}{REST}")
    (delivery,) = [
        one for one in announced(start_job(job, by=cast.dana)) if one.kind == EventKind.STARTED and one.job_alert
    ]
    send(delivery)


def guests_code(cast, sign):
    said = Message(key=uuid.uuid4().hex, to="a@b.example", to_name="", subject=f"Code{sign}{REST}", body="1")
    assert isinstance(CHANNELS[Channel.EMAIL].send(said), Sent)


def send(delivery):
    assert deliver([delivery.pk]) == 1
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.SENT


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
@pytest.mark.parametrize(
    "send",
    [invitation, activation, staff_account, password, second_step, pause, office_alert, waiting_message, own_alert,
     guests_code],
)  # fmt: skip
def test_every_mail_goes_out_and_has_no_header_of_a_strangers(cast, portal, settings, send, sign):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    keep(portal, portal_name=f"Bins{sign}{REST}", business_email=f"office@harbour.example{sign}{REST}")
    send(cast, sign)
    (letter,) = mail.outbox
    for text in (letter.subject, letter.from_email, *letter.to, *letter.reply_to):
        assert len(text.splitlines()) == 1, text
    sent = letter.message()
    assert sent["Bcc"] is None and len(sent.get_all("Subject")) == 1
    assert REST not in sent.as_string().split("\n\n", 1)[0].splitlines()


def test_the_rows_may_also_come_by_update(cast, portal, settings):
    PortalSettings.objects.update(portal_name=f"Bins\n{REST}")
    assert PortalSettings.load().portal_name == f"Bins {REST}"


def names_of_files(cast, sign_in, sign):
    """(address, by whom) of each file whose name holds somebody's words."""
    job = keep(make_job(cast.acme, cast.exchange, by=cast.dana), number=f"J-7{sign}X")
    file = JobFile(job=job, key="photo", name="photo.png", kind="image/png", size=3)
    file.content.save("photo.png", ContentFile(b"abc"), save=False)
    file.save()
    file = keep(file, name=f"photo{sign}X-Evil: 1.png")
    run = upload_file(ContentFile(b"Customer\nAcme\n", name="jobs.csv"), by=cast.ines)
    run = keep(run, file_name=f"jobs{sign}X-Evil: 1.csv")
    number = quote(job.number, safe="")
    yield f"/jobs/{number}/sheet.pdf", cast.cora
    yield reverse("admin:jobs_job_sheet", args=[job.pk]), cast.dana
    yield reverse("admin:jobs_job_file", args=[job.pk, file.reference]), cast.dana
    yield reverse("admin:imports_importrun_file", args=[run.pk]), cast.ines
    yield reverse("admin:imports_importrun_failed", args=[run.pk]), cast.ines


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_every_file_leaves(cast, sign_in, sign):
    for address, who in names_of_files(cast, sign_in, sign):
        answer = sign_in(who).get(address)
        assert answer.status_code == 200, address
        assert "X-Evil" not in answer.headers
        # In whatever writing of it: RFC 5987 escapes what is not ASCII.
        assert "%0A" not in answer["Content-Disposition"] and "%E2%80%A8" not in answer["Content-Disposition"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_a_list_leaves_under_a_name_of_one_line(kind, sign):
    said = as_answer(iter([["a"]]), f"customers{sign}X", kind)["Content-Disposition"]
    assert len(said.splitlines()) == 1 and "%0A" not in said and "%E2%80%A8" not in said


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_a_button_goes_back_to_an_address_with_a_break(cast, sign_in, sign):
    address = reverse("admin:accounts_customer_archive", args=[cast.acme.pk])
    answer = sign_in(cast.olivia).post(
        f"{address}?next={quote(f'/admin/{sign}x')}",
        {"_form_submitted": "1", "reason": "closed"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 204
    assert len(answer.headers["HX-Redirect"].splitlines()) == 1


@pytest.mark.parametrize("sign", [*BREAKS, "\0", "\x1b", "\t"], ids=ascii)
def test_what_makes_headers(sign):
    assert header(f"a{sign}b") in ("a b", "ab")
    assert header(f"a{sign}").strip() == "a"
    for said in (file_header(f"a{sign}b.pdf", to_keep=True), address_header(f"/a{sign}b")):
        assert said.isascii() and said.isprintable()
    assert HttpResponseRedirect(f"/a{sign}b")["Location"].isprintable()
    letter = Letter(
        subject=f"a{sign}b", body="", from_email=f"A{sign}b <a@b.example>", to=f"c@d.example{sign}",
        reply_to=f"e@f.example{sign}", headers={"X-Thing": f"a{sign}b"},
    )  # fmt: skip
    assert "a b" in letter.message()["Subject"] or letter.message()["Subject"] == "ab"


def test_a_name_of_nothing_but_breaks_is_a_file():
    assert file_header("\n\r", to_keep=True) == 'attachment; filename="file"'
