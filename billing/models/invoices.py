"""Invoices and credit notes: one table for both, since they have the same lines, taxes, paper and numbers."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Language, PaymentTerms
from accounts.models import Customer, Location
from audit.act import Source
from audit.declarations import LazyFunction
from audit.derived import Derivation, DerivedSource
from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import OneLine
from audit.take_back import TakeBack
from billing.amounts import Priced
from billing.choices import CUSTOMER_WORDS, OPEN, DocumentKind, InvoiceStatus, LineSource, TaxCategory
from billing.models.numbers import NumberSeries
from billing.models.tax import TaxCode
from billing.querysets import InvoiceQuerySet
from console.scope import Scope, ScopedQuerySet
from jobs.models import Job
from money.minor import AmountField
from templates_app.choices import Unit


def document_reference() -> str:
    """A document's address while it has no number: nobody guesses it."""
    return secrets.token_hex(8)


class Invoice(DerivedSource):
    """A document that asks for money, or gives some back. Amounts of a credit note are above zero as well.

    Changed only through ``billing.services`` and ``billing.posting``. Once posted, the database itself keeps what is
    printed as it was (``billing/frozen.py``).
    """

    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind.choices, default=DocumentKind.INVOICE)
    series = models.ForeignKey(
        NumberSeries, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("number series")
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, editable=False)
    counter = models.PositiveBigIntegerField(_("counter"), null=True, editable=False)
    number = models.CharField(_("number"), max_length=40, null=True, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=16, unique=True, default=document_reference, editable=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="invoices", verbose_name=_("customer"), db_index=False
    )
    location = models.ForeignKey(
        Location,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
        db_constraint=False,
        help_text=_("Set where all lines are of one place."),
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )
    correction_reason = OneLine(_("why corrected"), max_length=300, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=InvoiceStatus.choices,
        default=InvoiceStatus.PENDING,
        editable=False,
    )
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    prices_include_tax = models.BooleanField(_("prices include tax"), default=False, editable=False)
    issued_on = models.DateField(_("date"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True, editable=False)
    service_from = models.DateField(_("service from"), null=True, blank=True)
    service_to = models.DateField(_("service until"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, editable=False)
    terms = models.SmallIntegerField(_("payment terms"), choices=PaymentTerms.choices, default=PaymentTerms.NET_14)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ENGLISH)
    po_number = OneLine(_("PO number"), max_length=80, blank=True)
    buyer_reference = OneLine(_("buyer reference"), max_length=60, blank=True)
    introduction = KeylessText(_("first words"), blank=True)
    footer = KeylessText(_("last words"), blank=True)
    # As printed; empty while it is pending.
    seller = models.JSONField(_("seller"), default=dict, editable=False)
    buyer = models.JSONField(_("buyer"), default=dict, editable=False)
    tax_groups = models.JSONField(_("taxes"), default=list, editable=False)
    net = AmountField(_("net"), default=0, editable=False)
    tax = AmountField(_("tax"), default=0, editable=False)
    total = AmountField(_("total"), default=0, editable=False)
    settled = AmountField(pgettext_lazy("money", "settled"), default=0, editable=False)
    balance = AmountField(_("balance"), default=0, editable=False)
    seal = models.CharField(_("seal"), max_length=64, blank=True, editable=False)
    previous_seal = models.CharField(_("seal before"), max_length=64, blank=True, editable=False)
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
    # Number, PO number, customer, orders, assets and places: what people type into a search box.
    search_text = models.TextField(editable=False, default="")

    objects = InvoiceQuerySet.as_manager()
    history = History(excluded_fields=["settled", "balance", "search_text", "reference"])
    scope = Scope(customer="customer")
    goes_along = ("lines", "invoice_jobs")
    told_by_number = "number"
    asked_about = ("view_invoices", "pay_invoices")
    take_back = TakeBack(
        never={
            "recreate": _("%(what)s was discarded, and its orders are free: make it again from them."),
            "remove": _("%(what)s is not taken back: discard it while it is pending, credit it once it is posted."),
        },
        refuse=LazyFunction("billing.take_back_rules.why_not_posted"),
    )
    derived: tuple[Derivation, ...] = (
        Derivation("search_text", Customer, ("name",), LazyFunction("billing.searching.write_texts_of_documents")),
    )

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-id"]
        permissions = [("post_invoice", "Can post invoices"), ("credit_invoice", "Can credit and void invoices")]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "year", "counter"],
                name="one_document_a_number",
                violation_error_message=_("This number was given already."),
            ),
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax")),
                name="total_is_net_and_tax",
                violation_error_message=_("The total is not net and tax."),
            ),
            models.CheckConstraint(
                condition=Q(balance=F("total") - F("settled")) & Q(settled__gte=0) & Q(settled__lte=F("total")),
                name="settled_within_total",
                violation_error_message=_("More is settled than was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(status=InvoiceStatus.PENDING, number__isnull=True)
                | Q(
                    ~Q(status=InvoiceStatus.PENDING),
                    number__isnull=False,
                    issued_on__isnull=False,
                    due_on__isnull=False,
                ),
                name="posted_has_a_number",
                violation_error_message=_("A posted document has a number and dates."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="invoices_of_customer"),
            models.Index(fields=["status", "-id"], name="invoices_by_status"),
            models.Index(fields=["issued_on", "-id"], name="invoices_by_date"),
            # The only one with this condition: of two, PostgreSQL 15 takes the wrong one for several customers.
            models.Index(
                fields=["customer", "due_on"],
                include=["balance", "currency"],
                condition=Q(status__in=OPEN, kind=DocumentKind.INVOICE) & ~Q(balance=0),
                name="open_invoices",
            ),
        ]

    def __str__(self) -> str:
        return self.number or _t("pending %(kind)s of %(customer)s") % {
            "kind": self.get_kind_display(),
            "customer": self.customer,
        }

    def history_customer_id(self) -> int | None:
        return self.customer_id

    @property
    def is_pending(self) -> bool:
        """May it still be changed?"""
        return self.status == InvoiceStatus.PENDING

    @property
    def is_open(self) -> bool:
        """Is money still to come?"""
        return self.kind == DocumentKind.INVOICE and self.status in OPEN and bool(self.balance)

    def overdue_on(self, day: date) -> bool:
        """Was it due before that day, and is money still to come? Says the same as ``InvoiceQuerySet.overdue``."""
        return self.is_open and self.due_on is not None and self.due_on < day

    @property
    def is_overdue(self) -> bool:
        """Is it overdue today, by the business's calendar?"""
        return self.overdue_on(timezone.localdate())

    @property
    def address(self) -> str:
        """What its address in the companion site says: its number, and before it has one, its reference."""
        return self.number or self.reference

    @property
    def customer_words(self) -> str:
        """Where it stands, as a customer reads it."""
        return str(CUSTOMER_WORDS[InvoiceStatus(self.status)])


# When it comes back from a merge.
Invoice.derived += (
    Derivation("search_text", Invoice, ("customer",), LazyFunction("billing.searching.write_texts_of_moved_documents")),
)


class InvoiceLine(models.Model):
    """One line. Its texts are those that are printed."""

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, related_name="lines", verbose_name=_("invoice"), db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    job = models.ForeignKey(
        Job,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invoice_lines",
        verbose_name=pgettext_lazy("to bill", "order"),
    )
    location = models.ForeignKey(
        Location,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
        db_index=False,
        db_constraint=False,
    )
    heading = OneLine(_("heading"), max_length=400, blank=True, editable=False)
    description = OneLine(_("description"), max_length=200)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=1)
    unit = models.CharField(_("unit"), max_length=3, choices=Unit.choices, default=Unit.PIECE)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, related_name="+", verbose_name=_("tax"))
    # As they were when it was posted; while it is pending, as they would be today.
    tax_category = models.CharField(
        _("category"), max_length=2, choices=TaxCategory.choices, editable=False, default=TaxCategory.STANDARD
    )
    tax_rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=2, editable=False, default=0)
    printed = AmountField(_("amount"), default=0, editable=False)
    net = AmountField(_("net"), default=0, editable=False)
    tax_share = AmountField(_("tax"), default=0, editable=False)
    gross = AmountField(pgettext_lazy("amount with tax", "gross"), default=0, editable=False)
    corrects_line = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", editable=False
    )
    source = models.CharField(
        _("comes from"), max_length=10, choices=LineSource.choices, default=LineSource.HAND, editable=False
    )

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="invoice__customer")
    take_back = TakeBack(refuse=LazyFunction("billing.take_back_rules.why_not_of_posted"))

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["invoice", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "position"],
                name="one_line_a_position",
                violation_error_message=_("Two lines have the same position."),
            ),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax_share")),
                name="gross_is_net_and_tax",
                violation_error_message=_("Gross is not net and tax."),
            ),
        ]

    def __str__(self) -> str:
        return self.description

    def history_customer_id(self) -> int | None:
        return self.invoice.customer_id

    def priced(self) -> Priced:
        """What the arithmetic needs of it."""
        return Priced(self.quantity, self.unit_price, self.tax_category, self.tax_rate)


class InvoiceJob(models.Model):
    """An order on a document. While ``released_at`` is empty, it is on no other."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="invoice_jobs", verbose_name=_("invoice"))
    job = models.ForeignKey(
        Job, models.PROTECT, related_name="invoice_jobs", verbose_name=pgettext_lazy("to bill", "order")
    )
    # What the order came to when it was billed.
    agreed = AmountField(_("agreed"))
    released_at = models.DateTimeField(_("released"), null=True, editable=False)
    released_why = models.CharField(_("why released"), max_length=200, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope = Scope(customer="invoice__customer")
    if TYPE_CHECKING:
        job_id: int

    class Meta:
        verbose_name = _("billed order")
        verbose_name_plural = _("billed orders")
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                condition=Q(released_at__isnull=True),
                name="one_live_document_of_an_order",
                violation_error_message=_("This order is on a document already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job} - {self.invoice}"
