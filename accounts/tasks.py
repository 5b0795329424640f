"""Background work of accounts: letters that wait."""

from celery import shared_task

from accounts.services import deliver_invitation, send_waiting_invitations


@shared_task
def send_invitation(invitation_id: int) -> None:
    """Sends one letter, if it still waits."""
    deliver_invitation(invitation_id)


@shared_task
def sweep() -> None:
    """Sends what nobody sent."""
    send_waiting_invitations()
