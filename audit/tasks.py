"""Background work of audit: what was kept long enough."""

from __future__ import annotations

from celery import shared_task

from audit.security_events import forget_events


@shared_task
def forget_security_events() -> None:
    """Deletes security events that nobody will ask for again."""
    forget_events()
