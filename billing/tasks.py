"""What beat and workers do for billing: each calls one service."""

from __future__ import annotations

from celery import shared_task

from billing.documents import keep_posted_documents


@shared_task
def keep_documents(invoices: list[int] | None = None) -> None:
    """Stores the documents of what was posted: of these primary keys, or of whatever has none."""
    keep_posted_documents(invoices)
