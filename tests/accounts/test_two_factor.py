from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from accounts.models import AuthenticatorApp
from accounts.services import two_factor
from console.errors import Refused


def code_of(user):
    device = AuthenticatorApp.objects.filter(user=user).first() or two_factor.begin_enrolment(user)
    return f"{totp(device.secret):06d}"


@pytest.fixture
def codes(cast):
    return two_factor.confirm_enrolment(cast.dana, code_of(cast.dana), by=cast.dana)


def test_nothing_is_on_until_the_first_right_code(cast):
    with pytest.raises(Refused, match="not right"):
        two_factor.confirm_enrolment(cast.dana, "000000", by=cast.dana)
    cast.dana.refresh_from_db()
    assert cast.dana.two_factor_since is None


def test_a_recovery_code_works_once(cast, codes):
    assert len(codes) == 10
    assert two_factor.check_code(cast.dana, codes[0])
    assert not two_factor.check_code(cast.dana, codes[0])


def test_a_code_does_not_work_twice(cast, codes):
    assert not two_factor.check_code(cast.dana, code_of(cast.dana))


def test_somebody_elses_code_does_not_work(cast, codes):
    assert not two_factor.check_code(cast.olivia, codes[0])


def test_switching_it_on_stands_in_history_without_the_secret(cast, codes):
    row = cast.dana.history.first()
    assert row.two_factor_since and row.actor == "Dana"


def test_the_picture_holds_the_secret_for_the_app(cast):
    device = two_factor.begin_enrolment(cast.dana)
    address = two_factor.address_of(device, "Harbour Bins")
    assert address.startswith("otpauth://totp/Harbour%20Bins%3Adana%40harbour.example?secret=")
    assert two_factor.qr_code_of(device, "Harbour Bins").startswith(b"<?xml")


def test_looking_at_the_secret_writes_nothing(cast):
    first, second = two_factor.begin_enrolment(cast.dana), two_factor.begin_enrolment(cast.dana)
    assert first.secret == second.secret and not AuthenticatorApp.objects.exists()


def test_no_recovery_code_can_be_read_in_the_database(cast, codes):
    kept = list(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert not set(kept) & {code.lower() for code in codes}
    # Not even what is kept opens anything.
    assert not two_factor.check_code(cast.dana, kept[0])


def test_the_same_code_of_two_people_is_kept_differently(cast):
    assert two_factor.sealed(cast.dana.pk, "abcdefgh") != two_factor.sealed(cast.olivia.pk, "abcdefgh")


def test_a_recovery_code_may_be_typed_as_people_do(cast, codes):
    written = f" {codes[0][:4].upper()}-{codes[0][4:]} "
    assert two_factor.check_code(cast.dana, written)


def test_codes_from_before_they_were_sealed_go_on_working(cast):
    device = StaticDevice.objects.create(user=cast.dana, name="recovery", confirmed=True)
    StaticToken.objects.create(device=device, token="abcd2345")
    cast.dana.two_factor_since = timezone.now()
    seal = importlib.import_module("accounts.migrations.0010_seal_recovery_codes").seal
    seal(apps, None)
    seal(apps, None)
    assert StaticToken.objects.get().token == two_factor.sealed(cast.dana.pk, "abcd2345")
    assert two_factor.check_code(cast.dana, "ABCD 2345")


def test_while_it_is_on_no_code_makes_other_recovery_codes(cast, codes):
    with pytest.raises(Refused, match="on already"):
        two_factor.confirm_enrolment(cast.dana, code_of(cast.dana), by=cast.dana)
    assert two_factor.check_code(cast.dana, codes[0])


def test_off_and_on_again_it_is_another_secret(cast):
    first = two_factor.begin_enrolment(cast.dana).secret
    two_factor.confirm_enrolment(cast.dana, code_of(cast.dana), by=cast.dana)
    two_factor.switch_off(cast.dana, by=cast.dana)
    assert two_factor.begin_enrolment(cast.dana).secret != first
