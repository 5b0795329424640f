"""The authenticator app that somebody signs in with: its secret, and how far its clock is off."""

from __future__ import annotations

import logging
import time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from audit.encryption import CannotDecrypt, decrypt, encrypt
from audit.take_back import TakeBack

logger = logging.getLogger(__name__)

DIGITS = 6
PURPOSE = "secret of an authenticator app"
# A code counts this many steps of 30 s before and after its own.
TOLERANCE = 1


class AuthenticatorApp(TimestampMixin, ThrottlingMixin, Device, models.Model):
    """django-otp's TOTP device (RFC 6238: SHA-1, 30 s, six digits), with its secret encrypted and not in clear.

    ``drift`` and ``last_step`` are in steps of 30 s: how far the telephone's clock was off, and which step's code was
    used last. Why a model of our own: docs/decisions/0076-tokens-at-rest.md.
    """

    encrypted_secret = models.TextField(_("secret"), editable=False)
    drift = models.SmallIntegerField(_("clock off by"), default=0, editable=False)
    last_step = models.BigIntegerField(_("last used step"), default=-1, editable=False)

    # django-otp's own is not typed.
    take_back = TakeBack(missed=False)
    encrypted = {"encrypted_secret": PURPOSE}
    objects: ClassVar[models.Manager[AuthenticatorApp]] = models.Manager()

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        # Nobody is given rights to what nobody sees.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.user}"

    @property
    def secret(self) -> bytes:
        """The secret that the app was taught. Raises CannotDecrypt when the keys are gone."""
        return bytes.fromhex(decrypt(self.encrypted_secret, purpose=PURPOSE))

    @secret.setter
    def secret(self, secret: bytes) -> None:
        self.encrypted_secret = encrypt(secret.hex(), purpose=PURPOSE)

    def verify_token(self, token: str) -> bool:
        """Is that the code of now, or of a step before or after, not used yet? Wrong ones make her wait."""
        if not (len(token) == DIGITS and token.isascii() and token.isdecimal()):
            # A recovery code, perhaps: no guess at the app's codes.
            return False
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        try:
            totp = TOTP(self.secret, digits=DIGITS, drift=self.drift)
        except CannotDecrypt as error:
            # No guess of hers: her recovery codes go on, and the log says what to mend.
            logger.error("The authenticator app of account %s can't be used: %s", self.user_id, error)
            return False
        totp.time = time.time()
        if not totp.verify(int(token), TOLERANCE, self.last_step + 1):
            self.throttle_increment(commit=True)
            return False
        self.last_step, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first wrong code; doubled by each further one."""
        return 1
