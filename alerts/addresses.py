"""Addresses people are reached at: telephone numbers, e-mail addresses, each in one spelling."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.telephones import LONGEST_NUMBER, parse_number
from alerts.choices import Channel
from audit.excerpts import excerpt
from audit.expressions import Expression

# How long an e-mail address can be.
LONGEST_ADDRESS = 254
_BETWEEN = Expression(r"[\n,;]", longest=10_000)


def mobile_number(written: str) -> str:
    """A telephone number as E.164 ("+49171..."), read by the habits of ``settings.DEFAULT_COUNTRY``.

    Raises ValidationError when it cannot be a number that takes text messages.
    """
    number = parse_number(written) if len(written) <= LONGEST_NUMBER else None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(_("“%s” is not a telephone number.") % excerpt(written))
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise ValidationError(_("“%s” is a landline: it takes no text messages.") % excerpt(written))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_address(written: str) -> str:
    """An e-mail address in small letters. Raises ValidationError."""
    address = written.strip().lower()
    try:
        if len(address) > LONGEST_ADDRESS:
            raise ValidationError("")
        validate_email(address)
    except ValidationError:
        raise ValidationError(_("“%s” is not an e-mail address.") % excerpt(written)) from None
    return address


def normal_address(written: str, channel: str) -> str:
    """The one spelling of an address on its channel. Raises ValidationError."""
    if channel == Channel.SMS:
        return mobile_number(written)
    return email_address(written)


def split_addresses(text: str) -> list[str]:
    """A list as people type it: one per line, or separated by commas or semicolons."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]
