"""A name that was kept before strangers' names were checked is cut, on one line and without a link in every mail."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from accounts.models import Invitation
from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.names import LONGEST, greeting, holds_link, name_for_a_letter
from accounts.services import make_invitation
from accounts.services.events import record_account_event
from accounts.services.pauses import tell_sign_in_is_paused
from alerts.job_alerts import SUBJECT_LIMIT, set_job_alert
from alerts.services import deliver
from jobs.services import start_job
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails
from tests.alerts.makers import announced, make_alert
from tests.architecture.tree import ROOT, files
from tests.factories import make_job
from tests.text.kept_before import keep

LINKS = ["evil.example/win", "Win at https://evil.example", "EVIL.COM", "a@evil.example", "evil\u200b.example",
         "evil\x1f.example", "Ann\nevil.example"]  # fmt: skip
LONG = "Anna " * 23
# What a mail may name of a person: her greeting, which is checked, and what is no text of hers.
# Whether somebody is staff is no name: they have a page of their own to be led to.
OF_A_PERSON = {"greeting", "is_staff"}


def invite(cast):
    make_invitation(cast.cora.user, by=cast.dana)
    send_mails()


def confirm(cast):
    make_invitation(cast.cora.user, by=cast.dana, purpose=Invitation.Purpose.ACTIVATION)
    send_mails()


def staff(cast):
    make_invitation(cast.cora.user, by=cast.olivia, purpose=Invitation.Purpose.STAFF)
    send_mails()


def reset(cast):
    send_password_reset("cora@example.com")
    send_mails()


def second_step(cast):
    record_account_event(cast.cora.user, TwoFactorSwitchedOff())
    send_mails()


def pause(cast):
    tell_sign_in_is_paused("cora@example.com")
    send_mails()


def alert(cast):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="victim@else.example")
    keep(job, contact_name=cast.cora.user.full_name)
    assert deliver([one.pk for one in announced(job)])


LETTERS = [invite, confirm, staff, reset, second_step, pause, alert]


@pytest.fixture(autouse=True)
def _mails_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def told(cast, letter, name):
    """Everything the mail says."""
    cast.cora.user = keep(cast.cora.user, full_name=name)
    letter(cast)
    (letter,) = mail.outbox
    return "\n".join([letter.subject, letter.body, *(content for content, _kind in letter.alternatives)])


@pytest.mark.parametrize("name", LINKS, ids=ascii)
@pytest.mark.parametrize("letter", LETTERS)
def test_no_link_of_a_strangers_goes_out(cast, letter, name):
    assert "evil" not in told(cast, letter, name).lower()


@pytest.mark.parametrize("letter", LETTERS)
def test_a_long_name_is_cut(cast, letter):
    said = told(cast, letter, LONG[:120])
    assert "Anna Anna" in said
    assert max(map(len, re.findall(r"(?:Anna ?)+", said))) <= LONGEST


@pytest.mark.parametrize("letter", LETTERS)
def test_a_name_takes_one_line(cast, letter):
    assert any("Ann Ben" in line for line in told(cast, letter, "Ann\u2028\r\nBen").splitlines())


@pytest.mark.parametrize(
    "name, shown",
    [("Booking.com", "Booking. com"), ("evil.example/win", ""), (LONG[:120], "Anna Anna"), ("A\nB", "A B")],
)
def test_an_invitation_names_the_customer_so_that_it_is_no_link(cast, name, shown):
    keep(cast.acme, name=name)
    said = told(cast, invite, "Cora")
    assert shown in said and name not in said and "evil" not in said
    assert max(map(len, re.findall(r"(?:Anna ?)+", said)), default=0) <= LONGEST


def test_a_mail_without_a_name_greets_all_the_same():
    assert (greeting("Cora"), greeting(""), greeting("evil.example/x")) == ("Hello Cora,", "Hello,", "Hello,")


def test_cutting_makes_no_link():
    name = f"{'x' * (LONGEST - 6)} X.COMMITTEEOFMANYPEOPLEANDFRIENDS"
    assert not holds_link(name_for_a_letter(name))


@pytest.mark.parametrize("path", [path for path in files() if "/templates/" in path and "/mail/" in path])
def test_no_mail_names_a_person_otherwise(path):
    text = (ROOT / path).read_text()
    assert set(re.findall(r"\buser\.(\w+)", text)) <= OF_A_PERSON
    assert not re.search(r"full_name|short_name|contact_name|customer\.name", text)


@pytest.mark.parametrize("subject", [*LINKS, "t.me/x", "hxxps evil"], ids=ascii)
def test_a_subject_with_a_link_is_refused_and_left_out(cast, subject):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    order = {"by": cast.cora.user, "when": ("started",), "emails": ["foreman@site.example"]}
    if "\x1f" not in subject:
        with pytest.raises(Exception, match="no web address"):
            set_job_alert(job, subject=subject, **order)
    (alert,) = set_job_alert(job, **order)
    keep(alert, subject=subject[:SUBJECT_LIMIT])
    subjects = [one.subject for one in announced(start_job(job, by=cast.dana)) if one.job_alert_id]
    assert subjects and "evil" not in subjects[0].lower() and "t.me" not in subjects[0]


def test_a_subject_of_plain_words_stays(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    set_job_alert(job, by=cast.cora.user, when=("started",), emails=["f@site.example"], subject="St. John, gate 5.2")
    assert "St. John, gate 5.2" in [one.subject for one in announced(start_job(job, by=cast.dana))]
