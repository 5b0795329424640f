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
from billing.models.payments import Payment, Refund, WriteOff
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
    # What it is about: exactly one of these.
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="entries", verbose_name=_("invoice"))
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="entries", verbose_name=_("payment"))
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="entries", verbose_name=_("refund"))
    write_off = models.ForeignKey(
        WriteOff, models.PROTECT, null=True, related_name="entries", verbose_name=_("write-off")
    )
    # The entry that this one takes back.
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("takes back")
    )

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="customer")
    derived = tuple(
        Derivation("customer", source, ("customer",), LazyFunction(f"billing.posting.move_entries_of_{name}s"))
        for name, source in (("invoice", Invoice), ("payment", Payment), ("refund", Refund), ("write_off", WriteOff))
    )

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
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, payment__isnull=True, refund__isnull=True, write_off__isnull=True)
                | Q(invoice__isnull=True, payment__isnull=False, refund__isnull=True, write_off__isnull=True)
                | Q(invoice__isnull=True, payment__isnull=True, refund__isnull=False, write_off__isnull=True)
                | Q(invoice__isnull=True, payment__isnull=True, refund__isnull=True, write_off__isnull=False),
                name="entry_is_about_one_thing",
                violation_error_message=_("An entry is about one document or one payment."),
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(reverses__isnull=True),
                name="one_entry_of_a_payment",
                violation_error_message=_("This payment is in the ledger already."),
            ),
            models.UniqueConstraint(
                fields=["refund", "location"],
                condition=Q(reverses__isnull=True),
                name="one_entry_of_a_refund",
                violation_error_message=_("This refund is in the ledger already."),
            ),
            models.UniqueConstraint(
                fields=["write_off", "location"],
                condition=Q(reverses__isnull=True),
                name="one_entry_of_a_write_off",
                violation_error_message=_("This write-off is in the ledger already."),
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
