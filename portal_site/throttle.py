"""How often anybody may send a form that needs no login: counted in the database, across restarts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal_site import records

WINDOW = timedelta(hours=1)
PER_ACCOUNT = 3
PER_ADDRESS = 20


def allow_request(purpose: str, *, account: str, address: str | None) -> bool:
    """Count one attempt for an account's e-mail address and from a network address; False when it is one too many.

    ``purpose``: which form. Asks the same questions whether the account exists or not.
    """
    limits = [(f"account:{account.strip().casefold()}", PER_ACCOUNT)]
    if address:
        limits.append((f"address:{address}", PER_ADDRESS))
    keys = {salted_hmac("portal_site.throttle", words, algorithm="sha256").hexdigest(): most for words, most in limits}
    counts = records.count_attempts(purpose, keys, since=timezone.now() - WINDOW)
    return all(counts[key] <= most for key, most in keys.items())
