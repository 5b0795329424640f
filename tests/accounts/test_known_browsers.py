"""Strangers who try an account keep nobody out of the browsers they know, and this person is told."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from axes.models import AccessAttempt
from celery import current_app
from django.contrib.auth.tokens import default_token_generator
from django.core import mail, signing
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.oath import totp

from accounts.guessing import PER_ACCOUNT, PER_ADDRESS
from accounts.known_browsers import LASTS, MOST_ACCOUNTS, SALT
from accounts.models import User
from accounts.services import end_sessions, two_factor
from accounts.services.pauses import tell_sign_in_is_paused
from accounts.tasks import tell_sign_in_is_paused as task
from audit.models import SecurityEvent
from permissions.services import suspend_portal_user
from tests.alerts.mails import send_mails
from tests.factories import PASSWORD

PAUSED = 429
CORA, COLM = "cora@example.com", "colm@example.com"


@pytest.fixture
def counted(settings, time_machine, monkeypatch):
    """Guesses are counted, as in an installation; the worker is quick."""
    settings.AXES_ENABLED = True

    def send(_name, args, **_options):
        task(*args)
        send_mails()

    monkeypatch.setattr(current_app, "send_task", send)
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    return time_machine


def enter(browser, email=CORA, password=PASSWORD, *, door="/login/", **where):
    return browser.post(door, {"username": email, "password": password}, **where)


@pytest.fixture
def home(cast, counted, settings):
    """Cora's browser, in which she signed in once, and out."""
    browser = Client()
    assert enter(browser).status_code == 302
    browser.post("/logout/")
    return browser


def strangers(times=PER_ACCOUNT, email=CORA):
    """Wrong passwords from many places; the last answer."""
    for n in range(times):
        answer = enter(Client(REMOTE_ADDR=f"10.9.{n // 6}.1"), email, "nonsense")
    return answer


def choose(client, user, password="a quite new one"):
    key = urlsafe_base64_encode(force_bytes(user.pk))
    page = client.get(f"/password/new/{key}/{default_token_generator.make_token(user)}/", follow=True)
    said = {"new_password1": password, "new_password2": password}
    return client.post(page.redirect_chain[-1][0], said).status_code


# --- Whom a stranger keeps out -----------------------------------------------------------------------------


def test_thirty_wrong_tries_of_strangers_keep_nobody_out_of_a_browser_they_know(home):
    assert strangers().status_code == PAUSED
    assert enter(Client(REMOTE_ADDR="10.1.1.1")).status_code == PAUSED
    assert enter(home).status_code == 302


