"""Which documents: every reading of them that deserves a name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.utils import timezone

from billing.choices import OPEN, DocumentKind, InvoiceStatus, MoneyState
from console.scope import ScopedQuerySet
from jobs.search_text import holding
from money.minor import ZERO

if TYPE_CHECKING:
    from billing.models import Invoice, Payment  # noqa: F401  # whose rows these are
    from permissions.resolver import Rights


class InvoiceQuerySet(ScopedQuerySet["Invoice"]):
    def pending(self) -> InvoiceQuerySet:
        """Documents without a number: they can be changed and discarded."""
        return self.filter(status=InvoiceStatus.PENDING)

    def posted(self) -> InvoiceQuerySet:
        """Documents with a number, whatever has become of them."""
        return self.exclude(status=InvoiceStatus.PENDING)

    def open(self) -> InvoiceQuerySet:
        """Invoices on which money is still to come: the condition of the index ``open_invoices``."""
        return self.filter(Q(status__in=OPEN, kind=DocumentKind.INVOICE) & ~Q(balance=0))

    def overdue(self, day: date | None = None) -> InvoiceQuerySet:
        """Open invoices that were due before that day of the business's calendar (today)."""
        return self.open().filter(due_on__lt=day or timezone.localdate())

    def left_to_give(self) -> InvoiceQuerySet:
        """Credit notes of which some is still the customer's credit."""
        return self.filter(status__in=OPEN, kind=DocumentKind.CREDIT_NOTE).exclude(balance=0)

    def matching(self, words: str) -> InvoiceQuerySet:
        """Documents that hold every word: number, PO number, customer, orders, assets, places."""
        return self.filter(holding(words, "search_text"))

    def for_portal(self, rights: Rights, *, with_pending: bool) -> InvoiceQuerySet:
        """The documents a portal user may see: of customers where *view_invoices* holds.

        Access to templates does not narrow them: an invoice may hold orders she may not see; their line is shown, their
        proof is not. ``with_pending``: what the portal's settings say about pending ones.
        """
        customers = rights.customers_allowing("view_invoices")
        if not customers:
            return self.none()
        mine = self.filter(customers.condition("customer"))
        return mine if with_pending else mine.posted()

    def sums(self) -> dict[str, tuple[int, Decimal]]:
        """How many, and their balance together, by currency."""
        rows = self.order_by().values("currency").annotate(count=Count("pk"), together=Sum("balance"))
        return {row["currency"]: (row["count"], row["together"] or ZERO) for row in rows.order_by("currency")}


class PaymentQuerySet(ScopedQuerySet["Payment"]):
    def booked(self) -> PaymentQuerySet:
        """Payments that are in the ledger, and were not taken back."""
        return self.filter(state=MoneyState.SUCCEEDED)

    def unassigned(self) -> PaymentQuerySet:
        """Payments of which some is the customer's credit: the condition of the index ``unassigned_payments``."""
        return self.exclude(unassigned=0)

    def matching(self, words: str) -> PaymentQuerySet:
        """Payments that hold every word: number, customer, payer, their reference."""
        return self.filter(holding(words, "search_text"))

    def for_portal(self, rights: Rights) -> PaymentQuerySet:
        """The payments a portal user may see: of customers where *view_invoices* holds."""
        customers = rights.customers_allowing("view_invoices")
        return self.filter(customers.condition("customer")) if customers else self.none()
