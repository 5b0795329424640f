"""The questions before money is recorded, put to invoices, taken back, sent back or given up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Customer
from billing.choices import PaymentMethod
from billing.models import BillingSettings, Invoice, Payment, Refund, WriteOff
from billing.services import left_of_credit
from billing.services.settling import settled_by
from console.kit import DayInput, DialogForm, is_key, pick_one, shown_to
from console.shapes import Words
from money import format_money

# More fields than these nobody fills in by hand: what was due first stands on the page, the rest waits for it.
MOST_IN_DIALOG = 50


def _amount_field(label: Words, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.01"),
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        **more,
    )


class WhyDialog(DialogForm):
    """Why?"""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For the history: your colleagues read it later."),
        widget=UnfoldAdminTextInputWidget,
    )


class _MoneyDialog(DialogForm):
    """How much came, when, how?"""

    amount = _amount_field(gettext_lazy("Amount"))
    day = forms.DateField(
        label=gettext_lazy("Received on"),
        widget=DayInput,
        help_text=gettext_lazy("The day on which the money was there."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=PaymentMethod.choices, widget=UnfoldAdminSelectWidget
    )
    their_reference = forms.CharField(
        label=gettext_lazy("Their reference"),
        max_length=140,
        required=False,
        help_text=gettext_lazy("What the transfer says, the number of the cheque or of the receipt."),
        widget=UnfoldAdminTextInputWidget,
    )
    payer_name = forms.CharField(
        label=gettext_lazy("Payer"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Where it is another than the customer."),
        widget=UnfoldAdminTextInputWidget,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("For the office: the customer does not read it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["day"].initial = timezone.localdate()


class PaymentDialog(_MoneyDialog):
    """From whom, how much, and for what?"""

    customer = forms.ModelChoiceField(Customer.objects.none(), label=gettext_lazy("Customer"))
    put_to = forms.ChoiceField(
        label=gettext_lazy("Put it to"),
        widget=UnfoldAdminSelectWidget,
        choices=[
            ("oldest", gettext_lazy("the open invoices, what was due first")),
            ("nothing", gettext_lazy("nothing yet: it is the customer's credit")),
        ],
    )
    field_order = ("customer", "amount", "day", "method", "put_to")

    def about(self, obj: Any) -> None:
        super().about(obj)
        currency = BillingSettings.load().currency
        self.fields["amount"].help_text = _("In %s.") % currency
        rows = shown_to(Customer.objects.current(), self.request.user)
        pick_one(self.fields["customer"], Payment._meta.get_field("customer"), rows)
        wanted = self.request.GET.get("customer", "")
        self.fields["customer"].initial = rows.filter(pk=wanted).first() if is_key(wanted) else None


class PaymentOfInvoiceDialog(_MoneyDialog):
    """How much of this invoice came?"""

    field_order = ("amount", "day", "method")

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["amount"].initial = obj.balance
        self.fields["amount"].help_text = _("%s is open. What is more is the customer's credit.") % format_money(
            obj.balance, obj.currency
        )


class AllocateDialog(DialogForm):
    """How much of it goes to which invoice?"""

    def about(self, obj: Any) -> None:
        super().about(obj)
        left = left_of_credit(obj)
        for invoice in open_invoices(obj, self.request)[:MOST_IN_DIALOG]:
            suggested = min(left, invoice.balance)
            left -= suggested
            self.fields[f"invoice_{invoice.pk}"] = _amount_field(
                str(invoice),
                required=False,
                initial=suggested or None,
                help_text=_("%(open)s is open, due on %(day)s. Empty: nothing.")
                % {
                    "open": format_money(invoice.balance, invoice.currency),
                    "day": date_format(invoice.due_on, "j M Y") if invoice.due_on else "–",
                },
            )

    def amounts(self) -> dict[int, Decimal]:
        """What was written, by the invoice's primary key."""
        return {
            int(name.removeprefix("invoice_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("invoice_") and value
        }


class ReleaseDialog(WhyDialog):
    """From which invoices is it taken back, and why?"""

    def about(self, obj: Any) -> None:
        super().about(obj)
        rows = settles(obj)
        for invoice, amount in rows[:MOST_IN_DIALOG]:
            self.fields[f"invoice_{invoice.pk}"] = forms.BooleanField(
                label=str(invoice),
                required=False,
                initial=len(rows) == 1,
                widget=UnfoldBooleanWidget,
                help_text=_("%s is open on it again.") % format_money(amount, invoice.currency),
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    def chosen(self) -> list[int]:
        """The primary keys of the invoices that were chosen."""
        names = [name for name, value in self.cleaned_data.items() if name.startswith("invoice_") and value]
        return [int(name.removeprefix("invoice_")) for name in names]


class RefundDialog(WhyDialog):
    """How much goes back, how, when, and why?"""

    amount = _amount_field(gettext_lazy("Amount"))
    day = forms.DateField(label=gettext_lazy("Sent back on"), widget=DayInput)
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=PaymentMethod.choices, widget=UnfoldAdminSelectWidget
    )
    field_order = ("amount", "day", "method", "reason")

    def about(self, obj: Any) -> None:
        super().about(obj)
        left = left_of_credit(obj)
        self.fields["day"].initial = timezone.localdate()
        self.fields["amount"].initial = left
        self.fields["amount"].help_text = _("%s can go back.") % format_money(left, obj.currency)


class WriteOffDialog(WhyDialog):
    """How much is given up, and why?"""

    amount = _amount_field(gettext_lazy("Amount"))
    field_order = ("amount", "reason")

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["amount"].initial = obj.balance
        self.fields["amount"].help_text = _("%s is open.") % format_money(obj.balance, obj.currency)


def open_invoices(credit: Payment | Invoice, request: HttpRequest) -> QuerySet[Invoice]:
    """The open invoices to which it can be put, that this person sees, what was due first before the others."""
    rows = shown_to(Invoice.objects.open(), request.user)
    return rows.filter(customer=credit.customer_id, currency=credit.currency).order_by("due_on", "issued_on", "pk")


def settles(credit: Payment | Invoice) -> list[tuple[Invoice, Decimal]]:
    """Which invoices it settles, and how much of each, the first one first."""
    rows = credit.allocations if isinstance(credit, Payment) else credit.given
    together: dict[int, tuple[Invoice, Decimal]] = {}
    for row in rows.select_related("invoice").order_by("pk"):
        before = together.get(row.invoice_id, (row.invoice, Decimal("0.00")))[1]
        together[row.invoice_id] = (row.invoice, before + row.amount)
    return [(invoice, amount) for invoice, amount in together.values() if amount]


def what_putting_does(request: HttpRequest, credit: Payment | Invoice) -> str:
    """Where it goes by itself, or that nothing waits for it."""
    if not open_invoices(credit, request).exists():
        return _("%s has no open invoice for it: it stays the customer's credit.") % credit.customer
    return _("What was due first comes first; change it where the customer meant something else.")


def what_voiding_a_payment_does(request: HttpRequest, payment: Payment) -> str:
    """How much is owed again, and on how many invoices."""
    said = _("%(sum)s is owed again: %(payment)s counts as never paid, from today.") % {
        "sum": format_money(payment.amount, payment.currency),
        "payment": payment,
    }
    count = len(settles(payment))
    opened = ngettext("%d invoice is open again.", "%d invoices are open again.", count) % count
    return f"{said} {opened if count else ''}".strip()


def what_taking_back_does(request: HttpRequest, record: Refund | WriteOff) -> str:
    """What stands afterwards."""
    told = {"sum": format_money(record.amount, record.currency)}
    if isinstance(record, Refund):
        return _("%(sum)s did not go back after all: it is the customer's credit again.") % told
    return _("%(sum)s is open on %(invoice)s again.") % (told | {"invoice": record.invoice})


def settlements_of(invoice: Invoice) -> Iterator[dict[str, Any]]:
    """What settles an invoice, for its page: number, date, amount, and the page it has."""
    for credit, amount in settled_by(invoice):
        yield {
            "credit": credit,
            "page": f"admin:billing_{credit._meta.model_name}_change",
            "name": credit._meta.verbose_name if not isinstance(credit, Invoice) else credit.get_kind_display(),
            "on": credit.issued_on if isinstance(credit, Invoice) else credit.on,
            "amount": amount,
        }
