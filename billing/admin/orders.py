"""Orders that are done and on no invoice: the list "To bill", and what makes invoices of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminRadioSelectWidget

from billing.billable import (
    BLOCKS_POSTING_ALONE,
    LABELS,
    SENTENCES,
    BillingProblem,
    blocked,
    blocks,
    having,
    po_number_of,
    problems_of,
    service_day,
)
from billing.models import BillingProfile, OrderToBill
from billing.services import MadeInvoices, make_invoices
from console.errors import Refused
from console.kit import (
    ConsoleModelAdmin,
    DayRangeFilter,
    DialogForm,
    LookupFilter,
    ScopedSearchFilter,
    console_action,
    console_bulk_action,
)
from console.shapes import AnyRows, Fieldsets, Words
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.querysets import JobQuerySet
from money import format_money

EACH_CUSTOMER, EACH_ORDER = "customer", "order"
_LISTED = [
    problem for problem in BillingProblem if problem not in (BillingProblem.NOT_COMPLETED, BillingProblem.BILLED)
]


class ProblemFilter(LookupFilter):
    """What keeps orders from an invoice."""

    title = gettext_lazy("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[OrderToBill]) -> list[tuple[str, Words]]:
        offered: list[tuple[str, Words]] = [("none", _("Can be billed")), ("any", _("Can't be billed"))]
        return offered + [(problem.value, str(LABELS[problem])) for problem in _LISTED]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        match self.value():
            case "none":
                return queryset.exclude(blocked())
            case "any":
                return queryset.filter(blocked())
            case wanted if wanted in set(_LISTED):
                return queryset.filter(having(BillingProblem(wanted)))
        return queryset


def _profile(job: Job) -> BillingProfile | None:
    """The billing profile of a job's customer, which is loaded with it."""
    profile: BillingProfile | None = getattr(job.customer, "billing_profile", None)
    return profile


def _problems(job: Job) -> list[BillingProblem]:
    return problems_of(job, _profile(job))


def _problem_words(job: OrderToBill) -> str:
    return ", ".join(str(LABELS[problem]) for problem in _problems(job))


def _service(job: OrderToBill) -> str:
    return job.service


def foretold(jobs: Iterable[Job], *, each_alone: bool) -> str:
    """What making invoices of these orders would come to, in numbers: documents, sums, and who is left out, why."""
    documents: set[tuple[object, ...]] = set()
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    left_out = Counter[BillingProblem]()
    for job in jobs:
        profile = _profile(job)
        if problems := blocks(problems_of(job, profile)):
            left_out[problems[0]] += 1
            continue
        alone = job.pk if each_alone else 0
        documents.add((job.customer_id, job.currency, job.prices_include_tax, po_number_of(job, profile), alone))
        sums[job.currency] += job.amount or Decimal(0)
    return in_words(len(documents), sums, left_out)


def in_words(documents: int, sums: dict[str, Decimal], left_out: Counter[BillingProblem]) -> str:
    """So many invoices of so much, so many left out for each reason."""
    if documents:
        said = [
            ngettext("%(count)d invoice of %(sum)s before tax.", "%(count)d invoices of %(sum)s before tax.", documents)
            % {"count": documents, "sum": " + ".join(format_money(sums[key], key) for key in sorted(sums))}
        ]
    else:
        said = [_("No invoice.")]
    return " ".join([*said, *left_out_in_words(left_out)])


def left_out_in_words(left_out: Counter[BillingProblem]) -> list[str]:
    """A sentence for each reason for which orders are left out."""
    return [
        ngettext("%(count)d order is left out: %(why)s", "%(count)d orders are left out: %(why)s", count)
        % {"count": count, "why": SENTENCES[problem]}
        for problem, count in sorted(left_out.items())
    ]


class HowManyDialog(DialogForm):
    """One invoice for each customer, or one for each order?"""

    each = forms.ChoiceField(
        label=gettext_lazy("How many invoices"),
        choices=[],
        initial=EACH_CUSTOMER,
        widget=UnfoldAdminRadioSelectWidget,
    )

    def about(self, obj: list[Job]) -> None:
        super().about(obj)
        field = self.fields["each"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (EACH_CUSTOMER, _("One for each customer: %s") % foretold(obj, each_alone=False)),
            (EACH_ORDER, _("One for each order: %s") % foretold(obj, each_alone=True)),
        ]


def _one_foretold(request: HttpRequest, job: OrderToBill) -> str:
    return f"{job.number}, {job.customer}. {foretold([job], each_alone=True)}"


def tell_made(request: HttpRequest, made: MadeInvoices) -> HttpResponse:
    """Says how many invoices were made and who was left out; leads to the one, or to the pending ones."""
    if count := len(made.invoices):
        messages.success(request, ngettext("%d invoice was prepared.", "%d invoices were prepared.", count) % count)
    if made.left_out:
        messages.warning(request, " ".join(left_out_in_words(made.left_out)))
    if len(made.invoices) == 1:
        return HttpResponseRedirect(reverse("admin:billing_invoice_change", args=[made.invoices[0].pk]))
    if made.invoices:
        return HttpResponseRedirect(reverse("admin:billing_invoice_changelist") + "?status__exact=pending")
    return HttpResponseRedirect(reverse("admin:billing_ordertobill_changelist"))


