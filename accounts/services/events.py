"""Writing down what happened to an account."""

from __future__ import annotations

from django.db import transaction

from accounts.models import AccountEvent, User
from accounts.models.payloads import AccountPayload
from audit.events import facts_of_the_act, record_events


def record_account_event(account: User, payload: AccountPayload) -> AccountEvent:
    """Saves an event, with who and in which request, and tells about it once the transaction is committed."""
    event = AccountEvent(account=account, kind=payload.kind, data=payload.stored(), **facts_of_the_act())
    with transaction.atomic():
        return record_events(AccountEvent, [event])[0]
