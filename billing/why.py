"""What the page "Why?" says of an invoice itself: why it is open or not, why it is overdue, why nobody can pay it."""

from __future__ import annotations

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.billable import profiles_of
from billing.choices import DocumentKind, InvoiceStatus
from billing.models import BillingSettings, Invoice
from billing.services import why_not_posted
from billing.services.changing import lines_of
from business.models import PortalSettings
from console.reader import Reader
from money import format_money


def standing_of(record: Model, reader: Reader) -> list[str]:
    """Where an invoice stands and why, in sentences; none for who may not see invoices."""
    assert isinstance(record, Invoice)
    if not reader.reads(Invoice):
        return []
    total = format_money(record.total, record.currency)
    if record.is_pending:
        return _of_pending(record)
    if record.kind == DocumentKind.CREDIT_NOTE:
        return [_("It is a credit note of %s: it gives money back, so it is never overdue and nobody pays it.") % total]
    if record.status == InvoiceStatus.VOID:
        notes = ", ".join(str(note) for note in record.corrections.order_by("pk"))
        return [_("It isn't open, and nobody can pay it: all of it was credited by %s.") % notes]
    if not record.is_open:
        nothing = _("It isn't open, and nobody can pay it: it comes to nothing.")
        return [_("It isn't open, and nobody can pay it: all of %s is settled.") % total if record.total else nothing]
    said = _("It is open: %(balance)s of %(total)s is still to be paid.") % {
        "balance": format_money(record.balance, record.currency),
        "total": total,
    }
    return [said, *_why_due(record), *_why_not_online()]


def _of_pending(invoice: Invoice) -> list[str]:
    said = [_("It is being prepared: until it is posted, nothing is owed and nobody can pay it.")]
    if not PortalSettings.load().show_pending_invoices:
        said.append(_("Customers don't see invoices that are being prepared."))
    profile = profiles_of([invoice.customer_id]).get(invoice.customer_id)
    today = timezone.localdate()
    if problems := why_not_posted(invoice, lines_of(invoice), BillingSettings.load(), profile, today):
        said.append(_("It can't be posted yet: %s") % " ".join(problems))
    return said


def _why_due(invoice: Invoice) -> list[str]:
    assert invoice.due_on is not None and invoice.issued_on is not None
    due, days = date_format(invoice.due_on, "j M Y"), (timezone.localdate() - invoice.due_on).days
    if invoice.is_overdue:
        words = ngettext(
            "It is overdue: it was due on %(due)s, %(days)d day ago.",
            "It is overdue: it was due on %(due)s, %(days)d days ago.",
            days,
        )
    else:
        words = _("It isn't overdue: it is due on %(due)s.")
    terms = _("Its payment terms are “%(terms)s”, counted from its date, %(issued)s.") % {
        "terms": invoice.get_terms_display(),
        "issued": date_format(invoice.issued_on, "j M Y"),
    }
    return [words % {"due": due, "days": days}, terms]


def _why_not_online() -> list[str]:
    if PortalSettings.load().online_payment_enabled:
        return []
    return [_("Nobody can pay it in the portal: online payment is switched off in the portal's settings.")]
