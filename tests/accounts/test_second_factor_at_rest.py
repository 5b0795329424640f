"""Whoever reads the database, or a backup of it, cannot make anybody's codes; who has an app goes on with it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_otp.oath import totp

from accounts.models import AuthenticatorApp, User
from accounts.services import two_factor

BEFORE = [("accounts", "0017_authenticator_apps"), ("otp_totp", "0003_add_timestamps")]


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


def migrate(targets: list[tuple[str, str]] | None = None) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(targets or []).apps


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def test_apps_from_before_go_on_and_their_secrets_are_gone_from_the_old_table(before, later):
    nina = before.get_model("accounts", "User").objects.create(
        email="nina@example.com", two_factor_since=timezone.now()
    )
    devices = before.get_model("otp_totp", "TOTPDevice")
    made = timezone.now() - timedelta(days=400)
    facts: dict[str, Any] = {"drift": 1, "last_t": 17, "throttling_failure_count": 3, "last_used_at": timezone.now()}
    device = devices.objects.create(user=nina, name="app", key="AB" * 20, **facts)
    devices.objects.filter(pk=device.pk).update(created_at=made)
    unfinished = devices.objects.create(user=nina, name="app", key="cd" * 20, confirmed=False)

    migrate()
    app, begun = AuthenticatorApp.objects.order_by("-confirmed")
    assert app.secret == bytes.fromhex("ab" * 20) and begun.secret == bytes.fromhex("cd" * 20)
    assert (app.drift, app.last_step, app.throttling_failure_count, app.created_at) == (1, 17, 3, made)
    assert app.last_used_at == facts["last_used_at"] and not begun.confirmed
    assert not devices.objects.exists(), "no secret stays behind in clear"
    later()
    assert two_factor.check_code(User.objects.get(), f"{totp(app.secret, drift=1):06d}")

    migrate(BEFORE)
    assert list(devices.objects.order_by("-confirmed").values_list("key", flat=True)) == ["ab" * 20, unfinished.key]
    kept = devices.objects.get(confirmed=True)
    assert (kept.drift, kept.throttling_failure_count, kept.created_at) == (1, 0, made)


UNUSUAL: dict[str, dict[str, Any]] = {
    "no hex": {"key": "zz"},
    "half a pair": {"key": "abc"},
    "nothing": {"key": ""},
    "eight digits": {"digits": 8},
    "every minute": {"step": 60},
    "counted from another day": {"t0": 1},
}


def test_an_app_that_would_not_go_on_is_left_out_and_its_account_is_named(before, capsys):
    users, devices = before.get_model("accounts", "User").objects, before.get_model("otp_totp", "TOTPDevice").objects
    people = [users.create(email=f"n{n}@example.com", two_factor_since=timezone.now()) for n in range(len(UNUSUAL) + 1)]
    for person, facts in zip(people, [*UNUSUAL.values(), {}], strict=True):
        devices.create(user=person, name="app", confirmed=True, **{"key": "ab" * 20} | facts)

    migrate()
    assert AuthenticatorApp.objects.get().user_id == people[-1].pk and not devices.exists()
    said = capsys.readouterr().out
    assert [person.pk for person in people if f"Account {person.pk}:" in said] == [one.pk for one in people[:-1]]
    assert "ab" * 20 not in said
    assert User.objects.filter(two_factor_since=None).count() == 0, "the second step stays on"
