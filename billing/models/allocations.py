"""What settles what: a credit note an invoice. Rows are only ever added; below zero is taken back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Location
from audit.events import WrittenByAct
from billing.models.invoices import Invoice
from console.scope import Scope, ScopedQuerySet
from money.minor import AmountField


class Allocation(WrittenByAct):
    """So much of a credit note went to an invoice, for one place. The account's balance does not move by it."""

    credit_note = models.ForeignKey(Invoice, models.PROTECT, related_name="given", verbose_name=_("credit note"))
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations", verbose_name=_("invoice"))
    location = models.ForeignKey(
        Location,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("location"),
        db_index=False,
        db_constraint=False,
    )
    amount = AmountField(_("amount"))
    on = models.DateField(_("date"))

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="invoice__customer")

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="allocation_of_something",
                violation_error_message=_("An allocation of nothing is none."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.credit_note} - {self.invoice}: {self.amount}"
