"""Whoever reads the database, or a backup of it, cannot make anybody's codes."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_otp.oath import totp

from accounts.models import AuthenticatorApp, User
from accounts.services import two_factor


def switch_on(user: User) -> tuple[bytes, list[str]]:
    """The secret that the app has, and the recovery codes."""
    secret = two_factor.begin_enrolment(user).secret
    return secret, two_factor.confirm_enrolment(user, code(secret), by=user)


def code(secret: bytes) -> str:
    return f"{totp(secret):06d}"


@pytest.fixture
def later(time_machine):
    """Codes count once: the next one is there half a minute later."""
    return lambda: time_machine.move_to(timezone.now() + timedelta(seconds=31))


def test_no_column_holds_the_secret(cast):
    secret, _codes = switch_on(cast.dana)
    row = AuthenticatorApp.objects.values().get()
    said = " ".join(str(value) for value in row.values())
    for written in (secret.hex(), two_factor.secret_of(AuthenticatorApp.objects.get()).replace(" ", "")):
        assert written.lower() not in said.lower()


def test_another_key_takes_over_and_codes_go_on(cast, settings, later):
    settings.ENCRYPTION_KEYS = ["o" * 32]
    secret, _codes = switch_on(cast.dana)
    settings.ENCRYPTION_KEYS = ["n" * 32, "o" * 32]
    call_command("rotate_encryption_keys", stdout=io.StringIO())
    settings.ENCRYPTION_KEYS = ["n" * 32]
    later()
    assert two_factor.check_code(cast.dana, code(secret))


def test_without_its_key_the_app_is_shut_recovery_codes_are_not_and_the_log_says_why(cast, settings, later, caplog):
    settings.ENCRYPTION_KEYS = ["o" * 32]
    secret, codes = switch_on(cast.dana)
    settings.ENCRYPTION_KEYS = ["l" * 32]
    later()
    assert not two_factor.check_code(cast.dana, code(secret))
    assert f"account {cast.dana.pk}" in caplog.text and "ENCRYPTION_KEYS" in caplog.text
    assert secret.hex() not in caplog.text
    later()
    assert two_factor.check_code(cast.dana, codes[0])


def test_a_wrong_code_makes_the_next_one_wait_and_a_recovery_code_does_not(cast, later):
    secret, codes = switch_on(cast.dana)
    later()
    assert two_factor.check_code(cast.dana, codes[0])
    later()
    wrong = f"{(totp(secret) + 500_000) % 1_000_000:06d}"
    assert not two_factor.check_code(cast.dana, wrong)
    assert not two_factor.check_code(cast.dana, code(secret)), "too soon after a wrong one"
    later()
    assert two_factor.check_code(cast.dana, code(secret))


@pytest.mark.parametrize("said", ["", "12345", "1234567", "١٢٣٤٥٦", "12 34 5x", "-12345", "1e5000", "0" * 10_000])
def test_what_is_no_code_is_wrong_and_no_guess(cast, said):
    switch_on(cast.dana)
    assert not two_factor.check_code(cast.dana, said)
    assert AuthenticatorApp.objects.get().throttling_failure_count == 0


def test_a_stranger_has_no_app(cast):
    switch_on(cast.dana)
    assert not two_factor.check_code(cast.carl.user, "123456")
