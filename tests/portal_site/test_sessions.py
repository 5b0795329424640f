"""A session is one person's, begins anew at each sign-in, ends when she is shut out or changes her password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.oath import totp

from accounts.models import User
from accounts.services import two_factor
from permissions.services import reactivate_portal_user, remove_portal_user, suspend_portal_user
from tests.factories import PASSWORD, make_job


def enter(client, email, password=PASSWORD, door="/login/"):
    return client.post(door, {"username": email, "password": password})


def is_in(client):
    return client.get("/me/").status_code == 200


@pytest.fixture
def at_two_places(cast):
    places = Client(), Client()
    for client in places:
        enter(client, "cora@example.com")
        assert is_in(client)
    return places


def test_a_session_that_was_planted_is_not_the_one_she_signs_in_with(cast, client):
    job = make_job(cast.cedar, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    client.post(f"/l/{job.portal_links.get().token}/", {"answer": "gita@example.com"})
    planted = client.session.session_key
    assert planted
    enter(client, "cora@example.com")
    assert is_in(client)
    assert client.session.session_key != planted
    stale = Client()
    stale.cookies["sessionid"] = planted
    assert not is_in(stale)


def test_answering_a_portal_link_begins_a_new_session_too(cast, client):
    doors = [make_job(cast.cedar, cast.exchange, by=cast.dana, contact_email="gita@example.com") for _ in range(2)]
    keys = set()
    for job in doors:
        client.post(f"/l/{job.portal_links.get().token}/", {"answer": "gita@example.com"})
        keys.add(client.session.session_key)
    assert len(keys) == 2


def test_nothing_of_the_last_person_is_left_for_the_next_at_the_same_computer(cast, client):
    enter(client, "cora@example.com")
    client.post("/accounts/switch/", {"account": cast.birch.pk})
    assert client.session["portal_account"] == cast.birch.pk
    client.post("/logout/")
    enter(client, "carl@example.com")
    assert "portal_account" not in client.session
    assert "Cedar" in client.get("/me/").content.decode()


def test_a_session_is_no_use_under_another_name(cast, client):
    enter(client, "cora@example.com")
    session = client.session
    session["_auth_user_id"] = str(cast.olivia.pk)
    session.save()
    assert client.get("/admin/").status_code == 302
    assert not is_in(client)


def test_a_new_password_ends_every_other_session(cast, at_two_places):
    here, elsewhere = at_two_places
    key = here.session.session_key
    new = {"old_password": PASSWORD, "new_password1": "a quite new one", "new_password2": "a quite new one"}
    assert here.post("/me/password/", new).status_code == 302
    assert is_in(here) and not is_in(elsewhere)
    assert here.session.session_key != key


def test_a_password_chosen_by_mail_ends_every_session(cast, at_two_places):
    user = cast.cora.user
    user.refresh_from_db()
    key = urlsafe_base64_encode(force_bytes(user.pk))
    client = Client()
    page = client.get(f"/password/new/{key}/{default_token_generator.make_token(user)}/", follow=True)
    new = {"new_password1": "a quite new one", "new_password2": "a quite new one"}
    assert client.post(page.redirect_chain[-1][0], new).status_code == 302
    assert not any(map(is_in, at_two_places))


@pytest.mark.parametrize("shut_out", [suspend_portal_user, remove_portal_user])
def test_who_is_shut_out_is_out_everywhere_at_once(cast, at_two_places, shut_out):
    shut_out(cast.cora, by=cast.dana)
    for client in at_two_places:
        assert client.get("/me/").status_code == 302
        assert enter(client, "cora@example.com").status_code == 200


def test_a_suspension_that_ends_brings_no_old_session_back(cast, at_two_places):
    suspend_portal_user(cast.cora, by=cast.dana)
    cast.cora.refresh_from_db()
    reactivate_portal_user(cast.cora, by=cast.dana)
    assert not any(map(is_in, at_two_places))


def test_signing_out_everywhere_leaves_this_session_only(cast, at_two_places):
    here, elsewhere = at_two_places
    assert here.post("/me/sign-out-everywhere/").status_code == 302
    assert is_in(here) and not is_in(elsewhere)


def test_staff_who_are_switched_off_are_out_at_once(cast):
    client = Client()
    enter(client, "dana@harbour.example", door="/admin/login/")
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=cast.dana.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_the_second_step_renews_the_session(cast, client):
    user = cast.cora.user
    device = two_factor.begin_enrolment(user)
    codes = two_factor.confirm_enrolment(user, f"{totp(device.secret):06d}", by=user)
    enter(client, "cora@example.com")
    half = client.session.session_key
    assert not is_in(client)
    client.post("/login/code/", {"code": codes[0]})
    assert is_in(client) and client.session.session_key != half


def test_a_browser_that_is_closed_for_long_has_to_sign_in_again(cast, client, time_machine):
    enter(client, "cora@example.com")
    time_machine.move_to(timezone.now() + timedelta(days=15), tick=False)
    assert not is_in(client)
