"""Invoices to be read, payments to be recorded, what an account says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from accounts.api.auth import once, require
from accounts.api.references import CustomerId
from accounts.models import Customer, User
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import CHANGING, READING
from api.references import find_record
from api.schemas import Answer, Page, named
from api.sections import Section, scoped
from billing import services
from billing.api.references import DocumentNumber, PaymentNumber, customer_by_reference, numbered, wanted_parts
from billing.api.schemas import (
    AccountsOut,
    AllocationsIn,
    InvoiceDetailOut,
    InvoiceOut,
    PaymentIn,
    PaymentOut,
    RefundIn,
    VoidIn,
    WhichInvoices,
    WhichPayments,
)
from billing.choices import PaymentMethod
from billing.models import CustomerAccount, Invoice, Payment, Refund, WriteOff
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from billing.services.settling import settled_by
from billing.settled import credit_of, settled_of
from jobs.models import Job
from money.minor import ZERO, require_two_decimals

router = Router(tags=["Billing"])
section = Section(
    router,
    {
        "billing.read": _("Read invoices, payments and accounts"),
        "billing.write": _("Record payments, put them to invoices, pay back and take back"),
    },
)
READS, WRITES = scoped("billing.read"), scoped("billing.write")


# --- Invoices ----------------------------------------------------------------------------------------------


def invoices_of(user: User) -> InvoiceQuerySet:
    """The documents this person may see."""
    return Invoice.objects.visible_to(user).select_related("customer", "corrects")


def invoice_out(invoice: Invoice) -> Answer:
    """A document as the API tells it."""
    own = (
        "number", "reference", "kind", "status", "currency", "issued_on", "due_on", "is_overdue", "service_from",
        "service_to", "po_number", "net", "tax", "total", "settled", "balance",
    )  # fmt: skip
    return {name: getattr(invoice, name) for name in own} | {
        "customer": named(invoice.customer),
        "corrects": invoice.corrects.number if invoice.corrects else None,
    }


@router.get("/invoices", response={200: Page[InvoiceOut], **READING}, summary="List invoices, newest first", **READS)
def list_invoices(
    request: HttpRequest, filters: Query[WhichInvoices], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """Invoices and credit notes. `customer`, `kind`, `status`; `since`: issued on that day or later; `q`: words of
    number, PO number, customer, orders, places."""
    user = require(request, "billing.read", "billing.view_invoice")
    rows = invoices_of(user)
    if filters.customer is not None:
        rows = rows.filter(customer=find_record(Customer.objects.visible_to(user), filters.customer, key="pk"))
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    if filters.status is not None:
        rows = rows.filter(status=filters.status)
    if filters.since is not None:
        rows = rows.filter(issued_on__gte=filters.since)
    if filters.q:
        rows = rows.matching(filters.q)
    return page_of(rows, limit, after, invoice_out)


@router.get("/invoices/{ref}", response={200: InvoiceDetailOut, **READING}, summary="Read an invoice", **READS)
def read_invoice(request: HttpRequest, ref: DocumentNumber) -> Answer:
    """By its number, or by its reference while it is pending; with its lines and what settles it.

    Orders are named to those who may see them, and what settles it to those who may see payments.
    """
    user = require(request, "billing.read", "billing.view_invoice")
    invoice = numbered(invoices_of(user), ref)
    own = ("position", "heading", "description", "quantity", "unit", "unit_price", "tax_category", "tax_rate")
    orders = Job.objects.visible_to(user) if user.has_perm("jobs.view_job") else Job.objects.none()
    numbers = dict(orders.filter(invoice_lines__invoice=invoice).values_list("pk", "number"))
    lines = [
        {name: getattr(line, name) for name in own}
        | {"amount": line.printed, "job": numbers.get(line.job_id) if line.job_id is not None else None}
        for line in invoice.lines.order_by("position")
    ]
    settling = settled_by(invoice) if user.has_perm("billing.view_payment") else []
    return invoice_out(invoice) | {
        "lines": lines,
        "settled_by": [_settling(credit) | {"amount": amount} for credit, amount in settling],
    }


def _settling(credit: Payment | Invoice | WriteOff) -> Answer:
    if isinstance(credit, Invoice):
        return {"kind": "credit_note", "number": credit.number, "on": credit.issued_on}
    kind = "payment" if isinstance(credit, Payment) else "write_off"
    return {"kind": kind, "number": credit.number, "on": credit.on}


# --- Payments ----------------------------------------------------------------------------------------------


def payments_of(user: User) -> PaymentQuerySet:
    """The payments this person may see."""
    return Payment.objects.visible_to(user).select_related("customer")


def payments_out(payments: Sequence[Payment]) -> list[Answer]:
    """Payments (customer loaded) as the API tells them. Two queries."""
    settled, went_back = settled_of(payments), _refunds_of(payments)
    own = (
        "number", "reference", "state", "currency", "amount", "method", "their_reference", "payer_name", "note",
        "allocated", "refunded", "unassigned", "voided_on", "void_reason",
    )  # fmt: skip
    return [
        {name: getattr(payment, name) for name in own}
        | {
            "customer": named(payment.customer),
            "received_on": payment.on,
            "allocations": [
                {"invoice": one.number, "amount": one.amount, "on": one.on} for one in settled.get(payment.pk, ())
            ],
            "refunds": went_back.get(payment.pk, []),
        }
        for payment in payments
    ]


def _refunds_of(payments: Sequence[Payment]) -> dict[int, list[Answer]]:
    own = ("number", "amount", "on", "method", "reason", "voided_on")
    found: dict[int, list[Answer]] = {}
    for refund in Refund.objects.filter(payment__in=payments).order_by("pk"):
        found.setdefault(refund.payment_id or 0, []).append({name: getattr(refund, name) for name in own})
    return found


def _told(payment: Payment) -> Answer:
    """As it stands now, to whoever has just changed it: what a service returns was read before."""
    return payments_out([Payment.objects.select_related("customer").get(pk=payment.pk)])[0]


@router.get("/payments", response={200: Page[PaymentOut], **READING}, summary="List payments, newest first", **READS)
def list_payments(
    request: HttpRequest, filters: Query[WhichPayments], limit: int = LIMIT, after: str | None = AFTER
) -> PageOf[Answer]:
    """In the order in which they were recorded. `customer`; `since`: received on that day or later; `q`: words of
    number, customer, payer, their reference."""
    user = require(request, "billing.read", "billing.view_payment")
    rows: QuerySet[Payment] = payments_of(user).matching(filters.q or "")
    if filters.customer is not None:
        rows = rows.filter(customer=find_record(Customer.objects.visible_to(user), filters.customer, key="pk"))
    if filters.since is not None:
        rows = rows.filter(on__gte=filters.since)
    page = page_of(rows, limit, after, lambda payment: payment)
    return {"items": payments_out(page["items"]), "next": page["next"]}


@router.get("/payments/{ref}", response={200: PaymentOut, **READING}, summary="Read a payment", **READS)
def read_payment(request: HttpRequest, ref: PaymentNumber) -> Answer:
    """By its number or its reference; with what it settled and what went back."""
    return payments_out([numbered(payments_of(require(request, "billing.read", "billing.view_payment")), ref)])[0]


@router.post("/payments", response={201: PaymentOut, **CHANGING}, summary="Record a payment", **WRITES)
def new_payment(request: HttpRequest, data: PaymentIn) -> Status[Answer]:
    """Books a payment that came, and puts it to invoices where the request says so.

    Send an `Idempotency-Key` header: the same key again books nothing twice.
    """
    user = require(request, "billing.write", "billing.record_payment")
    if data.allocations or data.oldest_first:
        require(request, "billing.write", "billing.allocate_payment")

    def record() -> Answer:
        customer = customer_by_reference(user, data.customer)
        require(request, "billing.write", "billing.record_payment", record=customer)
        if data.currency:
            require_two_decimals(data.currency)
        made = services.record_payment(
            customer,
            data.amount,
            by=user,
            currency=data.currency or "",
            method=PaymentMethod(data.method),
            received_on=data.received_on,
            payer_name=data.payer_name,
            their_reference=data.their_reference,
            note=data.note,
            parts=wanted_parts(user, data.allocations, oldest_first=data.oldest_first),
            oldest_first=data.oldest_first,
        )
        return _told(made)

    return once(request, 201, record)


def _changed(request: HttpRequest, ref: str, permission: str, change: Callable[[Payment, User], object]) -> Answer:
    user = require(request, "billing.write")
    payment = numbered(payments_of(user), ref)
    require(request, "billing.write", permission, record=payment)
    change(payment, user)
    return _told(payment)


@router.post(
    "/payments/{ref}/allocations", response={200: PaymentOut, **CHANGING}, summary="Put a payment to invoices", **WRITES
)
def put_payment_to_invoices(request: HttpRequest, ref: PaymentNumber, data: AllocationsIn) -> Status[Answer]:
    """What is left of it, to the invoices that are named, or `oldest_first`. 409 when there is not so much left, or not
    so much open.

    Send an `Idempotency-Key` header: the same key again puts nothing there twice.
    """

    def put(payment: Payment, user: User) -> None:
        parts = wanted_parts(user, data.allocations, oldest_first=data.oldest_first)
        if not parts and not data.oldest_first:
            raise ValidationError({"allocations": [_t("Name the invoices, or say oldest_first.")]})
        services.allocate(payment, parts or None, by=user)

    # Who may not is told so, and nothing is kept of it.
    require(request, "billing.write")
    return once(request, 200, lambda: _changed(request, ref, "billing.allocate_payment", put))


@router.post("/payments/{ref}/void", response={200: PaymentOut, **CHANGING}, summary="Take a payment back", **WRITES)
def take_payment_back(request: HttpRequest, ref: PaymentNumber, data: VoidIn) -> Answer:
    """A cheque that bounced, or a slip: what it settled is open again. 409 once some of it was refunded."""
    return _changed(
        request,
        ref,
        "billing.void_payment",
        lambda payment, user: services.void_payment(payment, by=user, reason=data.reason),
    )


@router.post(
    "/payments/{ref}/refund", response={201: PaymentOut, **CHANGING}, summary="Pay back what is left", **WRITES
)
def pay_back(request: HttpRequest, ref: PaymentNumber, data: RefundIn) -> Status[Answer]:
    """Books what went back of a payment. 409 for more than is left: what settles an invoice stays there.

    Send an `Idempotency-Key` header: the same key again books nothing twice.
    """

    def book(payment: Payment, user: User) -> None:
        services.refund(
            payment, data.amount, by=user, reason=data.reason, method=PaymentMethod(data.method), on=data.on
        )

    # Who may not is told so, and nothing is kept of it.
    require(request, "billing.write")
    return once(request, 201, lambda: _changed(request, ref, "billing.refund_payment", book))


# --- Accounts ----------------------------------------------------------------------------------------------


@router.get(
    "/customers/{ref}/account", response={200: AccountsOut, **READING}, summary="Read a customer's account", **READS
)
def read_account(request: HttpRequest, ref: CustomerId) -> Answer:
    """What the customer owes and has as credit, by currency."""
    user = require(request, "billing.read", "billing.view_payment")
    customer = find_record(Customer.objects.visible_to(user), ref, key="pk")
    invoices = Invoice.objects.filter(customer=customer)
    together: dict[str, dict[str, Decimal]] = {}
    for name, sums in (
        ("balance", dict(CustomerAccount.objects.filter(customer=customer).values_list("currency", "balance"))),
        ("open", _balances(invoices.open())),
        ("overdue", _balances(invoices.overdue())),
        ("credit", credit_of(Payment.objects.filter(customer=customer), invoices)),
    ):
        for currency, amount in sums.items():
            together.setdefault(currency, dict.fromkeys(("balance", "open", "overdue", "credit"), ZERO))[name] = amount
    return {
        "customer": named(customer),
        "accounts": [{"currency": currency, **sums} for currency, sums in sorted(together.items())],
    }


def _balances(invoices: InvoiceQuerySet) -> dict[str, Decimal]:
    return dict(invoices.order_by().values_list("currency").annotate(together=Sum("balance")))
