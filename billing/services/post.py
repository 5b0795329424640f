"""Posting: a pending document gets its number, its seal and its place in the ledger, and never changes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit.act import acting
from background.waking import wake_after_commit
from billing.billable import profiles_of
from billing.choices import DocumentKind, InvoiceStatus, SeriesKind
from billing.countries import country_name
from billing.models import BillingProfile, BillingSettings, CustomerAccount, Invoice, InvoiceLine
from billing.numbering import default_series, take_document_numbers
from billing.posting import Share, book, locked_account
from billing.sealing import seal_of
from billing.searching import search_text_of_document
from billing.services.changing import lines_of, lock_orders, locked_document, save_lines
from billing.services.sums import country_of_tax, work_out
from billing.tax import Taxes
from console.errors import Refused
from console.reach import By
from jobs.services import name_bill
from money.minor import ZERO

# A date further off is a slip of the finger.
FURTHEST = timedelta(days=366)


def why_not_posted(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    settings: BillingSettings,
    profile: BillingProfile | None,
    issue_on: date,
) -> list[str]:
    """Return what stands between a pending document and its number, each as a sentence; empty when nothing does."""
    problems = [_("Billing settings: %s") % sentence for sentence in settings.missing()]
    if not lines:
        problems.append(_("It has no lines."))
    if profile is None or profile.missing():
        problems.append(_("%s has no invoice address.") % invoice.customer)
    if profile is not None and profile.po_required and not invoice.po_number:
        problems.append(_("%s wants a PO number on each invoice.") % invoice.customer)
    if invoice.total < 0:
        problems.append(_("Its total is below zero. What a customer gets back is a credit note."))
    return [*problems, *_why_not_on(settings, issue_on)]


def _why_not_on(settings: BillingSettings, issue_on: date) -> list[str]:
    problems = []
    closed = settings.books_closed_until
    if closed is not None and issue_on <= closed:
        problems.append(_("The books are closed until %s. Choose a later date.") % date_format(closed, "j M Y"))
    if abs(issue_on - timezone.localdate()) > FURTHEST:
        problems.append(_("%s is more than a year away.") % date_format(issue_on, "j M Y"))
    return problems


def require_open_books(settings: BillingSettings, issue_on: date) -> None:
    """Raise Refused for a date on which nothing is posted."""
    if problems := _why_not_on(settings, issue_on):
        raise Refused(" ".join(problems))


def locked_with_account(invoice: Invoice, *, by: By) -> tuple[CustomerAccount, Invoice]:
    """The account that a document moves, and the document, as they stand in the database: locked in the order in which
    everybody does, after its orders. Raises what ``locked_document`` does, and Refused after a merge or its undoing."""
    lock_orders(invoice)
    account = locked_account(invoice.customer_id, invoice.currency)
    invoice = locked_document(invoice, by=by)
    if account.customer_id != invoice.customer_id:
        raise Refused(_("This customer was merged into another meanwhile. Try again."))
    return account, invoice


def post_invoice(invoice: Invoice, *, by: By, issue_on: date | None = None) -> Invoice:
    """Gives a pending document its number and date (today), books it, and closes it for good.

    Its orders say its number from then on. Raises Refused with everything that is missing, and where it is posted.
    """
    with transaction.atomic(), acting(by=by):
        account, invoice = locked_with_account(invoice, by=by)
        if not invoice.is_pending:
            raise Refused(_("%s is posted already.") % invoice)
        settings = BillingSettings.load()
        profile = profiles_of([invoice.customer_id]).get(invoice.customer_id)
        lines = lines_of(invoice)
        invoice.issued_on = issue_on or timezone.localdate()
        if problems := why_not_posted(invoice, lines, settings, profile, invoice.issued_on):
            raise Refused(" ".join(problems))
        work_out(invoice, lines, Taxes(country_of_tax(settings)), profile)
        _freeze_words(invoice, lines, settings, profile)
        # Before the counter is locked: whoever posts meanwhile waits for no lines.
        save_lines(invoice, lines, lines)
        give_number(invoice, lines, settings)
        invoice.save()
        book(invoice, shares_of(lines), invoice.issued_on, account)
        name_bill(list(invoice.invoice_jobs.values_list("job_id", flat=True)), str(invoice.number))
        return invoice


def shares_of(lines: Sequence[InvoiceLine]) -> list[Share]:
    """What each place owes of a document: the gross of its lines."""
    together: dict[int | None, list[InvoiceLine]] = {}
    for line in lines:
        together.setdefault(line.location_id, []).append(line)
    return [Share(place, sum((line.gross for line in rows), ZERO)) for place, rows in together.items()]


def _freeze_words(
    invoice: Invoice, lines: Sequence[InvoiceLine], settings: BillingSettings, profile: BillingProfile | None
) -> None:
    assert invoice.issued_on is not None
    invoice.due_on = invoice.issued_on + timedelta(days=max(invoice.terms, 0))
    if invoice.service_from is None:
        invoice.service_from = invoice.service_to = invoice.service_to or invoice.issued_on
    invoice.seller = settings.as_printed()
    invoice.buyer = buyer_of(invoice, settings, profile)
    invoice.posted_at = timezone.now()
    invoice.status = InvoiceStatus.POSTED if invoice.total else InvoiceStatus.PAID


def buyer_of(invoice: Invoice, settings: BillingSettings, profile: BillingProfile | None) -> dict[str, str]:
    """Whom a document is for, as it keeps it. The country is named where it is another than the seller's."""
    customer = invoice.customer
    if profile is None:
        return {"name": customer.name}
    country = profile.country or settings.seller_country
    with override(invoice.language):
        country_in_words = country_name(country) if country and country != settings.seller_country else ""
    return {
        "name": profile.legal_name or customer.name,
        "street": profile.street,
        "street2": profile.street2,
        "postcode": profile.postcode,
        "city": profile.city,
        "country": country,
        "country_name": country_in_words,
        "vat_id": profile.vat_id,
        "customer_number": customer.external_id or "",
    }


def give_number(invoice: Invoice, lines: Sequence[InvoiceLine], settings: BillingSettings) -> None:
    """The next number of its series, and its seal. The document has everything else that is printed already."""
    assert invoice.issued_on is not None
    kind = SeriesKind.INVOICE if invoice.kind == DocumentKind.INVOICE else SeriesKind.CREDIT_NOTE
    series = default_series(kind)
    taken = take_document_numbers(series, invoice.issued_on, 1, in_order=settings.dates_in_number_order)
    invoice.series, invoice.year, invoice.counter = series, taken.year.year, taken.first
    invoice.number = taken.number(0)
    invoice.search_text = search_text_of_document(invoice, lines)
    invoice.previous_seal = taken.year.last_seal
    invoice.seal = seal_of(invoice, lines, invoice.previous_seal)
    wake_after_commit("billing.tasks.keep_documents", [invoice.pk])
    taken.year.last_seal = invoice.seal
    taken.year.save(update_fields=["last_seal"])