@admin.register(OrderToBill)
class OrderToBillAdmin(ConsoleModelAdmin[OrderToBill]):
    """A list of jobs, which have their page among the jobs."""

    list_display = ("number_link", "customer_name", "done_on", "service_name", "sum", "problems")
    list_display_links = None
    list_filter = (("customer", ScopedSearchFilter), ("completed_at", DayRangeFilter), ProblemFilter)
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number, external ID, customer, address, contact or asset ID")
    sortable_by = ("customer_name", "done_on")
    ordering = ("customer_id", "completed_at", "id")
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    actions = ("bill_many",)
    actions_detail = ("bill_one",)
    empty_state = gettext_lazy("Nothing to bill: every completed order is on an invoice.")
    export_columns = (
        ("number", gettext_lazy("Order")),
        ("customer__name", gettext_lazy("Customer")),
        ("completed_at", gettext_lazy("Completed")),
        (_service, gettext_lazy("Service")),
        ("address", gettext_lazy("Address")),
        ("asset_id", gettext_lazy("Asset ID")),
        ("amount", gettext_lazy("Amount")),
        ("currency", gettext_lazy("Currency")),
        (_problem_words, gettext_lazy("Problems")),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderToBill]:
        rows: Any = super().get_queryset(request).select_related("customer__billing_profile", "template", "blueprint")
        page = request.resolver_match.view_name if request.resolver_match else ""
        # What is billed meanwhile leads to its invoice: only the list and its file leave it out.
        orders: QuerySet[OrderToBill] = rows if page.endswith(("_bill_one", "_change", "_history")) else rows.to_bill()
        return orders

    def get_export_queryset(self, request: HttpRequest) -> AnyRows:
        return super().get_export_queryset(request).select_related("customer__billing_profile", "template", "blueprint")

    def get_search_results(self, request: HttpRequest, queryset: AnyRows, search_term: str) -> tuple[Any, bool]:
        assert isinstance(queryset, JobQuerySet)
        return queryset.matching(search_term), False

    # --- columns

    @display(description=gettext_lazy("Order"))
    def number_link(self, job: OrderToBill) -> str:
        return format_html('<a class="pc-link" href="{}">{}</a>', job_address(job), job.number)

    @display(description=gettext_lazy("Customer"), ordering="customer_id")
    def customer_name(self, job: OrderToBill) -> str:
        return job.customer.name

    @display(description=gettext_lazy("Completed"), ordering="completed_at")
    def done_on(self, job: OrderToBill) -> str:
        return date_format(service_day(job), "j M Y")

    @display(description=gettext_lazy("Service"), header=True)
    def service_name(self, job: OrderToBill) -> list[str]:
        return [job.service, job.address]

    @display(description=gettext_lazy("Amount"))
    def sum(self, job: OrderToBill) -> str:
        return format_money(job.amount, job.currency) if job.amount is not None else "–"

    @display(description=gettext_lazy("Problems"))
    def problems(self, job: OrderToBill) -> str:
        found = [
            {"text": LABELS[one], "colour": "info" if one in BLOCKS_POSTING_ALONE else "warning", "why": SENTENCES[one]}
            for one in _problems(job)
        ]
        return render_to_string("billing/admin/problems.html", {"problems": found}) if found else "–"

    # --- what of a page of one there is: the job's own

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: OrderToBill | None = None) -> bool:
        return request.user.has_perm("billing.view_ordertobill", obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: OrderToBill | None = None) -> Fieldsets:
        return []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        job = self.record(request, object_id) if object_id else None
        if object_id is None or not self.has_view_permission(request, job):
            raise PermissionDenied
        if job is None:
            raise Http404
        return HttpResponseRedirect(job_address(job))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        job = self.record(request, object_id)
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:jobs_job_history", args=[job.pk]))

    # --- making invoices

    @console_bulk_action(
        permission="billing.add_invoice",
        description=gettext_lazy("Make invoices of the ticked orders"),
        text=gettext_lazy("They are prepared, and can be changed until they are posted."),
        form_class=HowManyDialog,
        done=ngettext_lazy("%d order is on an invoice.", "%d orders are on invoices."),
        submit=gettext_lazy("Make invoices"),
        together=True,
    )
    def bill_many(self, request: HttpRequest, jobs: Collection[OrderToBill], form: HowManyDialog) -> HttpResponse:
        each_alone = form.cleaned_data["each"] == EACH_ORDER
        return tell_made(request, make_invoices([job.pk for job in jobs], by=request.user, each_alone=each_alone))

    @console_action(
        permission="billing.add_invoice",
        description=gettext_lazy("Make an invoice"),
        text=_one_foretold,
        possible=lambda job: job.status == JobStatus.COMPLETED and not job.is_billed,
        shown=False,
        icon="receipt_long",
        variant=ActionVariant.PRIMARY,
    )
    def bill_one(self, request: HttpRequest, job: OrderToBill, form: DialogForm) -> HttpResponse:
        made = make_invoices([job.pk], by=request.user)
        if not made.invoices:
            raise Refused(" ".join(left_out_in_words(made.left_out)))
        return tell_made(request, made)


def job_address(job: Job) -> str:
    """The page of a job in the console."""
    return reverse("admin:jobs_job_change", args=[job.pk])
