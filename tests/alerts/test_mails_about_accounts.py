"""Invitations and security mails stand on the ledger: seen by those who may see the person, without their links."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.choices import AccountEventKind
from accounts.models import AccountEvent, Invitation, User
from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.services import invite_staff, make_invitation, use_invitation
from accounts.services.events import record_account_event
from accounts.services.pauses import tell_sign_in_is_paused
from alerts.choices import Audience, DeliveryState
from alerts.models import Delivery
from alerts.services import announce, claim, resend, stop_messages, sweep
from console.errors import Refused
from permissions.services import save_portal_user, suspend_portal_user
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails

State = Invitation.MailState


@pytest.fixture
def invitation(cast):
    person = cast.colm
    person.state = "invited"
    person.save()
    return make_invitation(person.user, by=cast.dana)


def message() -> Delivery:
    return Delivery.objects.get(audience=Audience.OWNER)


KINDS = {
    AccountEventKind.INVITED: lambda cast: make_invitation(cast.cora.user, by=cast.dana),
    AccountEventKind.SIGNED_UP: lambda cast: make_invitation(cast.cora.user, by=None, purpose="activation"),
    AccountEventKind.STAFF_INVITED: lambda cast: make_invitation(cast.cora.user, by=cast.olivia, purpose="staff"),
    AccountEventKind.PASSWORD_LINK: lambda cast: send_password_reset("cora@example.com"),
    AccountEventKind.TWO_FACTOR_OFF: lambda cast: record_account_event(cast.cora.user, TwoFactorSwitchedOff()),
    AccountEventKind.SIGN_IN_PAUSED: lambda cast: tell_sign_in_is_paused("cora@example.com"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_goes_out_once_and_is_on_the_ledger(cast, kind):
    KINDS[kind](cast)
    assert [send_mails(), send_mails()] == [1, 0]
    row = message()
    assert (row.kind, row.state, row.recipient) == (kind, DeliveryState.SENT, "cora@example.com")
    assert (row.portal_user, row.recipient_name) == (cast.cora, "Cora")
    assert [letter.to for letter in mail.outbox] == [["cora@example.com"]]


def test_the_link_is_in_the_mail_and_not_on_the_ledger(cast, invitation, sign_in):
    send_mails()
    assert invitation.url in mail.outbox[0].body
    assert invitation.token not in message().body
    client = sign_in(cast.olivia)
    page = client.get(reverse("admin:alerts_delivery_change", args=[message().pk])).content.decode()
    assert "(link)" in page
    assert invitation.token not in page


def test_the_list_shows_kind_recipient_and_state(cast, invitation, sign_in):
    send_mails()
    client = sign_in(cast.dana)
    page = client.get(reverse("admin:alerts_delivery_changelist")).content.decode()
    assert "Create your password for Harbour Bins" in page
    assert "colm@example.com" in page
    assert "Sent" in page
    filtered = client.get(reverse("admin:alerts_delivery_changelist") + "?kind__exact=portal_user.invited")
    assert "colm@example.com" in filtered.content.decode()


def test_mails_to_staff_are_shown_to_those_who_may_see_staff(cast):
    invite_staff(email="new@harbour.example", name="Nova", by=cast.olivia)
    send_mails()
    assert message() in Delivery.objects.visible_to(cast.olivia)
    assert message() not in Delivery.objects.visible_to(cast.dana)
    assert message() not in Delivery.objects.visible_to(cast.nell)


def test_who_may_not_see_portal_users_sees_no_message_about_them(cast, invitation):
    from django.contrib.auth.models import Permission

    send_mails()
    cast.nell.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    nell = User.objects.get(pk=cast.nell.pk)
    assert not Delivery.objects.visible_to(nell).exists()
    nell.user_permissions.add(Permission.objects.get(codename="view_portaluser"))
    assert Delivery.objects.visible_to(User.objects.get(pk=nell.pk)).get() == message()


def test_who_wants_no_more_messages_gets_them_all_the_same(cast, invitation):
    stop_messages("colm@example.com", job=None)
    assert send_mails() == 1
    assert "stop" not in mail.outbox[0].body.lower()
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


@pytest.mark.parametrize(
    ("error", "state", "ledger"),
    [
        (SMTPRecipientsRefused({"x": (550, b"no such mailbox")}), State.FAILED, DeliveryState.FAILED),
        (SMTPRecipientsRefused({"x": (450, b"come back later")}), State.WAITING, DeliveryState.QUEUED),
        (SMTPServerDisconnected("gone"), State.UNCERTAIN, DeliveryState.UNCERTAIN),
    ],
)
def test_an_invitation_says_what_became_of_its_mail(cast, invitation, monkeypatch, error, state, ledger):
    def send(*_given, **_more):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    sweep()
    invitation.refresh_from_db()
    assert (message().state, invitation.mail_state) == (ledger, state)
    assert invitation.mail_error == message().why[:300]


def test_a_mail_that_failed_for_now_goes_out_later(cast, invitation, monkeypatch, time_machine):
    time_machine.move_to(invitation.made_at)

    def send(*_given, **_more):
        raise SMTPRecipientsRefused({"x": (450, b"come back later")})

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", send)
        assert send_mails() == 0
    time_machine.shift(61)
    assert send_mails() == 1
    invitation.refresh_from_db()
    assert (invitation.mail_state, invitation.mail_error) == (State.SENT, "")


def test_a_process_that_dies_before_handing_over_is_followed_by_another(cast, invitation, time_machine):
    time_machine.move_to(invitation.made_at)
    announce([AccountEvent.objects.get(announced_at=None).pk], AccountEvent)
    claim(message().pk)
    assert send_mails() == 0
    time_machine.shift(301)
    assert send_mails() == 1
    invitation.refresh_from_db()
    assert invitation.mail_state == State.SENT


def test_one_that_dies_while_handing_over_is_uncertain_in_both_places(cast, invitation, time_machine):
    time_machine.move_to(invitation.made_at)
    announce([AccountEvent.objects.get(announced_at=None).pk], AccountEvent)
    taken = claim(message().pk)
    Delivery.objects.filter(pk=taken.pk).update(handed_over_at=taken.heartbeat_at)
    time_machine.shift(Delivery.SILENCE + Delivery.SILENCE_OF_A_CARRIER + timedelta(seconds=1))
    assert send_mails() == 0
    invitation.refresh_from_db()
    assert (message().state, invitation.mail_state) == (DeliveryState.UNCERTAIN, State.UNCERTAIN)


def test_an_invitation_withdrawn_meanwhile_is_not_sent(cast, invitation):
    suspend_portal_user(cast.colm, by=cast.dana)
    assert send_mails() == 0
    invitation.refresh_from_db()
    assert (message().state, invitation.mail_state) == (DeliveryState.FAILED, State.FAILED)
    assert "does not work any more" in message().why


def test_no_link_goes_to_an_address_the_person_has_no_more(cast):
    send_password_reset("cora@example.com")
    send_mails()
    save_portal_user(cast.cora, name="Cora", email="cora@new.example", by=cast.olivia)
    with pytest.raises(Refused, match="another address"):
        resend(message(), by=cast.olivia)
    User.objects.filter(pk=cast.cora.user_id).update(email="cora@example.com")
    resend(message(), by=cast.olivia)
    User.objects.filter(pk=cast.cora.user_id).update(email="cora@new.example")
    assert send_mails() == 0
    assert Delivery.objects.order_by("pk").last().state == DeliveryState.FAILED


def test_dana_sends_it_again_while_its_link_works(cast, invitation):
    send_mails()
    resend(message(), by=cast.dana)
    assert send_mails() == 1
    assert [invitation.url in letter.body for letter in mail.outbox] == [True, True]
    use_invitation(invitation, password="long enough 1")
    with pytest.raises(Refused, match="does not work any more"):
        resend(Delivery.objects.earliest("pk"), by=cast.dana)


def test_a_password_mail_sent_again_has_a_link_that_works(cast, client):
    send_password_reset("cora@example.com")
    send_mails()
    resend(message(), by=cast.dana)
    send_mails()
    address = next(line for line in mail.outbox[1].body.splitlines() if "/password/new/" in line)
    page = client.get("/" + address.split("/", 3)[3], follow=True)
    assert page.status_code == 200
    assert "new_password1" in page.content.decode()


def test_what_is_rolled_back_sends_nothing(cast):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_invitation(cast.cora.user, by=cast.dana)
        raise ZeroDivisionError
    assert send_mails() == 0


def test_the_database_knows_one_personal_mail_for_an_event(cast, invitation):
    send_mails()
    again = message()
    again.pk, again._state.adding = None, True
    again.renew_token()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
