"""The room of bills, as Django knows it."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import pgettext_lazy


def put_up_triggers(using: str, **kwargs: Any) -> None:
    """After a migration: what is posted stays as it is."""
    from billing.frozen import freeze

    freeze(connections[using])


class BillingConfig(AppConfig):
    """Orders, invoices, the ledger."""

    name = "billing"
    verbose_name = pgettext_lazy("what belongs to invoices", "Billing")

    def ready(self) -> None:
        from billing.job_panel import billing_of_job
        from billing.models import Invoice
        from billing.posting import lock_for_merge
        from billing.take_back_rules import why_not_without_invoice
        from billing.why import standing_of
        from jobs.hooks import JOB_PANELS, WHY_NOT_TAKEN_BACK
        from permissions.hooks import MERGE_LOCKS, STANDINGS

        MERGE_LOCKS.add("documents", lock_for_merge)
        STANDINGS.add(Invoice, standing_of)
        JOB_PANELS.add("invoice", billing_of_job)
        WHY_NOT_TAKEN_BACK.add("invoice", why_not_without_invoice)

        post_migrate.connect(put_up_triggers, sender=self)
