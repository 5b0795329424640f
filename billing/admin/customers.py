"""The tab "Billing" on a customer's page: where its invoices go, what it owes, the latest documents."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from accounts.models import Customer
from billing.models import BillingProfile
from console.hooks import PAGE_PARTS, PagePart
from console.kit import ConsoleStackedInline

MAY_READ = ("billing.view_billingprofile", "billing.change_billingprofile", "billing.view_invoice")


class BillingTab(ConsoleStackedInline[BillingProfile]):
    """Told, not typed: a profile has a page of its own, since it is there only once somebody made it."""

    model = BillingProfile
    template = "billing/admin/customer_tab.html"
    verbose_name = verbose_name_plural = pgettext_lazy("what belongs to invoices", "Billing")
    fields = ()
    max_num = 1
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[BillingProfile]:
        return super().get_queryset(request).none()

    def has_view_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return obj is not None and any(request.user.has_perm(code) for code in MAY_READ)

    def has_add_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


PAGE_PARTS.add((Customer, "billing"), PagePart(inlines=(BillingTab,)))
