"""Guessing is slow, from everywhere, for every account, across restarts, and tells nobody which accounts there are."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest import mock

import pytest
from celery import current_app
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import PortalUserState
from accounts.guessing import PER_ACCOUNT, PER_ADDRESS
from accounts.models import Invitation
from accounts.services import make_invitation
from business.models import PortalSettings
from jobs.services import complete_job
from portal_site import throttle
from tests.factories import PASSWORD, make_job, make_portal_user

PAUSED = 429


@pytest.fixture
def counted(settings, time_machine):
    """Guesses are counted, as in an installation."""
    settings.AXES_ENABLED = True
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    return time_machine


def enter(email, password=PASSWORD, *, address="10.0.0.1", door="/login/"):
    return Client(REMOTE_ADDR=address).post(door, {"username": email, "password": password})


def guess(email, times, *, address="10.0.0.1"):
    return [enter(email, "nonsense", address=address).status_code for _ in range(times)]


def words(response):
    """A page without what differs each time: the tokens of its forms, and what was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return re.sub(r'name="(username|email|answer)" value="[^"]*"', "", page)


# --- Signing in --------------------------------------------------------------------------------------------


def test_eight_guesses_from_one_place_pause_the_account_there_and_nowhere_else(cast, counted, settings):
    assert guess("cora@example.com", settings.AXES_FAILURE_LIMIT)[-1] == PAUSED
    assert enter("cora@example.com").status_code == PAUSED
    assert enter("cora@example.com", address="10.0.0.2").status_code == 302
    assert enter("colm@example.com").status_code == 302


