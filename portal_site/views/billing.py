"""Money: what is to pay, invoices, payments, each of them, orders with what they cost."""

from __future__ import annotations

from collections.abc import Callable

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.conventions import CONVENTIONS, usual_convention
from audit.headers import file_header
from billing.documents import file_name_of, order_receipt, paper_of, payment_receipt
from billing.models import BillingSettings, Invoice, Payment
from jobs.choices import JobStatus
from jobs.models import Job, JobFile
from portal_site import records
from portal_site.doors import portal_page
from portal_site.lists import PER_PAGE, csv_file, left_out_page
from portal_site.money_lists import (
    BILLED,
    INVOICE_SORTS,
    ORDER_SORTS,
    PAYMENT_SORTS,
    InvoiceChoices,
    InvoiceFilter,
    OrderFilter,
    PaymentChoices,
    PaymentFilter,
    invoice_choices,
    invoice_rows,
    order_rows,
    payment_choices,
    payment_rows,
    read_invoice_filter,
    read_order_filter,
    read_payment_filter,
)
from portal_site.money_reading import (
    NOT_BILLED,
    business_today,
    in_fours,
    line_groups,
    may_see_job,
    not_billed,
    owed,
    settlements,
    shown_invoice,
    shown_invoices,
    shown_orders,
    shown_payments,
    shown_taxes,
    with_credit,
)
from portal_site.visitor import PortalRequest, Visitor

# So many lines of one invoice stand on a page.
LINES = 100


@require_safe
@portal_page(permission="view_invoices")
def money(request: PortalRequest) -> HttpResponse:
    """What is open, what is overdue, what is credit, what comes next, and what is done but not billed yet."""
    visitor, today = request.visitor, business_today()
    invoices = visitor.invoices()
    sees_orders = visitor.may("view_jobs")
    following = invoices.open().filter(due_on__gte=today).order_by("due_on", "-id").first()
    context = {
        "owed": with_credit(owed(invoices), invoices, visitor.payments()),
        "next": following,
        "sees_orders": sees_orders,
        "not_billed": not_billed(visitor.orders().filter(NOT_BILLED, status=JobStatus.COMPLETED))
        if sees_orders
        else [],
    }
    return render(request, "portal_site/pages/billing.html", context)


