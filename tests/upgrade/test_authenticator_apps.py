"""Whoever had an authenticator app before its secrets were encrypted goes on with it."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone
from django_otp.oath import totp

from accounts.models import AuthenticatorApp, User
from accounts.services import two_factor
from tests.upgrade.installation import Story

BEFORE = [("accounts", "0017_authenticator_apps"), ("otp_totp", "0003_add_timestamps")]
UNUSUAL: dict[str, dict[str, Any]] = {
    "no hex": {"key": "zz"},
    "half a pair": {"key": "abc"},
    "nothing": {"key": ""},
    "eight digits": {"digits": 8},
    "every minute": {"step": 60},
    "counted from another day": {"t0": 1},
}


def fill(before: StateApps) -> dict[str, Any]:
    """What was made; what the upgrade printed of it; and the old table after the way back."""
    users, devices = before.get_model("accounts", "User").objects, before.get_model("otp_totp", "TOTPDevice").objects
    nina = users.create(email="tilda@example.com", full_name="Tilda", two_factor_since=timezone.now())
    made = timezone.now() - timedelta(days=400)
    used: dict[str, Any] = {"drift": 1, "last_t": 17, "throttling_failure_count": 3, "last_used_at": timezone.now()}
    device = devices.create(user=nina, name="app", key="AB" * 20, **used)
    devices.filter(pk=device.pk).update(created_at=made)
    devices.create(user=nina, name="app", key="cd" * 20, confirmed=False)
    people = [users.create(email=f"n{n}@example.com", two_factor_since=timezone.now()) for n in range(len(UNUSUAL))]
    for person, facts in zip(people, UNUSUAL.values(), strict=True):
        devices.create(user=person, name="app", confirmed=True, **{"key": "ab" * 20} | facts)

    def migrate_to(number: str) -> None:
        MigrationExecutor(connection).migrate([("accounts", number), BEFORE[1]])

    with redirect_stdout(io.StringIO()) as printed:
        migrate_to("0018_encrypt_authenticator_secrets")
    migrate_to("0017_authenticator_apps")
    old = devices.order_by("-confirmed").values("key", "drift", "throttling_failure_count", "created_at")
    back = list(old)
    return {
        "user": nina.pk, "people": [one.pk for one in people], "made": made, "used": used["last_used_at"],
        "printed": printed.getvalue(), "back": back,
    }  # fmt: skip


STORY = Story(at=tuple(BEFORE), fill=fill)


def test_apps_from_before_go_on_and_their_secrets_are_gone_from_the_old_table(upgraded, time_machine):
    app, begun = AuthenticatorApp.objects.filter(user=upgraded["user"]).order_by("-confirmed")
    assert app.secret == bytes.fromhex("ab" * 20) and begun.secret == bytes.fromhex("cd" * 20)
    assert (app.drift, app.last_step, app.throttling_failure_count) == (1, 17, 3)
    assert (app.created_at, app.last_used_at) == (upgraded["made"], upgraded["used"]) and not begun.confirmed
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM otp_totp_totpdevice")
        assert cursor.fetchone() == (0,), "no secret stays behind in clear"
    time_machine.move_to(timezone.now() + timedelta(seconds=31))
    assert two_factor.check_code(User.objects.get(pk=upgraded["user"]), f"{totp(app.secret, drift=1):06d}")


def test_they_come_back_with_the_version_before(upgraded):
    kept, begun = upgraded["back"]
    assert (kept["key"], begun["key"]) == ("ab" * 20, "cd" * 20)
    assert (kept["drift"], kept["throttling_failure_count"], kept["created_at"]) == (1, 3, upgraded["made"])


def test_an_app_that_would_not_go_on_is_left_out_and_its_account_is_named(upgraded):
    assert not AuthenticatorApp.objects.exclude(user=upgraded["user"]).exists()
    said = upgraded["printed"]
    assert [pk for pk in [*upgraded["people"], upgraded["user"]] if f"Account {pk}:" in said] == upgraded["people"]
    assert "ab" * 20 not in said
    people = User.objects.filter(pk__in=upgraded["people"])
    assert people.filter(two_factor_since=None).count() == 0, "the second step stays on"