def test_strangers_behind_the_same_address_do_not_count_there_either(home):
    for n in range(PER_ADDRESS // 6):
        for _ in range(6):
            enter(Client(), f"person{n}@example.com", "nonsense")
    for _ in range(8):
        enter(Client(), CORA, "nonsense")
    assert enter(Client()).status_code == PAUSED
    assert enter(home).status_code == 302


def test_a_known_browser_has_eight_tries_of_its_own_wherever_it_is(home, counted, settings):
    for n in range(settings.AXES_FAILURE_LIMIT - 1):
        assert enter(home, password="nonsense", REMOTE_ADDR=f"10.3.0.{n}").status_code == 200
    assert enter(home, password="nonsense").status_code == PAUSED
    assert enter(home, REMOTE_ADDR="10.3.0.99").status_code == PAUSED
    # Its tries are its own: she gets in elsewhere, and in here later.
    assert enter(Client(REMOTE_ADDR="10.4.0.1")).status_code == 302
    counted.shift(timedelta(minutes=16))
    assert enter(home).status_code == 302


def test_a_right_password_forgives_the_tries_of_the_browser(home):
    for _ in range(2):
        for n in range(7):
            enter(home, password="nonsense", REMOTE_ADDR=f"10.3.0.{n}")
        assert enter(home).status_code == 302
        home.post("/logout/")


def test_the_console_knows_browsers_too(cast, counted):
    browser = Client()
    enter(browser, cast.dana.email, door="/admin/login/")
    browser.post("/logout/")
    strangers(email=cast.dana.email)
    assert enter(Client(), cast.dana.email, door="/admin/login/").status_code == PAUSED
    assert enter(browser, cast.dana.email, door="/admin/login/").status_code == 302


# --- What the cookie is, and is not ------------------------------------------------------------------------


def test_the_cookie_of_one_account_is_no_use_for_another(home, cast):
    strangers(email=COLM)
    assert enter(home, COLM).status_code == PAUSED
    for _ in range(8):
        enter(home, COLM, "nonsense")
    assert not AccessAttempt.objects.filter(username__startswith="browser:").exists()


def test_a_cookie_that_somebody_wrote_is_none(home, settings):
    strangers()
    name = settings.KNOWN_BROWSER_COOKIE_NAME
    real = home.cookies[name].value
    forged = [
        signing.dumps({"name": "x", "marks": ["x"]}, salt="another"),
        real[:-1] + "~",
        "x",
        signing.dumps(1, salt=SALT),
    ]
    for value in forged:
        stranger = Client()
        stranger.cookies[name] = value
        assert enter(stranger).status_code == PAUSED, value


def test_the_cookie_lasts_a_year_and_tells_nobody_anything(home, settings, cast, counted):
    cookie = home.cookies[settings.KNOWN_BROWSER_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert cookie["max-age"] == LASTS.total_seconds()
    said = signing.loads(cookie.value, salt=SALT)
    assert set(said) == {"name", "marks"}
    assert CORA not in str(said) and cast.cora.user.password not in str(said)
    strangers()
    counted.shift(LASTS + timedelta(minutes=1))
    strangers()
    assert enter(home).status_code == PAUSED


def test_signing_out_everywhere_makes_strangers_of_all_other_browsers(home, cast):
    here = Client()
    enter(here)
    assert here.post("/me/sign-out-everywhere/").status_code == 302
    here.post("/logout/")
    strangers()
    assert enter(home).status_code == PAUSED
    assert enter(here).status_code == 302


def test_a_wrong_password_makes_no_browser_known(cast, counted, settings):
    stranger = Client()
    enter(stranger, password="nonsense")
    assert settings.KNOWN_BROWSER_COOKIE_NAME not in stranger.cookies


def test_with_a_second_step_a_browser_is_known_after_that_only(cast, counted, settings):
    user, name = cast.cora.user, settings.KNOWN_BROWSER_COOKIE_NAME
    device = two_factor.begin_enrolment(user)
    codes = two_factor.confirm_enrolment(user, f"{totp(device.secret):06d}", by=user)
    browser = Client()
    enter(browser)
    assert name not in browser.cookies
    browser.post("/login/code/", {"code": codes[0]})
    assert browser.cookies[name].value


def test_people_who_share_a_computer_are_all_known_the_last_few(home, cast, settings):
    enter(home, COLM)
    home.post("/logout/")
    strangers()
    strangers(email=COLM)
    assert enter(home).status_code == 302
    home.post("/logout/")
    assert enter(home, COLM).status_code == 302
    home.post("/logout/")
    for user in (cast.olivia, cast.dana, cast.ines, cast.bill, cast.sam):
        enter(home, user.email)
        home.post("/logout/")
    marks = signing.loads(home.cookies[settings.KNOWN_BROWSER_COOKIE_NAME].value, salt=SALT)["marks"]
    assert len(marks) == MOST_ACCOUNTS
    assert enter(home).status_code == PAUSED


# --- The way out -------------------------------------------------------------------------------------------


def test_a_finished_reset_ends_the_pause_everywhere(home, cast):
    strangers()
    user = User.objects.get(email=CORA)
    new = Client(REMOTE_ADDR="10.5.0.1")
    assert enter(new).status_code == PAUSED
    assert choose(new, user) == 302
    assert enter(Client(REMOTE_ADDR="10.5.0.2"), password="a quite new one").status_code == 302


def test_after_a_reset_strangers_who_go_on_do_not_count_in_that_browser(cast, counted):
    strangers()
    new = Client(REMOTE_ADDR="10.5.0.1")
    choose(new, cast.cora.user)
    strangers()
    assert enter(Client(REMOTE_ADDR="10.5.0.2"), password="a quite new one").status_code == PAUSED
    assert enter(new, password="a quite new one").status_code == 302


def test_a_reset_of_one_account_ends_no_pause_of_another(cast, counted):
    strangers()
    choose(Client(), cast.colm.user)
    assert enter(Client(REMOTE_ADDR="10.5.0.1")).status_code == PAUSED


# --- Who is told -------------------------------------------------------------------------------------------


def test_the_person_is_told_once_however_long_it_goes_on(cast, counted):
    strangers(PER_ACCOUNT - 1)
    assert mail.outbox == []
    strangers(3)
    counted.shift(timedelta(minutes=20))
    strangers()
    [message] = mail.outbox
    assert message.to == [CORA] and "Harbour Bins" in message.subject
    [(html, kind)] = message.alternatives
    assert kind == "text/html" and "/password/" in html and "/password/" in message.body
    assert "Hello Cora" in html and "15 minutes" in message.body
    counted.shift(timedelta(days=1))
    strangers()
    assert len(mail.outbox) == 2


def test_who_mistypes_in_one_place_gets_no_mail(cast, counted):
    for _ in range(10):
        enter(Client(), password="nonsense")
    assert mail.outbox == []


def test_nobody_is_told_who_has_no_way_in(cast, counted):
    suspend_portal_user(cast.colm, by=cast.dana)
    strangers(email=COLM)
    strangers(email="nobody@example.com")
    assert mail.outbox == []


def test_the_mail_is_in_the_language_of_the_person(cast):
    User.objects.filter(email=CORA).update(language="de")
    assert tell_sign_in_is_paused(CORA)
    send_mails()
    assert mail.outbox[0].body.startswith("Guten Tag Cora,")
    assert not tell_sign_in_is_paused(CORA)


def test_whether_there_is_an_account_is_seen_by_the_worker_alone(cast, counted, monkeypatch):
    queued = mock.Mock()
    monkeypatch.setattr(current_app, "send_task", queued)
    strangers()
    strangers(email="nobody@example.com")
    assert [call.args[1] for call in queued.call_args_list if "paused" in call.args[0]] == [
        [CORA],
        ["nobody@example.com"],
    ]


def test_without_a_broker_the_mail_goes_out_all_the_same(cast, counted, monkeypatch):
    monkeypatch.setattr(current_app, "send_task", mock.Mock(side_effect=ConnectionRefusedError))
    strangers()
    assert send_mails() == 1
    assert [message.to for message in mail.outbox] == [[CORA]]


def test_a_pause_and_what_led_to_it_are_security_events(cast, counted):
    SecurityEvent.objects.all().delete()
    strangers()
    Kind = SecurityEvent.Kind
    assert sum(row.times for row in SecurityEvent.objects.filter(kind=Kind.SIGN_IN_FAILED, about=CORA)) == PER_ACCOUNT
    assert SecurityEvent.objects.get(kind=Kind.SIGN_IN_PAUSED).about == CORA
    enter(Client(), "vera@new.example", "nonsense")
    assert SecurityEvent.objects.filter(kind=Kind.SIGN_IN_FAILED, about="v…@new.example").exists()


# --- Where a visitor is ------------------------------------------------------------------------------------


def test_a_whole_network_of_ipv6_is_one_place(cast, counted, settings):
    for n in range(settings.AXES_FAILURE_LIMIT):
        enter(Client(REMOTE_ADDR=f"2001:db8:1:2::{n + 1}"), password="nonsense")
    assert enter(Client(REMOTE_ADDR="2001:db8:1:2:ffff::1")).status_code == PAUSED
    assert enter(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


def test_an_account_whose_sessions_were_ended_knows_no_browser(home, cast):
    end_sessions(cast.cora.user)
    strangers()
    assert enter(home).status_code == PAUSED
    assert timezone.now() < User.objects.get(email=CORA).told_of_pause_at + timedelta(days=1)


def test_whoever_finds_an_open_computer_guesses_the_old_password_eight_times_at_most(home, settings):
    enter(home)
    new = {"new_password1": "a quite new one", "new_password2": "a quite new one"}
    tries = [home.post("/me/password/", {"old_password": "nonsense"} | new).status_code for _ in range(8)]
    assert set(tries) == {200}
    assert "wrong too often" in home.post("/me/password/", {"old_password": PASSWORD} | new).content.decode()
