"""Money that came, went back, or is given up: numbered as documents are, booked by ``billing.posting``, never gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer
from audit.act import Source
from audit.declarations import LazyFunction
from audit.derived import Derivation, DerivedSource
from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import OneLine
from audit.take_back import Action, TakeBack
from billing.choices import REFUND_STATES, WRITE_OFF_STATES, MoneyState, PaymentMethod
from billing.models.invoices import Invoice, document_reference
from billing.models.numbers import NumberSeries
from billing.querysets import PaymentQuerySet
from console.scope import Scope, ScopedQuerySet
from money.minor import ZERO, AmountField

_NEVER: Mapping[Action, Promise] = {
    "recreate": _("%(what)s is in the ledger: it is not made anew."),
    "remove": _("%(what)s is in the ledger and stays there. Take it back on its own page, with a reason."),
}


class MoneyRecord(DerivedSource):
    """What payments, refunds and write-offs have in common. Each says itself whose it is, as ``customer``.

    Changed only through ``billing.services``. Once it was booked, the database itself keeps amount, date and number
    (``billing/frozen.py``).
    """

    series = models.ForeignKey(
        NumberSeries, models.PROTECT, null=True, related_name="+", verbose_name=_("number series"), editable=False
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, editable=False)
    counter = models.PositiveBigIntegerField(_("counter"), null=True, editable=False)
    # None until it is booked: what never came has no number.
    number = models.CharField(_("number"), max_length=40, null=True, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=16, unique=True, default=document_reference, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    on = models.DateField(_("date"))
    state = models.CharField(
        _("state"), max_length=10, choices=MoneyState.choices, default=MoneyState.SUCCEEDED, editable=False
    )
    void_reason = OneLine(_("why taken back"), max_length=300, blank=True, editable=False)
    voided_on = models.DateField(_("taken back on"), null=True, editable=False)
    source = models.CharField(
        _("made by way of"), max_length=10, choices=Source.choices, default=Source.CONSOLE, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
        db_index=False,
        db_constraint=False,
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    if TYPE_CHECKING:
        customer: models.ForeignKey[Customer, Customer]
        customer_id: int

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number or self.reference

    @property
    def address(self) -> str:
        """What its address in the companion site says: its reference, which nobody guesses."""
        return self.reference

    @property
    def is_booked(self) -> bool:
        """Is it in the ledger, and not taken back?"""
        return self.state == MoneyState.SUCCEEDED


class Payment(MoneyRecord):
    """Money that a customer paid. ``on``: the day it was received, by the business's calendar.

    What of it settled invoices is ``allocated``, what went back is ``refunded``, and the rest, ``unassigned``, is the
    customer's credit.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="payments", verbose_name=_("customer"), db_index=False
    )
    method = models.CharField(
        _("method"), max_length=14, choices=PaymentMethod.choices, default=PaymentMethod.BANK_TRANSFER
    )
    payer_name = OneLine(_("payer"), max_length=120, blank=True, help_text=_("Where it is another than the customer."))
    their_reference = OneLine(
        _("their reference"),
        max_length=140,
        blank=True,
        help_text=_("What the transfer says, the number of the cheque or of the receipt."),
    )
    note = KeylessText(_("note"), blank=True, help_text=_("For the office: the customer does not read it."))
    allocated = AmountField(_("allocated"), default=0, editable=False)
    refunded = AmountField(pgettext_lazy("money", "refunded"), default=0, editable=False)
    unassigned = AmountField(_("unassigned"), default=0, editable=False)
    # Number, customer, payer and their reference: what people type into a search box.
    search_text = models.TextField(editable=False, default="")

    objects = PaymentQuerySet.as_manager()
    history = History(excluded_fields=["allocated", "refunded", "unassigned", "search_text", "reference"])
    scope = Scope(customer="customer")
    told_by_number = "number"
    asked_about = ("view_invoices",)
    take_back = TakeBack(never=_NEVER, refuse=LazyFunction("billing.take_back_rules.why_not_booked"))
    derived: tuple[Derivation, ...] = (
        Derivation("search_text", Customer, ("name",), LazyFunction("billing.searching.write_texts_of_payments")),
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        permissions = [
            ("record_payment", "Can record payments"),
            ("allocate_payment", "Can allocate payments"),
            ("refund_payment", "Can refund payments"),
            ("void_payment", "Can take back payments"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "counter"],
                name="one_payment_a_number",
                violation_error_message=_("This number was given already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_of_something",
                violation_error_message=_("A payment is more than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, refunded__gte=0, unassigned__gte=0)
                & (
                    Q(state=MoneyState.SUCCEEDED, unassigned=F("amount") - F("allocated") - F("refunded"))
                    | Q(~Q(state=MoneyState.SUCCEEDED), allocated=0, refunded=0, unassigned=0)
                ),
                name="payment_is_what_became_of_it",
                violation_error_message=_("More of it is used than came in."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="payments_of_customer"),
            models.Index(fields=["on", "-id"], name="payments_by_date"),
            models.Index(
                fields=["customer", "currency"],
                include=["unassigned"],
                condition=~Q(unassigned=0),
                name="unassigned_payments",
            ),
        ]

    def history_customer_id(self) -> int | None:
        return self.customer_id


# When it comes back from a merge.
Payment.derived += (
    Derivation("search_text", Payment, ("customer",), LazyFunction("billing.searching.write_texts_of_moved_payments")),
)


class Refund(MoneyRecord):
    """Money that went back: of what is unassigned of a payment, or of what a credit note leaves over."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="refunds", verbose_name=_("customer"))
    state = models.CharField(
        _("state"), max_length=10, choices=REFUND_STATES, default=MoneyState.SUCCEEDED, editable=False
    )
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="refunds", verbose_name=_("payment"))
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, related_name="refunds", verbose_name=_("credit note")
    )
    method = models.CharField(
        _("method"), max_length=14, choices=PaymentMethod.choices, default=PaymentMethod.BANK_TRANSFER
    )
    reason = OneLine(_("reason"), max_length=300)

    objects = ScopedQuerySet.as_manager()
    history = History(excluded_fields=["reference"])
    scope = Scope(customer="customer")
    told_by_number = "number"
    take_back = TakeBack(never=_NEVER, refuse=LazyFunction("billing.take_back_rules.why_not_booked"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "counter"],
                name="one_refund_a_number",
                violation_error_message=_("This number was given already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="refund_of_something",
                violation_error_message=_("A refund is more than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True, credit_note__isnull=False)
                | Q(payment__isnull=False, credit_note__isnull=True),
                name="refund_of_one_thing",
                violation_error_message=_("A refund is of a payment or of a credit note."),
            ),
        ]

    def history_customer_id(self) -> int | None:
        return self.customer_id


class WriteOff(MoneyRecord):
    """What of an invoice will not come any more, and is not waited for. It settles that invoice."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="write_offs", verbose_name=_("customer"))
    state = models.CharField(
        _("state"), max_length=10, choices=WRITE_OFF_STATES, default=MoneyState.SUCCEEDED, editable=False
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_offs", verbose_name=_("invoice"))
    reason = OneLine(_("reason"), max_length=300)

    objects = ScopedQuerySet.as_manager()
    history = History(excluded_fields=["reference"])
    scope = Scope(customer="customer")
    told_by_number = "number"
    take_back = TakeBack(never=_NEVER, refuse=LazyFunction("billing.take_back_rules.why_not_booked"))

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        ordering = ["-id"]
        permissions = [("record_writeoff", "Can write off what is open")]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "counter"],
                name="one_write_off_a_number",
                violation_error_message=_("This number was given already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="write_off_of_something",
                violation_error_message=_("A write-off is more than nothing."),
            ),
        ]

    def history_customer_id(self) -> int | None:
        return self.customer_id


def unassigned_of(payment: Payment) -> None:
    """Work out anew what of a payment is the customer's credit."""
    payment.unassigned = payment.amount - payment.allocated - payment.refunded if payment.is_booked else ZERO
