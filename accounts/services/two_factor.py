"""The second step of signing in: a code from an authenticator app, or one of ten recovery codes.

django-otp checks the codes and slows guessing down; who has the second step on stands on the user
(``two_factor_since``), so that a page costs no query more for it. The app's secret is kept encrypted, and of a recovery
code only a seal, made with the site's secret key: whoever reads the database has none.
"""

from __future__ import annotations

import base64
import io
from urllib.parse import quote, urlencode

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from accounts.models import AuthenticatorApp, User
from accounts.models.authenticators import DIGITS
from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.models.people import Anyone
from accounts.services.events import record_account_event
from accounts.services.invitations import end_sessions, require_reach_of_account
from accounts.services.sign_in import note_wrong_code
from accounts.services.staff import require_right_to_manage
from audit.act import acting
from audit.wording import for_the_record
from console.errors import Refused
from console.reach import By

RECOVERY_CODES = 10
SECRET_BYTES = 20


def begin_enrolment(user: User) -> AuthenticatorApp:
    """The secret the app is to learn: another one after each sign-in, and after each time the second step was on. It
    counts for nothing until it is confirmed.

    Nothing is written: the secret is derived, so that looking at the page changes nothing.
    """
    moment = user.last_login.isoformat() if user.last_login else ""
    was_on = user.history.filter(two_factor_since__isnull=False).order_by("-history_id")
    before = was_on.values_list("history_id", flat=True).first() or ""
    said = f"{user.pk}:{user.password}:{moment}:{before}"
    secret = salted_hmac("accounts.two_factor", said).digest()[:SECRET_BYTES]
    # Whoever mistyped before has her wrong tries counted there.
    tried = AuthenticatorApp.objects.filter(user=user, confirmed=False).last()
    app = tried or AuthenticatorApp(user=user, name="app", confirmed=False)
    app.secret = secret
    return app


def secret_of(device: AuthenticatorApp) -> str:
    """The secret in the letters an app takes by hand, in groups of four."""
    letters = base64.b32encode(device.secret).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def address_of(device: AuthenticatorApp, business: str) -> str:
    """The otpauth:// address that the QR code holds, naming the business and the account."""
    account = quote(f"{business}:{device.user.email}")
    query = urlencode({"secret": secret_of(device).replace(" ", ""), "issuer": business, "digits": DIGITS})
    return f"otpauth://totp/{account}?{query}"


def qr_code_of(device: AuthenticatorApp, business: str) -> bytes:
    """The QR code as an SVG picture."""
    out = io.BytesIO()
    segno.make(address_of(device, business), error="m").save(out, kind="svg", scale=5, border=2, light="#ffffff")
    return out.getvalue()


def confirm_enrolment(user: User, code: str, *, by: By) -> list[str]:
    """Switches the second step on when the code is right, and returns the recovery codes, to be shown once.

    Raises Refused for a wrong code, and when it is on: a code that has opened the door makes no new recovery codes.
    """
    if User.objects.filter(pk=user.pk, two_factor_since__isnull=False).exists():
        raise Refused(_on_already())
    device = begin_enrolment(user)
    device.save()
    if not device.verify_token(_digits(code)):
        raise Refused(_("This code is not right. Wait for the next one, and check the clock of your phone."))
    with transaction.atomic(), acting(by=by, reason=for_the_record(gettext_lazy("Two-factor sign-in switched on"))):
        if User.objects.select_for_update().get(pk=user.pk).two_factor_since:
            raise Refused(_on_already())
        AuthenticatorApp.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save()
        user.two_factor_since = timezone.now()
        user.save()
        return _fresh_recovery_codes(user)


def _fresh_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=sealed(user.pk, code)) for code in codes])
    return codes


def sealed(user_id: int, code: str) -> str:
    """What is kept of a recovery code: 16 letters (80 bits) from which nobody gets back to it, of no use to another."""
    digest = salted_hmac("accounts.two_factor.recovery", f"{user_id} {code}", algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode().lower()


def renew_recovery_codes(user: User, *, by: By) -> list[str]:
    """Ten new recovery codes; the old ones die. Raises Refused when the second step is off."""
    if not user.two_factor_since:
        raise Refused(_("Two-factor sign-in is off."))
    with transaction.atomic(), acting(by=by):
        return _fresh_recovery_codes(user)


def check_code(user: User, code: str) -> bool:
    """Is that a right code of hers now: from the app, or a recovery code (which is used up by it)?

    Wrong tries make the next ones wait longer and longer; a right code in that time counts as wrong.
    """
    code = _digits(code).lower()
    with transaction.atomic():
        for model, token in ((AuthenticatorApp, code), (StaticDevice, sealed(user.pk, code))):
            for device in model.objects.select_for_update().filter(user=user, confirmed=True):
                if device.verify_token(token):
                    return True
    note_wrong_code(user)
    return False


def switch_off_for(user: User, *, by: Anyone, reason: str) -> None:
    """The office helps somebody who lost telephone and recovery codes: no second step, no session, and a mail to her,
    so that she notices if it was not she who asked.

    Raises Refused when it is off, for oneself and without a reason; NotAllowed for an account that may do or reach
    more than ``by``.
    """
    if user.pk == by.pk:
        raise Refused(_("Switch your own off on the page of your two-factor sign-in, with a code."))
    if not reason.strip():
        raise Refused(_("Say how you know that it is really this person who asks: it stands in the history."))
    with transaction.atomic():
        user = type(user)._default_manager.select_for_update().get(pk=user.pk)
        if user.is_staff:
            require_right_to_manage(user, by)
        require_reach_of_account(user, by)
        if not user.two_factor_since:
            raise Refused(off_already())
        switch_off(user, by=by, reason=reason)
        end_sessions(user)
        record_account_event(user, TwoFactorSwitchedOff())


def _on_already() -> str:
    return _("Two-factor sign-in is on already.")


def off_already() -> str:
    """Return the refusal of what is done already."""
    return _("Two-factor sign-in is off already.")


def switch_off(user: User, *, by: By, reason: str = "") -> None:
    """No second step any more; secrets and recovery codes are removed."""
    why = reason or for_the_record(gettext_lazy("Two-factor sign-in switched off"))
    with transaction.atomic(), acting(by=by, reason=why):
        AuthenticatorApp.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        user.two_factor_since = None
        user.save()


def _digits(code: str) -> str:
    return "".join(code.split()).replace("-", "")
