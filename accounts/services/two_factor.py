"""The second step of signing in: a code from an authenticator app, or one of ten recovery codes.

django-otp keeps the secrets, checks the codes and slows guessing down; who has the second step on stands on the user
(``two_factor_since``), so that a page costs no query more for it.
"""

from __future__ import annotations

import base64
import io
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.act import acting
from audit.wording import for_the_record
from permissions.errors import Refused

RECOVERY_CODES = 10


def begin_enrolment(user: Any) -> TOTPDevice:
    """The secret the app is to learn: another one after each sign-in, counting for nothing until it is confirmed.

    Nothing is written: the secret is derived, so that looking at the page changes nothing.
    """
    moment = user.last_login.isoformat() if user.last_login else ""
    key = salted_hmac("accounts.two_factor", f"{user.pk}:{user.password}:{moment}").digest()[:20].hex()
    known = TOTPDevice.objects.filter(user=user, confirmed=False, key=key).first()
    return known or TOTPDevice(user=user, name="app", confirmed=False, key=key)


def secret_of(device: TOTPDevice) -> str:
    """The secret in the letters an app takes by hand, in groups of four."""
    letters = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def address_of(device: TOTPDevice, business: str) -> str:
    """The otpauth:// address that the QR code holds, naming the business and the account."""
    account = quote(f"{business}:{device.user.email}")
    query = urlencode({"secret": secret_of(device).replace(" ", ""), "issuer": business, "digits": device.digits})
    return f"otpauth://totp/{account}?{query}"


def qr_code_of(device: TOTPDevice, business: str) -> bytes:
    """The QR code as an SVG picture."""
    out = io.BytesIO()
    segno.make(address_of(device, business), error="m").save(out, kind="svg", scale=5, border=2, light="#ffffff")
    return out.getvalue()


def confirm_enrolment(user: Any, code: str, *, by: Any) -> list[str]:
    """Switches the second step on when the code is right, and returns the recovery codes, to be shown once.

    Raises Refused for a wrong code.
    """
    device = begin_enrolment(user)
    device.save()
    if not device.verify_token(_digits(code)):
        raise Refused(_("This code is not right. Wait for the next one, and check the clock of your phone."))
    with transaction.atomic(), acting(by=by, reason=for_the_record(gettext_lazy("Two-factor sign-in switched on"))):
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save()
        user.two_factor_since = timezone.now()
        user.save()
        return _fresh_recovery_codes(user)


def _fresh_recovery_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def renew_recovery_codes(user: Any, *, by: Any) -> list[str]:
    """Ten new recovery codes; the old ones die. Raises Refused when the second step is off."""
    if not user.two_factor_since:
        raise Refused(_("Two-factor sign-in is off."))
    with transaction.atomic(), acting(by=by):
        return _fresh_recovery_codes(user)


def check_code(user: Any, code: str) -> bool:
    """Is that a right code of hers now: from the app, or a recovery code (which is used up by it)?

    Wrong tries make the next ones wait longer and longer; a right code in that time counts as wrong.
    """
    code = _digits(code)
    with transaction.atomic():
        for model in (TOTPDevice, StaticDevice):
            for device in model.objects.select_for_update().filter(user=user, confirmed=True):
                if device.verify_token(code.lower()):
                    return True
    return False


def switch_off(user: Any, *, by: Any, reason: str = "") -> None:
    """No second step any more; secrets and recovery codes are removed."""
    why = reason or for_the_record(gettext_lazy("Two-factor sign-in switched off"))
    with transaction.atomic(), acting(by=by, reason=why):
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        user.two_factor_since = None
        user.save()


def _digits(code: str) -> str:
    return "".join(code.split()).replace("-", "")
