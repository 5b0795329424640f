"""Whoever was invited and presses "I forgot my password" gets the invitation anew; outside the answer is the same."""

from __future__ import annotations

import re

import pytest
from celery import current_app
from django.core import mail

from accounts.models import Invitation, PortalUser
from accounts.services.invitations import make_invitation
from permissions.services import invite_portal_user, suspend_portal_user
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """The worker is quick."""

    def send(name, args, **_options):
        if name == send_password_reset.name:
            send_password_reset(*args)
            send_mails()

    monkeypatch.setattr(current_app, "send_task", send)


@pytest.fixture
def vera(cast):
    person = invite_portal_user(email="vera@example.com", name="Vera", customers=[cast.acme], by=cast.olivia).person
    send_mails()
    mail.outbox.clear()
    return person


@pytest.fixture
def forgets(client):
    def ask(email):
        answer = client.post("/password/", {"email": email})
        return answer.status_code, answer.url

    return ask


def test_vera_gets_her_invitation_anew_and_the_old_link_ends(vera, forgets, client):
    old = Invitation.objects.get()
    assert forgets(" VERA@example.com ") == forgets("nobody@example.com") == (302, "/password/sent/")
    (letter,) = mail.outbox
    assert letter.to == ["vera@example.com"] and "Create your password" in letter.subject
    path = re.search(r"/join/[^/\s]+/", letter.body)[0]
    assert client.get(path).status_code == 200
    assert not Invitation.objects.get(pk=old.pk).is_good


def test_one_that_has_expired_is_renewed_too(vera, forgets, time_machine):
    time_machine.move_to("2099-01-01T09:00:00Z", tick=False)
    forgets("vera@example.com")
    assert len(mail.outbox) == 1 and Invitation.objects.order_by("-id").first().is_good


def test_staff_who_were_invited_get_theirs(cast, forgets):
    cast.nell.set_unusable_password()
    cast.nell.save()
    invitation = make_invitation(cast.nell, by=cast.olivia, purpose=Invitation.Purpose.STAFF)
    forgets(cast.nell.email)
    assert [letter.to for letter in mail.outbox] == [[cast.nell.email]]
    mail.outbox.clear()
    Invitation.objects.filter(user=cast.nell).exclude(pk=invitation.pk).update(withdrawn_at="2026-01-01T00:00Z")
    forgets(cast.nell.email)
    assert mail.outbox == []


@pytest.mark.parametrize("why", ["suspended", "removed", "off"])
def test_whoever_is_kept_out_gets_nothing(cast, vera, forgets, why):
    if why == "suspended":
        suspend_portal_user(vera, by=cast.olivia)
    elif why == "removed":
        PortalUser.objects.update(state="removed")
    else:
        vera.user.is_active = False
        vera.user.save()
    assert forgets("vera@example.com") == (302, "/password/sent/")
    assert mail.outbox == []


def test_cora_who_has_a_password_gets_the_link_to_change_it(cast, forgets):
    forgets("cora@example.com")
    assert "/password/new/" in mail.outbox[0].body and not Invitation.objects.exists()
