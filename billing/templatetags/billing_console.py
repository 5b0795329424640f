"""How money and documents are shown in the console."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Customer, Location, User
from billing.choices import INVOICE_STATUS_COLOURS, InvoiceStatus
from billing.models import BillingProfile, CustomerAccount, Invoice, OrderToBill
from console.reader import StaffReader
from money import CENT, format_money

register = template.Library()
register.filter("money", format_money)

LATEST = 10
PLACES = 30
# Whoever holds it reads statements.
MAY_SEE_LEDGER = "billing.view_accountentry"


def status_of(invoice: Invoice) -> tuple[str, str]:
    """What the label of a document says, and its colour: red is for what is overdue alone."""
    if invoice.is_overdue:
        return _("Overdue"), "danger"
    return invoice.get_status_display(), INVOICE_STATUS_COLOURS[InvoiceStatus(invoice.status)]


@register.simple_tag
def invoice_label(invoice: Invoice) -> SafeString:
    """The coloured label of a document's status."""
    words, colour = status_of(invoice)
    return render_to_string("unfold/helpers/label.html", {"text": words, "variant": colour})


@register.filter
def plainly(number: Decimal) -> str:
    """A number without zeros that say nothing: 1.500 as 1.5."""
    return str(number_format(Decimal(number).normalize(), use_l10n=True)) if number else "0"


@register.simple_tag
def billing_of(customer: Customer, user: User) -> dict[str, object]:
    """What a customer's tab of billing tells this person."""
    reader = StaffReader(user)
    profile = reader.rows(BillingProfile.objects.filter(customer=customer)).first()
    invoices = reader.rows(Invoice.objects.filter(customer=customer))
    orders = reader.rows(OrderToBill.objects.to_bill().filter(customer=customer).order_by())
    sums = orders.values("currency").annotate(together=Sum("amount")).order_by("currency")
    return {
        "profile": profile,
        "missing": profile.missing() if profile is not None else [],
        "sees_profile": reader.reads(BillingProfile),
        "may_change": user.has_perm("billing.change_billingprofile", profile),
        "may_add": user.has_perm("billing.add_billingprofile"),
        "may_write": user.has_perm("billing.add_invoice"),
        "accounts": list(reader.rows(CustomerAccount.objects.filter(customer=customer)).order_by("currency")),
        "overdue": invoices.overdue().sums(),
        "sees_ledger": user.has_perm(MAY_SEE_LEDGER),
        "sees_invoices": reader.reads(Invoice),
        "invoices": list(invoices.select_related("customer").order_by("-id")[:LATEST]),
        "sees_orders": reader.reads(OrderToBill),
        "orders": orders.count(),
        "order_sums": [(row["together"], row["currency"]) for row in sums if row["together"]],
        "places": [
            {"key": str(place.pk), "words": str(place)}
            for place in reader.rows(Location.objects.filter(customer=customer))[:PLACES]
        ],
        # As an address carries it: never with a separator of thousands.
        "customer_key": str(customer.pk),
    }


@register.filter
def price(amount: Decimal, currency: str) -> str:
    """A unit price, which may have four decimals: those that say nothing are left out."""
    if amount == amount.quantize(CENT):
        return format_money(amount, currency)
    return f"{number_format(amount.normalize(), use_l10n=True)} {currency}"
