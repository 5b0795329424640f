"""The facts of each kind of event about an account, one class each, in one table (``PAYLOADS``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from accounts.choices import AccountEventKind
from audit.events import EventPayload


@dataclass(frozen=True)
class AccountPayload(EventPayload):
    """One kind of event about an account."""

    kind: ClassVar[AccountEventKind]


@dataclass(frozen=True)
class InvitationPayload(AccountPayload):
    """An event whose mail carries a link. ``invitation``: its primary key."""

    invitation: int


@dataclass(frozen=True)
class PortalUserInvited(InvitationPayload):
    """The office, or a colleague, invited somebody, or sent the invitation again."""

    kind = AccountEventKind.INVITED


@dataclass(frozen=True)
class PortalUserSignedUp(InvitationPayload):
    """Somebody asked to come in, and has to prove the address."""

    kind = AccountEventKind.SIGNED_UP


@dataclass(frozen=True)
class StaffInvited(InvitationPayload):
    """A member of staff gets a mail to set a password."""

    kind = AccountEventKind.STAFF_INVITED


@dataclass(frozen=True)
class AccessOpened(AccountPayload):
    """A portal user may sign in from now on."""

    kind = AccountEventKind.ACCESS_OPENED


@dataclass(frozen=True)
class AccessEnded(AccountPayload):
    """A portal user may sign in no more. ``customers``: primary keys of those she acted for until then; ``removed``:
    and not only suspended; ``reason``: as somebody wrote it."""

    kind = AccountEventKind.ACCESS_ENDED
    tokens = ("reason",)

    removed: bool
    customers: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True)
class PasswordLinkRequested(AccountPayload):
    """Somebody asked for a mail to choose a new password. ``language``: of the page they asked on."""

    kind = AccountEventKind.PASSWORD_LINK

    language: str = ""


@dataclass(frozen=True)
class TwoFactorSwitchedOff(AccountPayload):
    """The office switched somebody's second step off."""

    kind = AccountEventKind.TWO_FACTOR_OFF


@dataclass(frozen=True)
class SignInPaused(AccountPayload):
    """Strangers have tried too many passwords."""

    kind = AccountEventKind.SIGN_IN_PAUSED


@dataclass(frozen=True)
class UnknownAccountPayload(AccountPayload):
    """Of a kind that this Portico does not know (any more)."""


PAYLOADS: dict[str, type[AccountPayload]] = {
    payload.kind: payload
    for payload in (
        PortalUserInvited, PortalUserSignedUp, StaffInvited, AccessOpened, AccessEnded, PasswordLinkRequested,
        TwoFactorSwitchedOff, SignInPaused,
    )
}  # fmt: skip


def account_payload_of(kind: str, data: Mapping[str, object]) -> AccountPayload:
    """The facts of a stored event."""
    return PAYLOADS.get(kind, UnknownAccountPayload).read(data)
