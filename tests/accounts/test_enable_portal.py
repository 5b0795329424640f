from __future__ import annotations

from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.choices import PortalUserState
from accounts.models import Invitation, PortalUser
from accounts.services import archive_customer
from console.errors import Refused
from permissions.services import enable_portal
from tests.alerts.mails import send_mails


def test_it_makes_a_login_links_it_and_sends_a_create_password_mail(cast):
    invited = enable_portal(cast.cedar, email="New@Cedar.example", name="Nina", by=cast.dana)
    assert invited.is_new and invited.person.state == PortalUserState.INVITED
    assert list(invited.person.customers.all()) == [cast.cedar]
    letter = invited.person.user.invitations.get()
    assert send_mails() == 1
    assert mail.outbox[0].to == ["new@cedar.example"]
    assert mail.outbox[0].from_email == "Harbour Bins <no-reply@portico.example>"
    assert letter.url in mail.outbox[0].body and "Cedar School" in mail.outbox[0].body
    assert Invitation.objects.get().mail_state == Invitation.MailState.SENT


def test_an_address_in_use_is_linked_and_its_other_customers_are_named(cast):
    invited = enable_portal(cast.cedar, email="cora@example.com", by=cast.dana)
    assert not invited.is_new and invited.person == cast.cora
    assert "Acme Builders, Birch Hotel" in invited.sentence and "Cedar School" in invited.sentence
    assert cast.cora.links.count() == 3 and not Invitation.objects.exists()


def test_a_letter_goes_out_once(cast):
    enable_portal(cast.cedar, email="new@cedar.example", by=cast.dana)
    assert [send_mails(), send_mails()] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_mail_that_fails_says_why(cast, monkeypatch):
    def refuse(*args, **kwargs):
        raise SMTPRecipientsRefused({"new@cedar.example": (550, b"no such mailbox")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    letter = enable_portal(cast.cedar, email="new@cedar.example", by=cast.dana).person.user.invitations.get()
    assert send_mails() == 0
    letter.refresh_from_db()
    assert letter.mail_state == Invitation.MailState.FAILED
    assert "no such mailbox" in letter.mail_error


def test_an_address_that_is_none_is_refused(cast):
    with pytest.raises(ValidationError):
        enable_portal(cast.cedar, email="not an address", by=cast.dana)


def test_an_archived_customer_is_refused(cast):
    archive_customer(cast.cedar, by=cast.dana)
    with pytest.raises(Refused):
        enable_portal(cast.cedar, email="new@cedar.example", by=cast.dana)
    assert not PortalUser.objects.filter(user__email="new@cedar.example").exists()


def test_the_button_asks_and_writes_on_post_only(cast, sign_in):
    client = sign_in(cast.dana)
    url = f"/admin/accounts/customer/{cast.cedar.pk}/enable_portal/"
    assert "Login e-mail" in client.get(url).content.decode()
    assert not PortalUser.objects.filter(user__email="office@cedar.example").exists()
    answer = client.post(url, {"email": "office@cedar.example", "name": "Nina", "_form_submitted": "True"}, follow=True)
    assert "is invited" in answer.content.decode()
    assert PortalUser.objects.get(user__email="office@cedar.example").links.get().customer == cast.cedar


@pytest.mark.parametrize(("who", "code"), [("sam", 403), ("nell", 404), ("carl", 302)])
def test_others_are_refused(cast, sign_in, who, code):
    url = f"/admin/accounts/customer/{cast.cedar.pk}/enable_portal/"
    answer = sign_in(getattr(cast, who)).post(url, {"email": "x@cedar.example", "_form_submitted": "True"})
    assert answer.status_code == code and not PortalUser.objects.filter(user__email="x@cedar.example").exists()
