"""What payments settled, as it is told: invoice by invoice, and what is left of them and of credit notes as credit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Max, Min, Sum

from billing.models import Allocation, Payment
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from money.minor import ZERO


@dataclass(frozen=True)
class SettledInvoice:
    """So much of a payment went to an invoice, last on that day. ``address``: as the companion site names it."""

    number: str
    address: str
    on: date
    amount: Decimal


def settled_of(payments: Collection[Payment]) -> dict[int, list[SettledInvoice]]:
    """What each of some payments settles, by the payment's key, in the order in which it was put there. One query.

    What was taken back is not in it.
    """
    rows = Allocation.objects.filter(payment__in=payments, invoice__customer=F("payment__customer")).order_by()
    together = rows.values("payment", "invoice__number", "invoice__reference").annotate(
        together=Sum("amount"), last=Max("on"), first=Min("pk")
    )
    found: dict[int, list[SettledInvoice]] = {}
    for row in together.exclude(together=0).order_by("first"):
        number, reference = row["invoice__number"] or "", row["invoice__reference"]
        found.setdefault(row["payment"], []).append(
            SettledInvoice(number, number or reference, row["last"], row["together"])
        )
    return found


def credit_of(payments: PaymentQuerySet, documents: InvoiceQuerySet) -> dict[str, Decimal]:
    """Credit by currency: what is left of some payments, and of the credit notes among some documents. Two queries."""
    found: dict[str, Decimal] = {}
    of_payments = payments.unassigned().order_by().values_list("currency").annotate(together=Sum("unassigned"))
    of_notes = documents.left_to_give().order_by().values_list("currency").annotate(together=Sum("balance"))
    for currency, together in [*of_payments, *of_notes]:
        found[currency] = found.get(currency, ZERO) + together
    return found
