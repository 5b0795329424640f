"""The statement of a customer, for the office: the same rows, table and paper that the customer has."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Customer
from audit.conventions import CONVENTIONS, usual_convention
from audit.headers import file_header
from billing.documents import fits_on_paper, statement_pdf
from billing.models import CustomerAccount, Invoice, Payment
from billing.statement_page import StatementPage, read_statement, statement_csv
from billing.templatetags.billing_console import MAY_SEE_LEDGER
from console.kit import console_page
from console.reader import StaffReader

# So many rows stand on a page.
ROWS = 200


def _requested(request: HttpRequest, customer_id: int) -> StatementPage:
    """The statement that the address asks for. Raises Http404 for a customer this person does not see."""
    customer = StaffReader(request.user).rows(Customer.objects.filter(pk=customer_id)).first()
    if customer is None:
        raise Http404
    currencies = CustomerAccount.objects.filter(customer=customer).values_list("currency", flat=True)
    return read_statement(customer, list(currencies), request.GET)


def _address(name: str, request: HttpRequest, customer_id: int) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return f"{reverse(f'admin:{name}', args=[customer_id])}?{query.urlencode()}"


@console_page("billing/statement/<int:object_id>/", name="accounts_customer_statement", permission=MAY_SEE_LEDGER)
@require_safe
def statement(request: HttpRequest, object_id: int) -> HttpResponse:
    """What was owed, what moved it, what is owed and how old it is; of the account or of one place."""
    requested = _requested(request, object_id)
    page = Paginator(requested.statement.rows, ROWS).get_page(request.GET.get("page"))
    paper = _address("accounts_customer_statement_pdf", request, object_id) if fits_on_paper(requested) else ""
    table = _address("accounts_customer_statement_csv", request, object_id)
    others = [one for one in CONVENTIONS.values() if one != usual_convention()]
    chosen = {name: request.GET[name] for name in ("place", "known", "currency") if request.GET.get(name)}
    context = {
        **admin.site.each_context(request),
        "title": _("Statement of %s") % requested.statement.customer,
        "requested": requested,
        "statement": requested.statement,
        "page": page,
        "sees_invoices": StaffReader(request.user).reads(Invoice),
        "sees_payments": StaffReader(request.user).reads(Payment),
        "paper_url": paper,
        "table_url": table,
        "other_ways": [(one, f"{table}&convention={one.name}") for one in others],
        "presets": [(one, f"?{one.query}&{urlencode(chosen)}") for one in requested.presets],
        "page_url": _address("accounts_customer_statement", request, object_id),
    }
    return TemplateResponse(request, "billing/admin/statement.html", context)


@console_page(
    "billing/statement/<int:object_id>/table/", name="accounts_customer_statement_csv", permission=MAY_SEE_LEDGER
)
@require_safe
def statement_table(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The same as a CSV file; the page, where something would be left out."""
    requested = _requested(request, object_id)
    if requested.left_out:
        return HttpResponseRedirect(_address("accounts_customer_statement", request, object_id))
    return statement_csv(requested, request.GET.get("convention"))


@console_page(
    "billing/statement/<int:object_id>/paper/", name="accounts_customer_statement_pdf", permission=MAY_SEE_LEDGER
)
@require_safe
def statement_paper(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The same as a PDF; the page, where something would be left out, or where it is too long."""
    requested = _requested(request, object_id)
    if requested.left_out or not fits_on_paper(requested):
        return HttpResponseRedirect(_address("accounts_customer_statement", request, object_id))
    response = HttpResponse(statement_pdf(requested), content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{requested.file_name}.pdf", to_keep=False)
    return response
