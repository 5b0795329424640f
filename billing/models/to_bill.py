"""Orders that are done and on no invoice, as a list of their own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jobs.models import Job


class OrderToBill(Job):
    """A job as whoever writes invoices sees it. To view this list is a right of its own; to change it, to bill."""

    class Meta:
        proxy = True
        default_permissions = ("view", "change")
        verbose_name = _("order to bill")
        verbose_name_plural = _("orders to bill")
