"""What settles what: a payment, a credit note or a write-off an invoice. Rows are only ever added; below zero is taken
back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Location
from audit.events import WrittenByAct
from billing.models.invoices import Invoice
from billing.models.payments import Payment, WriteOff
from console.scope import Scope, ScopedQuerySet
from money.minor import AmountField


class Allocation(WrittenByAct):
    """So much of one of three went to an invoice, for one place. The account's balance does not move by it.

    ``location``: for which of the invoice's places; ``credit_location``: of which of a credit note's.
    """

    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="given", verbose_name=_("credit note")
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, related_name="allocations", verbose_name=_("payment")
    )
    write_off = models.ForeignKey(
        WriteOff, models.PROTECT, null=True, related_name="allocations", verbose_name=_("write-off")
    )
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
    credit_location = models.ForeignKey(
        Location,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("location of the credit note"),
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
            ),
            models.CheckConstraint(
                condition=Q(credit_note__isnull=False, payment__isnull=True, write_off__isnull=True)
                | Q(credit_note__isnull=True, payment__isnull=False, write_off__isnull=True)
                | Q(credit_note__isnull=True, payment__isnull=True, write_off__isnull=False),
                name="allocation_of_one_thing",
                violation_error_message=_("One thing settles another: a payment, a credit note or a write-off."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.settled_by} - {self.invoice}: {self.amount}"

    @property
    def settled_by(self) -> Payment | Invoice | WriteOff:
        """What settles the invoice."""
        found = self.payment or self.credit_note or self.write_off
        assert found is not None, self.pk
        return found
