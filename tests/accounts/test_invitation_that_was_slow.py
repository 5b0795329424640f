"""A letter that a process took along is sent by another, and by the slow one no more."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import Invitation
from accounts.services import deliver_invitation, invitations, make_invitation, send_waiting_invitations

State = Invitation.MailState


@pytest.fixture
def letter(cast, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    return make_invitation(cast.cora.user, by=cast.dana)


def test_a_process_that_died_is_followed_by_another(letter, time_machine, monkeypatch):
    def dying(*_given):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(invitations, "_letter", dying)
        deliver_invitation(letter.pk)
    time_machine.shift(Invitation.SILENCE)
    assert send_waiting_invitations() == 0
    time_machine.shift(1)
    assert send_waiting_invitations() == 1
    letter.refresh_from_db()
    assert (letter.mail_state, letter.tries, len(mail.outbox)) == (State.SENT, 2, 1)


def test_one_that_was_slow_leaves_it_to_the_other(letter, time_machine, monkeypatch):
    real = invitations._letter

    def slow(invitation):
        monkeypatch.setattr(invitations, "_letter", real)
        time_machine.shift(Invitation.SILENCE.total_seconds() + 1)
        assert send_waiting_invitations() == 1
        return real(invitation)

    monkeypatch.setattr(invitations, "_letter", slow)
    assert not deliver_invitation(letter.pk)
    letter.refresh_from_db()
    assert (letter.mail_state, len(mail.outbox)) == (State.SENT, 1)
