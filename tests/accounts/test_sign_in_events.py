"""Signing in, codes and passwords are security events, without what was typed."""

from __future__ import annotations

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.oath import totp

from accounts.services import make_invitation, two_factor
from audit.models import SecurityEvent
from tests.factories import PASSWORD

Kind = SecurityEvent.Kind
CORA = "cora@example.com"
NEW = "a quite new one"


def enter(password=PASSWORD):
    browser = Client()
    browser.post("/login/", {"username": CORA, "password": password})
    return browser


def signed_in(cast):
    enter()


def mistyped(cast):
    enter("nonsense")


def mistyped_own(cast):
    said = {"old_password": "nonsense", "new_password1": NEW, "new_password2": NEW}
    assert enter().post("/me/password/", said).status_code != 302


def wrong_code(cast):
    user = cast.cora.user
    device = two_factor.begin_enrolment(user)
    two_factor.confirm_enrolment(user, f"{totp(device.secret):06d}", by=user)
    enter().post("/login/code/", {"code": "nonsense"})


def changed(cast):
    said = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert enter().post("/me/password/", said).status_code == 302


def forgot(cast):
    Client().post("/password/", {"email": CORA})


def reset(cast):
    user, browser = cast.cora.user, Client()
    key = urlsafe_base64_encode(force_bytes(user.pk))
    page = browser.get(f"/password/new/{key}/{default_token_generator.make_token(user)}/", follow=True)
    browser.post(page.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW})


def invited(cast):
    letter = make_invitation(cast.cora.user, by=cast.dana)
    said = {"full_name": "Cora", "password": NEW, "phone": ""}
    assert Client().post(f"/join/{letter.token}/", said).status_code == 302


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (signed_in, Kind.SIGNED_IN),
        (mistyped, Kind.SIGN_IN_FAILED),
        (mistyped_own, Kind.OWN_PASSWORD_FAILED),
        (wrong_code, Kind.SECOND_STEP_FAILED),
        (changed, Kind.PASSWORD_CHANGED),
        (forgot, Kind.PASSWORD_LINK),
        (reset, Kind.PASSWORD_CHANGED),
        (invited, Kind.PASSWORD_CHANGED),
    ],
)
def test_it_is_noted_once(cast, committed, action, kind):
    with committed():
        action(cast)
    [event] = SecurityEvent.objects.filter(kind=kind)
    assert (event.about, event.times) == (CORA, 1)
    told = "".join(str(value) for row in SecurityEvent.objects.values() for value in row.values())
    assert PASSWORD not in told and "nonsense" not in told and NEW not in told
