"""What is asked before something is done to a document, and what it will do, in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.models import Customer
from billing.admin.lines import MOST_IN_FORM
from billing.billable import profiles_of
from billing.choices import DocumentKind, SeriesKind
from billing.models import BillingSettings, Invoice
from billing.numbering import number_to_come
from billing.services import left_of, why_not_posted
from billing.services.changing import lines_of
from console.kit import DayInput, DialogForm, is_key, pick_one, shown_to
from money import format_money
from money.minor import ZERO


class InvoiceDateDialog(DialogForm):
    """Of which date?"""

    day = forms.DateField(
        label=gettext_lazy("Date of the invoice"),
        widget=DayInput,
        help_text=gettext_lazy("The due date follows from it and the payment terms."),
    )

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["day"].initial = timezone.localdate()


class CorrectionDialog(DialogForm):
    """Why?"""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Stands on the credit note: the customer reads it."),
        widget=UnfoldAdminTextInputWidget,
    )


class CreditDialog(CorrectionDialog):
    """How much of which line, and why? With more lines than fit into a form, they are named by their numbers."""

    def about(self, obj: Any) -> None:
        super().about(obj)
        left = left_of(obj)
        self._lines = [
            line for line in obj.lines.select_related("job").order_by("position") if not left[line.pk].is_nothing
        ]
        self._left = left
        if len(self._lines) > MOST_IN_FORM:
            self.fields["lines"] = forms.CharField(
                label=_("Lines to credit"),
                required=False,
                max_length=20_000,
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
                help_text=_(
                    "This invoice has too many lines to list them all. Write a row for each line to credit: its number"
                    " on the PDF and the amount, such as “12 90.00”. Without an amount, all that is left of it is"
                    " credited. To credit the whole invoice, use “Void”."
                ),
            )
            return
        with_tax = _("%s is left to credit, with tax. Empty: nothing.")
        before_tax = _("%s is left to credit, before tax. Empty: nothing.")
        for line in self._lines:
            amount = left[line.pk].printed
            self.fields[f"line_{line.pk}"] = forms.DecimalField(
                label=f"{line.description} {line.job.number}" if line.job else line.description,
                required=False,
                max_digits=14,
                decimal_places=2,
                localize=True,
                widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
                help_text=(with_tax if obj.prices_include_tax else before_tax) % format_money(amount, obj.currency),
            )

    def clean_lines(self) -> dict[int, Decimal]:
        """What the rows say, by the line's primary key."""
        by_position = {line.position: line for line in self._lines}
        number = forms.DecimalField(max_digits=14, decimal_places=2, localize=True)
        found: dict[int, Decimal] = {}
        for row in filter(str.strip, self.cleaned_data["lines"].splitlines()):
            place, _gap, words = row.strip().partition(" ")
            line = by_position.get(int(place)) if is_key(place) else None
            if line is None:
                raise forms.ValidationError(_("There is no line “%s” of which something is left.") % row.strip()[:40])
            if line.pk in found:
                raise forms.ValidationError(_("Line %d is there twice.") % line.position)
            try:
                found[line.pk] = number.clean(words.strip()) if words.strip() else self._left[line.pk].printed
            except forms.ValidationError as problem:
                said = {"row": row.strip()[:40], "problem": " ".join(problem.messages)}
                raise forms.ValidationError(_("“%(row)s”: %(problem)s") % said) from problem
        return found

    def amounts(self) -> dict[int, Decimal]:
        """What was written, by the line's primary key."""
        by_number: dict[int, Decimal] = self.cleaned_data.get("lines", {})
        by_field = {
            int(name.removeprefix("line_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("line_") and value
        }
        return by_number | by_field


class VoidDialog(CorrectionDialog):
    """Why, and what becomes of its orders?"""

    bill_anew = forms.BooleanField(
        label=gettext_lazy("Bill its orders anew"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("On: they are under “To bill” again, and their prices can be changed."),
    )


def what_voiding_does(request: HttpRequest, invoice: Invoice) -> str:
    """How much is credited, and for how many orders."""
    left = sum((one.net + one.tax for one in left_of(invoice).values()), ZERO)
    count = invoice.invoice_jobs.filter(released_at__isnull=True).count()
    said = _("A credit note of %(sum)s is posted, so that nothing of %(invoice)s is owed any more.") % {
        "sum": format_money(left, invoice.currency),
        "invoice": invoice,
    }
    orders = ngettext("It is for %d order.", "It is for %d orders.", count) % count
    return f"{said} {orders if count else ''}".strip()


class BillAnewDialog(DialogForm):
    """Why?"""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For your colleagues. It is kept with the invoice."),
        widget=UnfoldAdminTextInputWidget,
    )


def what_billing_anew_does(request: HttpRequest, invoice: Invoice) -> str:
    """For how many orders."""
    count = invoice.invoice_jobs.filter(released_at__isnull=True).count()
    freed = ngettext("%d order can be billed again.", "%d orders can be billed again.", count) % count
    return f"{freed} {_('The invoice itself stays as it is.')}"


class CustomerDialog(DialogForm):
    """For whom?"""

    customer = forms.ModelChoiceField(Customer.objects.none(), label=gettext_lazy("Customer"))

    def about(self, obj: Any) -> None:
        super().about(obj)
        field = self.fields["customer"]
        rows = shown_to(Customer.objects.current(), self.request.user)
        pick_one(field, Invoice._meta.get_field("customer"), rows)
        wanted = self.request.GET.get("customer", "")
        field.initial = rows.filter(pk=wanted).first() if is_key(wanted) else None


def sums_in_words(invoices: Iterable[Invoice]) -> str:
    """The totals of documents together, one for each currency."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        sums[invoice.currency] += invoice.total
    return " + ".join(format_money(sums[currency], currency) for currency in sorted(sums))


def what_posting_does(request: HttpRequest, invoice: Invoice) -> str:
    """Total, the number to come, and what is missing, in sentences."""
    today, lines = timezone.localdate(), lines_of(invoice)
    profile = profiles_of([invoice.customer_id]).get(invoice.customer_id)
    kind = SeriesKind.INVOICE if invoice.kind == DocumentKind.INVOICE else SeriesKind.CREDIT_NOTE
    said = [
        _("%(total)s for %(customer)s.")
        % {"total": format_money(invoice.total, invoice.currency), "customer": invoice.customer}
    ]
    if number := number_to_come(kind, today):
        said.append(_("It becomes %s, unless another one is posted first.") % number)
    problems = why_not_posted(invoice, lines, BillingSettings.load(), profile, today)
    if problems:
        said.append(_("It can't be posted yet: %s") % " ".join(problems))
    else:
        said.append(_("Once posted, nothing on it can be changed."))
    return " ".join(said)


def what_discarding_does(request: HttpRequest, invoice: Invoice) -> str:
    """How many orders become free."""
    count = invoice.invoice_jobs.count()
    if not count:
        return _("%s is deleted. There are no orders on it.") % invoice
    freed = ngettext("%d order can be billed again.", "%d orders can be billed again.", count) % count
    return f"{_('%s is deleted.') % invoice} {freed}"


def what_posting_many_does(request: HttpRequest, invoices: Sequence[Invoice]) -> str:
    """How many, how much, and how many are posted already."""
    pending = [invoice for invoice in invoices if invoice.is_pending]
    said = [
        ngettext("%(count)d invoice of %(sum)s.", "%(count)d invoices of %(sum)s.", len(pending))
        % {"count": len(pending), "sum": sums_in_words(pending)}
        if pending
        else _("None of them is pending.")
    ]
    if others := len(invoices) - len(pending):
        said.append(ngettext("%d is posted already.", "%d are posted already.", others) % others)
    said.append(_("Once posted, nothing on them can be changed."))
    return " ".join(said)
