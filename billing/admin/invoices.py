"""Invoices: the list, the page of one, and what is done to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.headers import file_header
from audit.private_hooks import become
from billing.admin.invoice_dialogs import (
    BillAnewDialog,
    CreditDialog,
    CustomerDialog,
    InvoiceDateDialog,
    VoidDialog,
    what_billing_anew_does,
    what_discarding_does,
    what_posting_does,
    what_posting_many_does,
    what_voiding_does,
)
from billing.admin.lines import MOST_IN_FORM, LineInline, wanted_lines
from billing.admin.money_buttons import InvoiceMoneyButtons
from billing.admin.money_dialogs import (
    settlements_of,
    settles,
)
from billing.choices import DocumentKind
from billing.document_page import document_context
from billing.documents import file_name_of, paper_of
from billing.models import Invoice, InvoiceLine
from billing.querysets import InvoiceQuerySet
from billing.services import (
    change_invoice,
    credit_lines,
    discard_invoice,
    free_orders,
    is_nothing_left,
    make_invoice_by_hand,
    post_invoice,
    void_invoice,
)
from billing.services.changing import EDITABLE, lines_of, state_of
from billing.templatetags.billing_console import status_of
from console.kit import (
    ChoiceFilter,
    ChoicesFilter,
    ConsoleModelAdmin,
    DayRangeFilter,
    DialogForm,
    LookupFilter,
    ScopedSearchFilter,
    console_action,
    console_bulk_action,
    note_made,
)
from console.reader import StaffReader
from console.shapes import AnyForm, AnyFormSet, AnyInline, AnyRows, Context, Fieldsets, Words
from money import format_money

COLOURS = {name: name for name in ("warning", "info", "primary", "success", "default", "danger")}


class OverdueFilter(LookupFilter):
    """Whether money is still to come, and whether it is late."""

    title = gettext_lazy("payment")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Invoice]) -> list[tuple[str, Words]]:
        return [("overdue", gettext_lazy("Overdue")), ("open", gettext_lazy("To be paid"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        assert isinstance(queryset, InvoiceQuerySet)
        match self.value():
            case "overdue":
                return queryset.overdue()
            case "open":
                return queryset.open()
        return queryset


class InvoiceForm(forms.ModelForm[Invoice]):
    """The head of a pending document."""

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()
        widgets = {
            "introduction": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "footer": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }


def _can_be_credited(invoice: Invoice) -> bool:
    return invoice.kind == DocumentKind.INVOICE and not invoice.is_pending and not is_nothing_left(invoice)


def _can_be_billed_anew(invoice: Invoice) -> bool:
    posted = invoice.kind == DocumentKind.INVOICE and not invoice.is_pending
    return posted and is_nothing_left(invoice) and invoice.invoice_jobs.filter(released_at__isnull=True).exists()


def _told_of_freed(count: int) -> str:
    return (
        ngettext(
            "%d order has no line on it any more and can be billed again.",
            "%d orders have no line on it any more and can be billed again.",
            count,
        )
        % count
    )


def _status_words(invoice: Invoice) -> str:
    return status_of(invoice)[0]


@admin.register(Invoice)
class InvoiceAdmin(InvoiceMoneyButtons, ConsoleModelAdmin[Invoice]):
    """Everything that is done to documents by hand goes through ``billing.services``."""

    form = InvoiceForm
    change_form_template = "billing/admin/invoice_form.html"
    change_form_outer_before_template = "billing/admin/invoice_head.html"
    change_form_outer_after_template = "billing/admin/invoice_sums.html"
    list_display = ("head", "status_label", "customer_name", "dated", "due", "total_words", "balance_words")
    list_display_links = ("head",)
    list_filter = (
        ("status", ChoicesFilter),
        OverdueFilter,
        ("customer", ScopedSearchFilter),
        ("issued_on", DayRangeFilter),
        ("kind", ChoiceFilter),
    )
    # The box; what it finds is InvoiceQuerySet.matching.
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number, PO number, customer, order, asset ID or address")
    sortable_by = ("head", "dated")
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    inlines = (LineInline,)
    actions = ("post_many",)
    actions_list = ("by_hand",)
    actions_detail = (
        "post", "pay", "allocate", "credit", "refund", "write_off", "void", "bill_anew", "discard",
    )  # fmt: skip
    empty_state = gettext_lazy("No invoices here. Make them from the orders under “To bill”, or write one by hand.")
    export_columns = (
        ("number", gettext_lazy("Number")),
        ("kind", gettext_lazy("Kind")),
        ("customer__name", gettext_lazy("Customer")),
        ("issued_on", gettext_lazy("Date")),
        ("due_on", gettext_lazy("Due")),
        (_status_words, gettext_lazy("Status")),
        ("currency", gettext_lazy("Currency")),
        ("net", gettext_lazy("Net")),
        ("tax", gettext_lazy("Tax")),
        ("total", gettext_lazy("Total")),
        ("settled", pgettext_lazy("money", "Settled")),
        ("balance", gettext_lazy("Balance")),
        ("service_from", gettext_lazy("Service from")),
        ("service_to", gettext_lazy("Service until")),
        ("po_number", gettext_lazy("PO number")),
        ("buyer_reference", gettext_lazy("Buyer reference")),
    )

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        return super().get_queryset(request).select_related("customer")

    def get_search_results(
        self, request: HttpRequest, queryset: AnyRows, search_term: str
    ) -> tuple[InvoiceQuerySet, bool]:
        assert isinstance(queryset, InvoiceQuerySet)
        return queryset.matching(search_term), False

    @display(description=gettext_lazy("Number"), ordering="id", header=True)
    def head(self, invoice: Invoice) -> list[str]:
        below = [] if invoice.kind == DocumentKind.INVOICE else [invoice.get_kind_display()]
        below += [_("PO %s") % invoice.po_number] if invoice.po_number else []
        return [invoice.number or _("not posted"), ", ".join(below)]

    @display(description=gettext_lazy("Status"), label=COLOURS)
    def status_label(self, invoice: Invoice) -> tuple[str, str]:
        words, colour = status_of(invoice)
        return colour, words

    @display(description=gettext_lazy("Customer"))
    def customer_name(self, invoice: Invoice) -> str:
        return invoice.customer.name

    @display(description=gettext_lazy("Date"), ordering="issued_on")
    def dated(self, invoice: Invoice) -> str:
        return date_format(invoice.issued_on, "j M Y") if invoice.issued_on else "–"

    @display(description=gettext_lazy("Due"))
    def due(self, invoice: Invoice) -> str:
        return date_format(invoice.due_on, "j M Y") if invoice.due_on else "–"

    @display(description=gettext_lazy("Total"))
    def total_words(self, invoice: Invoice) -> str:
        return format_money(invoice.total, invoice.currency)

    @display(description=gettext_lazy("Balance"))
    def balance_words(self, invoice: Invoice) -> str:
        return "–" if invoice.is_pending else format_money(invoice.balance, invoice.currency)

    # --- the paper

    def get_urls(self) -> list[URLPattern]:
        paper = self.admin_site.admin_view(self.paper)
        return [path("<int:object_id>/paper/", paper, name="billing_invoice_paper"), *super().get_urls()]

    def paper(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The document as PDF; a pending one says that it is a draft."""
        invoice = self.record(request, object_id)
        if invoice is None:
            raise Http404
        if not self.has_view_permission(request, invoice):
            raise PermissionDenied
        response = HttpResponse(paper_of(invoice), content_type="application/pdf")
        response.headers["Content-Disposition"] = file_header(file_name_of(invoice), to_keep=False)
        return response

    # --- who may

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Made from orders, or by the button above the list: never by a form that knows no service.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_pending)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def history_parts(self, obj: Invoice) -> dict[type[models.Model], Q]:
        """Its lines."""
        return {InvoiceLine: Q(invoice_id=obj.pk)}

    # --- the form

    def get_fieldsets(self, request: HttpRequest, obj: Invoice | None = None) -> Fieldsets:
        if not self.has_change_permission(request, obj):
            # What it says stands above, as a document.
            return []
        from_orders = obj is not None and obj.invoice_jobs.exists()
        service = [] if from_orders else [("service_from", "service_to")]
        return [
            (
                _("Document"),
                {"fields": [("po_number", "buyer_reference"), ("terms", "language"), *service]},
            ),
            (_("Words"), {"classes": ["collapse"], "fields": ["introduction", "footer"]}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Invoice | None) -> list[type[AnyInline]]:
        may = obj is not None and self.has_change_permission(request, obj) and self._fits_into_form(request, obj)
        inlines = super().get_inlines(request, obj)
        return inlines if may else [inline for inline in inlines if inline is not LineInline]

    def _fits_into_form(self, request: HttpRequest, invoice: Invoice) -> bool:
        kept: dict[int, bool] = request.__dict__.setdefault("_billing_fits", {})
        if invoice.pk not in kept:
            kept[invoice.pk] = invoice.lines.count() <= MOST_IN_FORM
        return kept[invoice.pk]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        invoice = self.record(request, object_id) if object_id else None
        context: Context = {}
        if invoice is not None:
            may = self.has_change_permission(request, invoice)
            lines = lines_of(invoice)
            context = document_context(invoice, lines, StaffReader(request.user))
            context |= {
                "title": str(invoice),
                "state": state_of(invoice, lines) if may else "",
                "may_change": may,
                "too_many_lines": may and not self._fits_into_form(request, invoice),
                "settlements": list(settlements_of(invoice)) if request.user.has_perm("billing.view_payment") else [],
                "settles": settles(invoice) if invoice.kind == DocumentKind.CREDIT_NOTE else [],
                "show_lines": not may or not self._fits_into_form(request, invoice),
            }
            if not may:
                context |= {"show_save": False, "show_save_and_continue": False}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    # --- saving

    def save_model(self, request: HttpRequest, obj: Invoice, form: AnyForm, change: bool) -> None:
        """Head and lines are saved together, by ``save_related``."""

    def save_formset(self, request: HttpRequest, form: AnyForm, formset: AnyFormSet, change: bool) -> None:
        # What has changed is told from it; it is saved already.
        formset.save(commit=False)

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Sequence[AnyFormSet], change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in EDITABLE}
        lines = next((wanted_lines(formset) for formset in formsets if formset.model is InvoiceLine), None)
        if changes or lines is not None:
            seen = request.POST.get("_state", "")
            orders = form.instance.invoice_jobs.count()
            saved = change_invoice(form.instance, changes, by=request.user, lines=lines, seen=seen)
            become(form.instance, saved)
            if freed := orders - saved.invoice_jobs.count():
                messages.info(request, _told_of_freed(freed))
        super().save_related(request, form, formsets, change)

    def response_change(self, request: HttpRequest, obj: Invoice) -> HttpResponse:
        messages.success(
            request,
            _("Saved. %(invoice)s comes to %(total)s.")
            % {"invoice": obj, "total": format_money(obj.total, obj.currency)},
        )
        return HttpResponseRedirect(self.change_url(obj))

    # --- buttons

    @console_action(
        permission="billing.post_invoice",
        description=gettext_lazy("Post"),
        text=what_posting_does,
        form_class=InvoiceDateDialog,
        possible=lambda invoice: invoice.is_pending,
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def post(self, request: HttpRequest, invoice: Invoice, form: InvoiceDateDialog) -> str:
        posted = post_invoice(invoice, by=request.user, issue_on=form.cleaned_data["day"])
        assert posted.due_on is not None
        return _("%(number)s is posted: %(total)s, due on %(day)s.") % {
            "number": posted,
            "total": format_money(posted.total, posted.currency),
            "day": date_format(posted.due_on, "j M Y"),
        }

    @console_action(
        permission="billing.change_invoice",
        description=gettext_lazy("Discard"),
        text=what_discarding_does,
        possible=lambda invoice: invoice.is_pending,
        icon="delete_sweep",
        variant=ActionVariant.DANGER,
    )
    def discard(self, request: HttpRequest, invoice: Invoice, form: DialogForm) -> HttpResponse:
        name, count = str(invoice), invoice.invoice_jobs.count()
        discard_invoice(invoice, by=request.user)
        freed = ngettext("%d order can be billed again.", "%d orders can be billed again.", count) % count
        messages.success(request, f"{_('%s is deleted.') % name} {freed if count else ''}".strip())
        return HttpResponseRedirect(self.list_url())

    @console_action(
        permission="billing.credit_invoice",
        description=gettext_lazy("Credit"),
        text=gettext_lazy("A credit note is posted at once. The invoice itself stays as it is."),
        submit=gettext_lazy("Post the credit note"),
        form_class=CreditDialog,
        possible=_can_be_credited,
        icon="undo",
        on_a_page=True,
    )
    def credit(self, request: HttpRequest, invoice: Invoice, form: CreditDialog) -> str:
        note = credit_lines(invoice, form.amounts(), by=request.user, reason=form.cleaned_data["reason"])
        note_made(request, note)
        return self._told_of_note(note, invoice)

    @console_action(
        permission="billing.credit_invoice",
        description=pgettext_lazy("an invoice, to do", "Void"),
        text=what_voiding_does,
        form_class=VoidDialog,
        possible=_can_be_credited,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def void(self, request: HttpRequest, invoice: Invoice, form: VoidDialog) -> str:
        note = void_invoice(
            invoice, by=request.user, reason=form.cleaned_data["reason"], bill_anew=form.cleaned_data["bill_anew"]
        )
        note_made(request, note)
        return self._told_of_note(note, invoice)

    @console_action(
        permission="billing.credit_invoice",
        description=gettext_lazy("Bill its orders anew"),
        text=what_billing_anew_does,
        form_class=BillAnewDialog,
        possible=_can_be_billed_anew,
        icon="restart_alt",
    )
    def bill_anew(self, request: HttpRequest, invoice: Invoice, form: BillAnewDialog) -> str:
        count = free_orders(invoice, by=request.user, reason=form.cleaned_data["reason"])
        return ngettext("%d order can be billed again.", "%d orders can be billed again.", count) % count

    @staticmethod
    def _told_of_note(note: Invoice, invoice: Invoice) -> str:
        return _("%(note)s gives back %(total)s of %(invoice)s.") % {
            "note": note,
            "total": format_money(note.total, note.currency),
            "invoice": invoice,
        }

    @console_action(
        permission="billing.add_invoice",
        description=gettext_lazy("New invoice by hand"),
        text=gettext_lazy("For what is no order. You write its lines on the next page."),
        submit=gettext_lazy("Continue"),
        form_class=CustomerDialog,
        icon="post_add",
    )
    def by_hand(self, request: HttpRequest, obj: None, form: CustomerDialog) -> HttpResponse:
        invoice = make_invoice_by_hand(form.cleaned_data["customer"], by=request.user)
        return HttpResponseRedirect(self.change_url(invoice))

    @console_bulk_action(
        permission="billing.post_invoice",
        description=gettext_lazy("Post the ticked invoices"),
        text=what_posting_many_does,
        form_class=InvoiceDateDialog,
        done=ngettext_lazy("%d invoice is posted.", "%d invoices are posted."),
        submit=gettext_lazy("Post"),
        limit=200,
    )
    def post_many(self, request: HttpRequest, invoice: Invoice, form: InvoiceDateDialog) -> None:
        day: date = form.cleaned_data["day"]
        post_invoice(invoice, by=request.user, issue_on=day)