@require_safe
@portal_page(permission="view_invoices")
def invoice_list(request: PortalRequest) -> HttpResponse:
    """Invoices, searched and filtered, page by page, all of it in the address."""
    visitor, today = request.visitor, business_today()
    choices = _invoice_choices(visitor)
    chosen = read_invoice_filter(request.GET, choices)
    page = Paginator(chosen.apply(visitor.invoices(), today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "invoices": shown_invoices(page.object_list, today),
        "choices": choices,
        "sorts": INVOICE_SORTS.items(),
        "sees_orders": visitor.may("view_jobs"),
    }
    return _list(request, "invoice", chosen, page, context)


def _invoice_choices(visitor: Visitor) -> InvoiceChoices:
    first, last = records.first_and_last_date(visitor.invoices())
    pending = visitor.settings.show_pending_invoices
    return invoice_choices(visitor.places_of_invoices(), first, last, pending=pending)


@require_safe
@portal_page(permission="view_invoices")
def export_invoices(request: PortalRequest) -> HttpResponseBase:
    """What the list shows, all pages of it, as a CSV file; none where something was left out of the address."""
    visitor = request.visitor
    chosen = read_invoice_filter(request.GET, _invoice_choices(visitor))
    if chosen.left_out:
        return redirect(f"{reverse('portal_site:invoices')}?{request.GET.urlencode()}")
    today = business_today()
    rows = invoice_rows(chosen.apply(visitor.invoices(), today), today)
    return csv_file(rows, _("invoices %s"), request.GET.get("convention"))


@require_safe
@portal_page(permission="view_invoices")
def payment_list(request: PortalRequest) -> HttpResponse:
    """Payments with what they settled, searched and filtered, page by page, all of it in the address."""
    visitor = request.visitor
    choices = _payment_choices(visitor)
    chosen = read_payment_filter(request.GET, choices)
    page = Paginator(chosen.apply(visitor.payments()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "payments": shown_payments(page.object_list),
        "choices": choices,
        "sorts": PAYMENT_SORTS.items(),
        "sees_orders": visitor.may("view_jobs"),
    }
    return _list(request, "payment", chosen, page, context)


def _payment_choices(visitor: Visitor) -> PaymentChoices:
    return payment_choices(records.first_and_last_of_states(visitor.payments()))


@require_safe
@portal_page(permission="view_invoices")
def export_payments(request: PortalRequest) -> HttpResponseBase:
    """What the list shows, all pages of it, as a CSV file; none where something was left out of the address."""
    visitor = request.visitor
    chosen = read_payment_filter(request.GET, _payment_choices(visitor))
    if chosen.left_out:
        return redirect(f"{reverse('portal_site:payments')}?{request.GET.urlencode()}")
    rows = payment_rows(chosen.apply(visitor.payments()))
    return csv_file(rows, _("payments %s"), request.GET.get("convention"))


@require_safe
@portal_page(permission="view_invoices")
def order_list(request: PortalRequest) -> HttpResponse:
    """Orders with what they cost: those still to come, or those that are done."""
    visitor = request.visitor
    visitor.require("view_jobs")
    kinds = visitor.templates()
    chosen = read_order_filter(request.GET, kinds)
    page = Paginator(chosen.apply(visitor.orders()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "orders": shown_orders(page.object_list),
        "kinds": kinds,
        "billed": BILLED.items(),
        "sorts": ORDER_SORTS.items(),
        "sees_orders": True,
    }
    return _list(request, "order", chosen, page, context)


@require_safe
@portal_page(permission="view_invoices")
def export_orders(request: PortalRequest) -> HttpResponseBase:
    """What the list shows, all pages of it, as a CSV file; none where something was left out of the address."""
    visitor = request.visitor
    visitor.require("view_jobs")
    chosen = read_order_filter(request.GET, visitor.templates())
    if chosen.left_out:
        return redirect(f"{reverse('portal_site:orders')}?{request.GET.urlencode()}")
    return csv_file(order_rows(chosen.apply(visitor.orders())), _("orders %s"), request.GET.get("convention"))


def _list(
    request: PortalRequest,
    of: str,
    chosen: InvoiceFilter | OrderFilter | PaymentFilter,
    page: Page[Invoice] | Page[Job] | Page[Payment],
    context: dict[str, object],
) -> HttpResponse:
    """A list as a page, or as the part of it that a search draws anew."""
    asked_for = request.GET.get("page", "")
    left_out = [*chosen.left_out, *left_out_page(asked_for, page.number)]
    context |= {
        "page": page,
        "chosen": chosen,
        "left_out": left_out,
        "several": request.visitor.account is None,
        "list_url": reverse(f"portal_site:{of}s"),
        "export_url": reverse(f"portal_site:export_{of}s"),
        "other_ways": [one for one in CONVENTIONS.values() if one != usual_convention()],
    }
    partial = request.headers.get("HX-Target") == "results"
    name = f"partials/{of}_results.html" if partial else f"pages/{of}s.html"
    response = render(request, f"portal_site/{name}", context)
    response["Vary"] = "HX-Request"
    return response


def _address_of_file(jobs: list[Job]) -> Callable[[JobFile], str]:
    """Where a file of one of these jobs is to be had."""
    numbers = {job.pk: job.number for job in jobs}
    return lambda file: reverse("portal_site:job_file", args=[numbers[file.job_id], file.reference])


@require_safe
@portal_page()
def invoice(request: PortalRequest, invoice: str) -> HttpResponse:
    """One invoice: its lines, the proof beside them, taxes, what settles it, what remains."""
    visitor = request.visitor
    found = visitor.invoice_or_404(invoice)
    page = Paginator(records.invoice_lines(found), LINES).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    jobs: list[Job] = [line.job for line in lines if line.job and may_see_job(visitor.rights, line.job)]
    groups = line_groups(found, lines, visitor.rights, records.files_of(jobs), _address_of_file(jobs))
    seller = found.seller or BillingSettings.load().as_printed()
    context = {
        "invoice": found,
        "shown": shown_invoice(found, business_today()),
        "page": page,
        "left_out": left_out_page(request.GET.get("page", ""), page.number),
        "groups": groups,
        "taxes": shown_taxes(found),
        "corrections": visitor.corrections_of(found),
        "settlements": settlements(found),
        "seller": seller,
        "iban": in_fours(seller.get("iban", "")),
        "list_url": request.path,
        "sees_orders": visitor.may("view_jobs"),
    }
    return render(request, "portal_site/pages/invoice.html", context)


@require_safe
@portal_page()
def document(request: PortalRequest, invoice: str) -> HttpResponse:
    """One invoice as a PDF; a pending one says that it is a draft."""
    found = request.visitor.invoice_or_404(invoice)
    response = HttpResponse(paper_of(found), content_type="application/pdf")
    response["Content-Disposition"] = file_header(file_name_of(found), to_keep=False)
    return response


@require_safe
@portal_page()
def receipt(request: PortalRequest, number: str) -> HttpResponse:
    """One order as a PDF, with what it costs."""
    found = request.visitor.order_or_404(number)
    paper = order_receipt(found, business=request.visitor.settings)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{found.number}.pdf", to_keep=False)
    return response


@require_safe
@portal_page()
def payment(request: PortalRequest, payment: str) -> HttpResponse:
    """One payment: what it settled, what went back, what is left of it."""
    visitor = request.visitor
    found = visitor.payment_or_404(payment)
    [shown] = shown_payments([found])
    context = {
        "payment": found,
        "shown": shown,
        "refunds": records.refunds_of(found),
        "sees_orders": visitor.may("view_jobs"),
    }
    return render(request, "portal_site/pages/payment.html", context)


@require_safe
@portal_page()
def payment_paper(request: PortalRequest, payment: str) -> HttpResponse:
    """The receipt of one payment as a PDF. Raises Http404 for money that never came."""
    found = request.visitor.payment_or_404(payment)
    if found.number is None:
        raise Http404
    paper = payment_receipt(found, business=request.visitor.settings)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{found.number}.pdf", to_keep=False)
    return response
