"""Payments, refunds and write-offs: the lists, the page of one, and what is done to it."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator

from accounts.models import Customer
from billing.admin.money_buttons import CreditButtons, what_was_recorded
from billing.admin.money_dialogs import (
    PaymentDialog,
    ReleaseDialog,
    WhyDialog,
    settles,
    what_taking_back_does,
    what_voiding_a_payment_does,
)
from billing.choices import MONEY_STATE_COLOURS, MoneyState, PaymentMethod
from billing.models import Invoice, MoneyRecord, Payment, Refund, WriteOff
from billing.querysets import PaymentQuerySet
from billing.services import (
    record_payment,
    release_credit,
    void_payment,
    void_refund,
    void_write_off,
)
from console.errors import Refused
from console.kit import (
    ChoiceFilter,
    ChoicesFilter,
    ConsoleModelAdmin,
    DayRangeFilter,
    LookupFilter,
    ScopedSearchFilter,
    console_action,
)
from console.reader import Reader, StaffReader
from console.shapes import AnyRows, Context, Fieldsets, Words
from money import format_money

COLOURS = {name: name for name in ("warning", "info", "primary", "success", "default", "danger")}
_Money = TypeVar("_Money", bound=MoneyRecord)


class UnassignedFilter(LookupFilter):
    """Whether some of it belongs to no invoice yet."""

    title = gettext_lazy("assignment")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Payment]) -> list[tuple[str, Words]]:
        return [("yes", gettext_lazy("Unassigned money"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        assert isinstance(queryset, PaymentQuerySet)
        return queryset.unassigned() if self.value() == "yes" else queryset


class MoneyAdmin(ConsoleModelAdmin[_Money]):
    """What the pages of money have in common: told, not typed; changed by buttons alone."""

    paginator = InfinitePaginator
    list_per_page = 50
    list_display_links = ("head",)
    sortable_by = ("head",)
    # What it says stands in a summary of its own, above what hangs on it.
    change_form_outer_before_template = "billing/admin/money_head.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[_Money]:
        return super().get_queryset(request).select_related("customer")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: _Money | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: _Money | None = None) -> bool:
        return self._may(request, "view", obj)

    @display(description=gettext_lazy("Number"), ordering="id")
    def head(self, record: _Money) -> str:
        return str(record)

    @display(description=pgettext_lazy("money", "State"), label=COLOURS)
    def state_label(self, record: _Money) -> tuple[str, str]:
        return MONEY_STATE_COLOURS[MoneyState(record.state)], record.get_state_display()

    @display(description=gettext_lazy("Customer"))
    def customer_name(self, record: _Money) -> str:
        return str(record.customer)

    @display(description=gettext_lazy("Date"))
    def dated(self, record: _Money) -> str:
        return date_format(record.on, "j M Y")

    @display(description=gettext_lazy("Amount"))
    def amount_words(self, record: _Money) -> str:
        return format_money(record.amount, record.currency)

    def get_fieldsets(self, request: HttpRequest, obj: _Money | None = None) -> Fieldsets:
        return []

    def parts_of(self, record: _Money, reader: Reader) -> Context:
        """What else the page of one tells this person."""
        return {}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        record = self.record(request, object_id) if object_id else None
        context: Context = {}
        if record is not None:
            reader = StaffReader(request.user)
            context = {
                "money": record,
                "label_colour": MONEY_STATE_COLOURS[MoneyState(record.state)],
                "kind_words": self.opts.verbose_name,
                "sees_customer": reader.reads(Customer) and reader.may_see(record.customer),
                **self.parts_of(record, reader),
            }
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))


@admin.register(Payment)
class PaymentAdmin(CreditButtons, MoneyAdmin[Payment]):
    """Money that came. Everything that is done to it goes through ``billing.services``."""

    change_form_outer_after_template = "billing/admin/payment_parts.html"
    list_display = (
        "head", "state_label", "customer_name", "dated", "method", "their_reference", "amount_words", "left_words",
    )  # fmt: skip
    list_filter = (
        UnassignedFilter,
        ("state", ChoicesFilter),
        ("customer", ScopedSearchFilter),
        ("on", DayRangeFilter),
        ("method", ChoiceFilter),
    )
    # The box; what it finds is PaymentQuerySet.matching.
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number, customer, payer or their reference")
    list_disable_select_all = True
    actions_list = ("record_one",)
    actions_detail = ("allocate", "release", "refund", "void")
    empty_state = gettext_lazy("No payments here. Record one by the button above, or on the page of its invoice.")
    export_columns = (
        ("number", gettext_lazy("Number")),
        ("state", pgettext_lazy("money", "State")),
        ("customer__name", gettext_lazy("Customer")),
        ("on", gettext_lazy("Date")),
        ("method", gettext_lazy("Method")),
        ("their_reference", gettext_lazy("Their reference")),
        ("payer_name", gettext_lazy("Payer")),
        ("currency", gettext_lazy("Currency")),
        ("amount", gettext_lazy("Amount")),
        ("allocated", gettext_lazy("Allocated")),
        ("refunded", pgettext_lazy("money", "Refunded")),
        ("unassigned", pgettext_lazy("money", "Unassigned")),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: AnyRows, search_term: str
    ) -> tuple[PaymentQuerySet, bool]:
        assert isinstance(queryset, PaymentQuerySet)
        return queryset.matching(search_term), False

    @display(description=pgettext_lazy("money", "Unassigned"))
    def left_words(self, payment: Payment) -> str:
        return format_money(payment.unassigned, payment.currency) if payment.unassigned else "–"

    def parts_of(self, record: Payment, reader: Reader) -> Context:
        return {
            "payment": record,
            "settles": settles(record),
            "sees_refunds": reader.reads(Refund),
            "refunds": list(reader.rows(Refund.objects.filter(payment=record)).order_by("pk")),
        }

    # --- buttons

    @console_action(
        permission="billing.record_payment",
        description=gettext_lazy("Record a payment"),
        text=gettext_lazy("Money that came by transfer, cheque, cash or otherwise."),
        submit=pgettext_lazy("money, to do", "Record"),
        form_class=PaymentDialog,
        icon="add_card",
        variant=ActionVariant.PRIMARY,
        on_a_page=True,
    )
    def record_one(self, request: HttpRequest, obj: None, form: PaymentDialog) -> HttpResponse:
        said = form.cleaned_data
        payment = record_payment(
            said["customer"],
            said["amount"],
            by=request.user,
            method=PaymentMethod(said["method"]),
            received_on=said["day"],
            payer_name=said["payer_name"],
            their_reference=said["their_reference"],
            note=said["note"],
            oldest_first=said["put_to"] == "oldest",
        )
        self.message_user(request, what_was_recorded(payment))
        return HttpResponseRedirect(self.change_url(payment))

    @console_action(
        permission="billing.allocate_payment",
        description=gettext_lazy("Take from invoices"),
        text=gettext_lazy("The invoices you choose are open again, and the money is the customer's credit."),
        form_class=ReleaseDialog,
        possible=lambda payment: bool(payment.allocated),
        icon="link_off",
        on_a_page=True,
    )
    def release(self, request: HttpRequest, payment: Payment, form: ReleaseDialog) -> str:
        chosen = [invoice for invoice, _amount in settles(payment) if invoice.pk in form.chosen()]
        if not chosen:
            raise Refused(_("Choose the invoices that are open again."))
        release_credit(payment, chosen, by=request.user, reason=form.cleaned_data["reason"])
        return ngettext("%d invoice is open again.", "%d invoices are open again.", len(chosen)) % len(chosen)

    @console_action(
        permission="billing.void_payment",
        description=gettext_lazy("Take back"),
        text=what_voiding_a_payment_does,
        form_class=WhyDialog,
        possible=lambda payment: payment.is_booked,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def void(self, request: HttpRequest, payment: Payment, form: WhyDialog) -> str:
        void_payment(payment, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is taken back.") % payment


class TakenBackAdmin(MoneyAdmin[_Money]):
    """Refunds and write-offs: taken back by one button."""

    list_filter = (
        ("state", ChoicesFilter),
        ("customer", ScopedSearchFilter),
        ("on", DayRangeFilter),
    )
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number")
    actions_detail = ("void",)


@admin.register(Refund)
class RefundAdmin(TakenBackAdmin[Refund]):
    """Money that went back."""

    list_display = ("head", "state_label", "customer_name", "dated", "method", "amount_words", "of")
    empty_state = gettext_lazy("No refunds here. They are made on the page of a payment, or of a credit note.")
    export_columns = (
        ("number", gettext_lazy("Number")),
        ("state", pgettext_lazy("money", "State")),
        ("customer__name", gettext_lazy("Customer")),
        ("on", gettext_lazy("Date")),
        ("method", gettext_lazy("Method")),
        ("currency", gettext_lazy("Currency")),
        ("amount", gettext_lazy("Amount")),
        ("reason", gettext_lazy("Reason")),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("payment", "credit_note")

    @display(description=gettext_lazy("Of"))
    def of(self, made: Refund) -> str:
        return str(made.payment or made.credit_note)

    def parts_of(self, record: Refund, reader: Reader) -> Context:
        credit = record.payment or record.credit_note
        assert credit is not None
        page = reverse(f"admin:billing_{credit._meta.model_name}_change", args=[credit.pk])
        return {"of": credit, "of_link": page if reader.reads(type(credit)) else ""}

    @console_action(
        permission="billing.refund_payment",
        description=gettext_lazy("Take back"),
        text=what_taking_back_does,
        form_class=WhyDialog,
        possible=lambda made: made.is_booked,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def void(self, request: HttpRequest, made: Refund, form: WhyDialog) -> str:
        void_refund(made, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is taken back.") % made


@admin.register(WriteOff)
class WriteOffAdmin(TakenBackAdmin[WriteOff]):
    """What is not waited for any more."""

    list_display = ("head", "state_label", "customer_name", "dated", "amount_words", "of", "reason")
    empty_state = gettext_lazy("Nothing was written off here. It is done on the page of an invoice.")
    export_columns = (
        ("number", gettext_lazy("Number")),
        ("state", pgettext_lazy("money", "State")),
        ("customer__name", gettext_lazy("Customer")),
        ("invoice__number", gettext_lazy("Invoice")),
        ("on", gettext_lazy("Date")),
        ("currency", gettext_lazy("Currency")),
        ("amount", gettext_lazy("Amount")),
        ("reason", gettext_lazy("Reason")),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[WriteOff]:
        return super().get_queryset(request).select_related("invoice")

    @display(description=gettext_lazy("Of"))
    def of(self, made: WriteOff) -> str:
        return str(made.invoice)

    def parts_of(self, record: WriteOff, reader: Reader) -> Context:
        page = reverse("admin:billing_invoice_change", args=[record.invoice_id])
        return {"of": record.invoice, "of_link": page if reader.reads(Invoice) else ""}

    @console_action(
        permission="billing.record_writeoff",
        description=gettext_lazy("Take back"),
        text=what_taking_back_does,
        form_class=WhyDialog,
        possible=lambda made: made.is_booked,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def void(self, request: HttpRequest, made: WriteOff, form: WhyDialog) -> str:
        void_write_off(made, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is taken back.") % made
