"""The room of bills, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class BillingConfig(AppConfig):
    """Orders, invoices, the ledger."""

    name = "billing"
    verbose_name = gettext_lazy("Billing")

    def ready(self) -> None:
        from billing.job_panel import billing_of_job
        from jobs.hooks import JOB_PANELS

        JOB_PANELS.add("invoice", billing_of_job)
