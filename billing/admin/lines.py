"""The lines of a pending document, as they are changed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from audit.private_hooks import exclusions_of
from billing.models import BillingSettings, Invoice, InvoiceLine, TaxCode
from billing.services import WantedLine
from billing.services.sums import country_of_tax
from console.kit import ConsoleTabularInline, is_key, shown_to
from console.reader import StaffReader
from console.shapes import AnyField, AnyForeignKey, AnyFormSet
from jobs.models import Job
from money import CENT, format_money
from templates_app.choices import Unit

# More do not fit into one form.
MOST_IN_FORM = 100
_NUMBER = {"inputmode": "decimal", "class": "bl-number"}


def _plain(number: Decimal, *, cents: bool = False) -> Decimal:
    """Without zeros that say nothing; of a price, its cents."""
    short = number.normalize()
    places = -int(short.as_tuple().exponent)
    if cents and places < 2:
        return number.quantize(CENT)
    return short if places >= 0 else number.quantize(Decimal(1))


class LineForm(forms.ModelForm[InvoiceLine]):
    """One line. Its place is that of its row."""

    class Meta:
        model = InvoiceLine
        fields = ("description", "quantity", "unit", "unit_price", "tax_code", "position")
        localized_fields = ("quantity", "unit_price")
        widgets = {
            "quantity": UnfoldAdminTextInputWidget(attrs=_NUMBER),
            "unit_price": UnfoldAdminTextInputWidget(attrs=_NUMBER),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" not in self.fields:
            return
        self.fields["position"].required = False
        if self.instance.pk is None:
            self.initial |= {"position": None, "quantity": Decimal(1)}
        else:
            self.initial["quantity"] = _plain(self.instance.quantity)
            self.initial["unit_price"] = _plain(self.instance.unit_price, cents=True)

    def _get_validation_exclusions(self) -> set[str]:
        # Rows that change places have the same one for a while: the service counts them through.
        return exclusions_of(self) | {"position"}


class LineInline(ConsoleTabularInline[InvoiceLine]):
    """Who may change the document may change its lines."""

    model = InvoiceLine
    form = LineForm
    tab = False
    verbose_name_plural = gettext_lazy("Lines")
    ordering = ("position",)
    ordering_field = "position"
    hide_ordering_field = True
    fields = ("description", "quantity", "unit", "unit_price", "tax_code", "amount", "order", "position")
    readonly_fields = ("amount", "order")
    # Made anew for each request: whom it serves, and which orders they may see.
    _reader: StaffReader
    _seen_orders: frozenset[int] | None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[InvoiceLine]:
        self._reader, self._seen_orders = StaffReader(request.user), None
        return super().get_queryset(request).select_related("job", "tax_code", "invoice")

    def _may(self, request: HttpRequest, invoice: Invoice | None) -> bool:
        return invoice is not None and invoice.is_pending and request.user.has_perm("billing.change_invoice", invoice)

    def has_view_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return request.user.has_perm("billing.view_invoice", obj)

    def has_add_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return self._may(request, obj)

    def formfield_for_foreignkey(
        self, db_field: AnyForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if db_field.name != "tax_code":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        key = str(request.resolver_match.kwargs.get("object_id", "")) if request.resolver_match else ""
        used = InvoiceLine.objects.filter(invoice=int(key) if is_key(key) else None).values("tax_code")
        usable = Q(is_active=True, country=country_of_tax(BillingSettings.load()))
        codes = shown_to(TaxCode.objects.filter(usable | Q(pk__in=used)), request.user)
        field = super().formfield_for_foreignkey(db_field, request, queryset=codes, **kwargs)
        if field is not None:
            # Read once, not once a row.
            field.choices = [("", "–"), *((code.pk, str(code)) for code in codes)]
        return field

    def formfield_for_dbfield(self, db_field: AnyField, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Codes are set up elsewhere, not in the middle of an invoice.
            field.widget = field.widget.widget
        return field

    @display(description=gettext_lazy("Amount"))
    def amount(self, line: InvoiceLine) -> str:
        return format_money(line.printed, line.invoice.currency) if line.pk else ""

    @display(description=gettext_lazy("Order"))
    def order(self, line: InvoiceLine) -> str:
        seen = line.pk and line.job is not None and line.job_id in self._orders_seen(line)
        return job_link(line.job) if seen and line.job is not None else ""

    def _orders_seen(self, line: InvoiceLine) -> frozenset[int]:
        """Which orders of its invoice the person may see, asked once for all lines."""
        if self._seen_orders is None:
            keys = InvoiceLine.objects.filter(invoice=line.invoice_id, job__isnull=False).values_list("job", flat=True)
            self._seen_orders = self._reader.visible_keys(Job, keys) if self._reader.reads(Job) else frozenset()
        return self._seen_orders


def job_link(job: Job) -> str:
    """A job's number, leading to its page."""
    return format_html(
        '<a class="pc-link" href="{}">{}</a>', reverse("admin:jobs_job_change", args=[job.pk]), job.number
    )


def wanted_lines(formset: AnyFormSet) -> Sequence[WantedLine] | None:
    """The lines as the form wants them, in its order; None where it leaves them as they are."""
    if not formset.has_changed():
        return None
    rows: list[tuple[bool, int, int, WantedLine]] = []
    for place, form in enumerate(formset.forms):
        data = form.cleaned_data
        if not data or data.get("DELETE") or (form.instance.pk is None and not form.has_changed()):
            continue
        position = data.get("position")
        line = WantedLine(
            form.instance.pk,
            data["description"],
            data["quantity"],
            Unit(data["unit"]),
            data["unit_price"],
            data["tax_code"],
        )
        rows.append((position is None, position or 0, place, line))
    return [line for *_order, line in sorted(rows, key=lambda row: row[:3])]
