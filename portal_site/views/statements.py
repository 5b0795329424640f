"""The statement of account: a page, a table, a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Customer
from audit.conventions import CONVENTIONS, usual_convention
from audit.headers import file_header
from billing.documents import fits_on_paper, statement_pdf
from billing.statement_page import StatementPage, read_statement, statement_csv
from portal_site.doors import portal_page
from portal_site.lists import left_out_page
from portal_site.visitor import PortalRequest

# So many rows stand on a page.
ROWS = 100


@dataclass(frozen=True)
class Account:
    """A customer whose statement can be chosen, in which currencies, and how an address names it."""

    value: str
    customer: Customer
    currencies: Sequence[str]


def _accounts(request: PortalRequest) -> list[Account]:
    """Those of the visitor; two of one name are told apart by a number."""
    names: dict[str, int] = {}
    found = []
    for customer, currencies in request.visitor.money_accounts().items():
        names[customer.name] = number = names.get(customer.name, 0) + 1
        value = customer.name if number == 1 else f"{customer.name} ({number})"
        found.append(Account(value, customer, currencies))
    return found


def _chosen(request: PortalRequest, accounts: Sequence[Account]) -> Account:
    """The account that the address names, else the first. Raises Http404 for one that is not among them."""
    wanted = request.GET.get("account", "")
    found = next((one for one in accounts if not wanted or one.value == wanted), None)
    if found is None:
        raise Http404
    return found


@require_safe
@portal_page(permission="view_invoices")
def statement(request: PortalRequest) -> HttpResponse:
    """What was owed, what moved it, what is owed: of an account, or of one of its places, from day to day."""
    accounts = _accounts(request)
    context: dict[str, object] = {"accounts": accounts, "sees_orders": request.visitor.may("view_jobs")}
    if accounts or request.GET.get("account"):
        chosen = _chosen(request, accounts)
        requested = read_statement(chosen.customer, chosen.currencies, request.GET)
        page = Paginator(requested.statement.rows, ROWS).get_page(request.GET.get("page"))
        context |= {
            "chosen": chosen,
            "requested": requested,
            "statement": requested.statement,
            "page": page,
            "left_out": [*requested.left_out, *left_out_page(request.GET.get("page", ""), page.number)],
            "fits_on_paper": fits_on_paper(requested),
            "list_url": request.path,
            "export_url": reverse("portal_site:export_statement"),
            "other_ways": [one for one in CONVENTIONS.values() if one != usual_convention()],
        }
    return render(request, "portal_site/pages/statement.html", context)


def _requested(request: PortalRequest) -> StatementPage | None:
    """The statement that a file is asked of; None where something would be left out of the address: the page says what.

    Raises Http404 as the page does, and where there is no account.
    """
    chosen = _chosen(request, _accounts(request))
    requested = read_statement(chosen.customer, chosen.currencies, request.GET)
    return None if requested.left_out else requested


def _back(request: PortalRequest) -> HttpResponse:
    return redirect(f"{reverse('portal_site:statement')}?{request.GET.urlencode()}")


@require_safe
@portal_page(permission="view_invoices")
def export_statement(request: PortalRequest) -> HttpResponseBase:
    """The same as a CSV file."""
    requested = _requested(request)
    if requested is None:
        return _back(request)
    return statement_csv(requested, request.GET.get("convention"))


@require_safe
@portal_page(permission="view_invoices")
def print_statement(request: PortalRequest) -> HttpResponseBase:
    """The same as a PDF; of one that is too long, the page."""
    requested = _requested(request)
    if requested is None or not fits_on_paper(requested):
        return _back(request)
    response = HttpResponse(statement_pdf(requested), content_type="application/pdf")
    response["Content-Disposition"] = file_header(f"{requested.file_name}.pdf", to_keep=False)
    return response
