"""Background work of accounts: letters that wait."""

from celery import shared_task

from accounts.services import deliver_invitation, pauses, send_waiting_invitations
from accounts.services.tokens import forget_answers
from accounts.services.two_factor import tell_it_is_off


@shared_task
def send_invitation(invitation_id: int) -> None:
    """Sends one letter, if it still waits."""
    deliver_invitation(invitation_id)


@shared_task
def tell_two_factor_is_off(user_id: int) -> None:
    """Tells somebody that the office switched her second step off."""
    tell_it_is_off(user_id)


@shared_task
def tell_sign_in_is_paused(email: str) -> None:
    """Tells somebody that strangers have tried their account too often."""
    pauses.tell_sign_in_is_paused(email)


@shared_task
def sweep() -> None:
    """Sends what nobody sent."""
    send_waiting_invitations()


@shared_task
def forget() -> None:
    """Forgets what was kept for a while only: answers to programs."""
    forget_answers()