def test_guesses_from_many_places_pause_the_account_everywhere(cast, counted):
    for n in range(PER_ACCOUNT // 6):
        guess("cora@example.com", 6, address=f"10.0.1.{n}")
    assert enter("cora@example.com", address="10.0.2.1").status_code == PAUSED
    assert enter("colm@example.com", address="10.0.2.1").status_code == 302


def test_one_place_does_not_try_everybody(cast, counted):
    for n in range(PER_ADDRESS // 6):
        guess(f"person{n}@example.com", 6)
    assert enter("colm@example.com").status_code == PAUSED
    assert enter("colm@example.com", address="10.0.0.2").status_code == 302


def test_the_console_has_the_same_door(cast, counted, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        enter("dana@harbour.example", "nonsense", door="/admin/login/")
    assert enter("dana@harbour.example", door="/admin/login/").status_code == PAUSED
    assert enter("dana@harbour.example").status_code == PAUSED


def test_capitals_and_spaces_buy_no_more_guesses(cast, counted, settings):
    half = settings.AXES_FAILURE_LIMIT // 2
    for written in ("cora@example.com", " CORA@Example.com "):
        for _ in range(half):
            answer = enter(written, "nonsense", door="/admin/login/")
    assert answer.status_code == PAUSED


def test_a_restart_forgets_no_guess(cast, counted, settings):
    guess("cora@example.com", settings.AXES_FAILURE_LIMIT - 1)
    cache.clear()
    assert guess("cora@example.com", 1) == [PAUSED]


def test_a_pause_ends_when_it_was_said_to_however_often_somebody_tries(cast, counted, settings):
    guess("cora@example.com", settings.AXES_FAILURE_LIMIT)
    counted.shift(timedelta(minutes=10))
    guess("cora@example.com", 3)
    counted.shift(timedelta(minutes=6))
    assert enter("cora@example.com").status_code == 302


def test_an_unknown_account_is_paused_like_a_known_one(cast, counted, settings):
    times = settings.AXES_FAILURE_LIMIT
    assert guess("cora@example.com", times) == guess("nobody@example.com", times, address="10.0.0.2")
    known, unknown = enter("cora@example.com"), enter("nobody@example.com", address="10.0.0.2")
    assert words(known) == words(unknown)


@pytest.fixture
def effort(monkeypatch):
    """``effort(action)``: how often a password was hashed, and how many questions the database was asked."""
    plain, hashed = MD5PasswordHasher.encode, []

    def encode(self, *args, **kwargs):
        hashed.append(self)
        return plain(self, *args, **kwargs)

    def _effort(action):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            action()
        return len(hashed), len(queries)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return _effort


def test_a_wrong_password_and_an_unknown_account_take_as_long(cast, counted, effort):
    for state in (PortalUserState.SUSPENDED, PortalUserState.INVITED):
        make_portal_user(f"{state}@example.com", state=state)
    emails = ("nobody@example.com", "cora@example.com", "suspended@example.com", "invited@example.com")
    efforts = {email: effort(lambda email=email: enter(email, "nonsense")) for email in emails}
    assert len(set(efforts.values())) == 1, efforts
    assert efforts["nobody@example.com"][0] == 1


# --- Signing up, a fresh invitation ------------------------------------------------------------------------


@pytest.fixture
def public(portal):
    portal.access = PortalSettings.Access.PUBLIC
    portal.save()


def ask_in(email, *, address="10.0.0.1"):
    said = {"full_name": "Vera", "email": email, "phone": "0171 1234567", "password": "a quite new one"}
    return Client(REMOTE_ADDR=address).post("/signup/", said)


def test_signing_up_again_and_again_ends_per_account_and_per_address(cast, public):
    answers = [ask_in("vera@new.example", address=f"10.0.3.{n}").status_code for n in range(throttle.PER_ACCOUNT + 1)]
    assert answers == [302] * throttle.PER_ACCOUNT + [PAUSED]
    cache.clear()
    assert ask_in(" VERA@new.example", address="10.0.3.99").status_code == PAUSED
    many = [ask_in(f"person{n}@new.example").status_code for n in range(throttle.PER_ADDRESS + 1)]
    assert many == [302] * throttle.PER_ADDRESS + [PAUSED]


def test_a_known_address_signs_up_like_a_new_one_and_no_mail_is_waited_for(cast, public, effort):
    make_portal_user("waiting@example.com", state=PortalUserState.AWAITING)
    make_portal_user("invited@example.com", state=PortalUserState.INVITED)
    emails = (
        "vera@new.example",
        "cora@example.com",
        "waiting@example.com",
        "invited@example.com",
        "dana@harbour.example",
    )
    hashed = {email: effort(lambda email=email: ask_in(email))[0] for email in emails}
    assert set(hashed.values()) == {1}, hashed
    answers = {ask_in(email, address="10.0.0.2").url for email in emails}
    assert answers == {"/signup/sent/"}
    assert mail.outbox == []


def test_a_known_address_is_stopped_like_a_new_one(cast, public):
    def last(email, address):
        return [ask_in(email, address=address) for _ in range(throttle.PER_ACCOUNT + 1)][-1]

    known, unknown = last("cora@example.com", "10.0.0.1"), last("vera@new.example", "10.0.0.2")
    assert known.status_code == unknown.status_code == PAUSED
    assert words(known) == words(unknown)


def test_a_fresh_invitation_is_asked_for_a_few_times_only(cast):
    person = make_portal_user("ingrid@example.com", state=PortalUserState.INVITED)
    answers = []
    for _ in range(throttle.PER_ACCOUNT + 1):
        invitation = make_invitation(person.user, by=cast.dana)
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=1))
        answers.append(Client().post(f"/join/{invitation.token}/fresh/").status_code)
    assert answers == [200] * throttle.PER_ACCOUNT + [PAUSED]


# --- A forgotten password ----------------------------------------------------------------------------------


def test_a_forgotten_password_costs_the_same_for_everybody(cast, effort, monkeypatch):
    queued = mock.Mock()
    monkeypatch.setattr(current_app, "send_task", queued)
    emails = ("cora@example.com", "nobody@example.com")
    efforts = [effort(lambda email=email: Client().post("/password/", {"email": email})) for email in emails]
    assert efforts[0] == efforts[1]
    assert queued.call_count == 2 and mail.outbox == []


# --- A portal link -----------------------------------------------------------------------------------------


def test_a_live_a_dead_and_an_invented_link_answer_alike_and_ask_as_much(cast, effort):
    gita = {"contact_name": "Gita", "contact_email": "gita@example.com"}
    live, dead = (make_job(cast.cedar, cast.exchange, by=cast.dana, **gita) for _ in range(2))
    doors = [f"/l/{job.portal_links.get().token}/" for job in (live, dead)] + ["/l/nothing-of-the-kind/"]
    complete_job(dead, by=cast.dana)
    tried = {door: Client().post(door, {"answer": "carl@example.com"}) for door in doors}
    assert {answer.status_code for answer in tried.values()} == {403}
    assert len({words(answer) for answer in tried.values()}) == 1
    queries = {door: effort(lambda door=door: Client().post(door, {"answer": "carl@example.com"}))[1] for door in doors}
    assert len(set(queries.values())) == 1, queries


def test_a_restart_forgets_no_answer(cast):
    job = make_job(cast.cedar, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    door = f"/l/{job.portal_links.get().token}/"
    for n in range(6):
        answer = Client(REMOTE_ADDR=f"10.0.4.{n}").post(door, {"answer": "carl@example.com"})
        cache.clear()
    assert answer.status_code == PAUSED
    assert Client(REMOTE_ADDR="10.0.5.1").post(door, {"answer": "gita@example.com"}).status_code == PAUSED
