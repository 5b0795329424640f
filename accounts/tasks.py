"""Background work of accounts."""

from celery import shared_task

from accounts.services import pauses
from accounts.services.tokens import forget_answers


@shared_task
def tell_sign_in_is_paused(email: str) -> None:
    """Tells somebody that strangers have tried their account too often."""
    pauses.tell_sign_in_is_paused(email)


@shared_task
def forget() -> None:
    """Forgets what was kept for a while only: answers to programs."""
    forget_answers()
