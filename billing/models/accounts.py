"""The ledger: what each customer owes, and the entries that make it so. Entries are only ever added."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Location
from audit.declarations import LazyFunction
from audit.derived import Derivation
from audit.events import WrittenByAct
from billing.choices import EntryKind
from billing.models.invoices import Invoice
from console.scope import Scope, ScopedQuerySet
from money.minor import AmountField


class CustomerAccount(models.Model):
    """What a customer owes in a currency. Whatever moves money locks it first."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="money_accounts", verbose_name=_("customer"))
    currency = models.CharField(_("currency"), max_length=3)
    balance = AmountField(_("balance"), default=0)

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="customer")
    # Nothing of a customer but a merge, which says so itself.
    derived = (Derivation("balance", Customer, (), LazyFunction("billing.posting.write_balances")),)

    class Meta:
        verbose_name = _("customer account")
        verbose_name_plural = _("customer accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "currency"],
                name="one_account_a_currency",
                violation_error_message=_("This customer has an account in that currency already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.balance} {self.currency}"


class AccountEntry(WrittenByAct):
    """One movement of an account; above zero the customer owes more. Written by ``billing.posting`` alone."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="money_entries", verbose_name=_("customer"), db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    location = models.ForeignKey(
        Location,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("location"),
        db_index=False,
        # A place can go; what was owed for it stays.
        db_constraint=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    on = models.DateField(_("date"))
    amount = AmountField(_("amount"))
    number = models.CharField(_("number"), max_length=40)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="entries", verbose_name=_("invoice"))

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="customer")
    derived = (Derivation("customer", Invoice, ("customer",), LazyFunction("billing.posting.move_entries")),)

    class Meta:
        verbose_name = _("account entry")
        verbose_name_plural = _("account entries")
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="entry_moves_something",
                violation_error_message=_("An entry of nothing is none."),
            ),
            models.UniqueConstraint(
                fields=["invoice", "location"],
                name="one_entry_a_place",
                violation_error_message=_("This document is in the ledger already."),
            ),
            # Of an empty place, any number would do as well.
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(location__isnull=True),
                name="one_entry_of_no_place",
                violation_error_message=_("This document is in the ledger already."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "currency", "on", "id"], include=["amount", "location"], name="entries_of_account"
            ),
            models.Index(fields=["at", "id"], name="entries_as_written"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.amount} {self.currency}"
