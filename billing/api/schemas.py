"""Invoices, payments and accounts, as they come in and go out. Checked in shape here, in meaning by the services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field

from api.schemas import In, Named
from api.types import Amount, Day, OneOf, Reference, SearchWords, length, said, storable
from billing.choices import DocumentKind, InvoiceStatus, PaymentMethod

Kind = Annotated[str, OneOf(tuple(DocumentKind.values))]
Status = Annotated[str, OneOf(tuple(InvoiceStatus.values))]
Method = Annotated[str, OneOf(tuple(PaymentMethod.values))]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
PayerName = Annotated[str, length(120), storable]
TheirReference = Annotated[str, length(140), storable]
Note = Annotated[str, length(2000), storable]
Why = Annotated[str, length(300, 1), storable, said]
DocumentRef = Annotated[str, length(40, 1), storable, said]


class WhichInvoices(In):
    """Which documents."""

    customer: Reference | None = None
    kind: Kind | None = None
    status: Status | None = None
    since: Day | None = None
    q: SearchWords | None = None


class InvoiceOut(Schema):
    """An invoice or a credit note; amounts of a credit note are above zero as well. `number` is null while it is
    pending; `reference` names it from the first. `corrects`: the number of the invoice that a credit note corrects.
    `balance`: what is still to come, or of a credit note still to be given."""

    number: str | None
    reference: str
    kind: str
    status: str
    customer: Named
    currency: str
    issued_on: date | None
    due_on: date | None
    is_overdue: bool
    service_from: date | None
    service_to: date | None
    po_number: str
    corrects: str | None
    net: Decimal
    tax: Decimal
    total: Decimal
    settled: Decimal
    balance: Decimal


class InvoiceLineOut(Schema):
    """A line as it is printed; `job`: the number of the order it bills. `tax_category`: by its code in UNTDID 5305."""

    position: int
    heading: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    tax_category: str
    tax_rate: Decimal
    amount: Decimal
    job: str | None


class SettledByOut(Schema):
    """What settles an invoice: a `payment`, a `credit_note` or a `write_off`, by its number."""

    kind: str
    number: str
    on: date
    amount: Decimal


class InvoiceDetailOut(InvoiceOut):
    """One invoice or credit note, with its lines and what settles it."""

    lines: list[InvoiceLineOut]
    settled_by: list[SettledByOut]


class AllocationIn(In):
    """So much for an invoice, by its number."""

    invoice: DocumentRef
    amount: Amount


class AllocationsIn(In):
    """Where the money goes: to invoices that are named, or `oldest_first`, to what was due first."""

    allocations: Annotated[list[AllocationIn], Field(max_length=200)] = []
    oldest_first: bool = False


class PaymentIn(AllocationsIn):
    """A payment that came. `customer`: the id, or `external:` and the external ID. `received_on`: today if it is left
    out; `currency`: the business's. `note` is for the office. What goes to no invoice is the customer's credit."""

    customer: Reference
    amount: Amount
    currency: Currency | None = None
    method: Method = PaymentMethod.BANK_TRANSFER.value
    received_on: Day | None = None
    their_reference: TheirReference = ""
    payer_name: PayerName = ""
    note: Note = ""


class WhichPayments(In):
    """Which payments."""

    customer: Reference | None = None
    since: Day | None = None
    q: SearchWords | None = None


class VoidIn(In):
    """Why a payment is taken back."""

    reason: Why


class RefundIn(In):
    """Money that went back. `on`: the day, today if it is left out."""

    amount: Amount
    reason: Why
    method: Method = PaymentMethod.BANK_TRANSFER.value
    on: Day | None = None


class AllocationOut(Schema):
    """So much of a payment went to an invoice, last on that day."""

    invoice: str
    amount: Decimal
    on: date


class RefundOut(Schema):
    """What went back of a payment. `voided_on`: when that was taken back."""

    number: str | None
    amount: Decimal
    on: date
    method: str
    reason: str
    voided_on: date | None


class PaymentOut(Schema):
    """A payment. `amount` is what came: `allocated` to invoices, `refunded`, and `unassigned`, which is credit.
    `number` is null where it was never booked; `reference` names it from the first."""

    number: str | None
    reference: str
    state: str
    customer: Named
    currency: str
    amount: Decimal
    received_on: date
    method: str
    their_reference: str
    payer_name: str
    note: str
    allocated: Decimal
    refunded: Decimal
    unassigned: Decimal
    allocations: list[AllocationOut]
    refunds: list[RefundOut]
    voided_on: date | None
    void_reason: str


class AccountOut(Schema):
    """What a customer owes in one currency: `balance` is what is `open` on invoices, of which some is `overdue`, less
    the `credit` that is left of payments and credit notes."""

    currency: str
    balance: Decimal
    open: Decimal
    overdue: Decimal
    credit: Decimal


class AccountsOut(Schema):
    """A customer's accounts, by currency."""

    customer: Named
    accounts: list[AccountOut]
