"""What signing in and passwords leave behind: security events, and the end of a pause."""

from __future__ import annotations

from accounts.models import User
from accounts.services.pauses import end_pause
from audit.models import SecurityEvent
from audit.security_events import masked_email, note, note_once_committed

Kind = SecurityEvent.Kind


def told_of(email: str) -> str:
    """An address as it may be kept: whole when an account has it, else masked. One query, whichever it is."""
    return email if User.objects.filter(email=email).exists() else masked_email(email)


def note_sign_in(user: User) -> None:
    """Notes that somebody's password was right."""
    note(Kind.SIGNED_IN, user=user, about=user.email)


def note_wrong_password(email: str, *, is_own: bool) -> None:
    """Notes a sign-in that failed; ``is_own``: a question for the password of whoever is signed in."""
    note(Kind.OWN_PASSWORD_FAILED if is_own else Kind.SIGN_IN_FAILED, about=told_of(email))


def note_pause(email: str) -> None:
    """Notes that signing in is paused from now on: for an account, or for it from somewhere."""
    note(Kind.SIGN_IN_PAUSED, about=told_of(email))


def note_wrong_code(user: User) -> None:
    """Notes a wrong code of the second step."""
    note(Kind.SECOND_STEP_FAILED, user=user, about=user.email)


def note_password_link(email: str) -> None:
    """Notes that somebody asked for a mail to choose a new password."""
    note(Kind.PASSWORD_LINK, about=told_of(email))


def password_was_chosen(user: User) -> None:
    """A person has chosen a password: a pause is over, and it is a security event."""
    end_pause(user)
    note_once_committed(Kind.PASSWORD_CHANGED, about=user.email)
