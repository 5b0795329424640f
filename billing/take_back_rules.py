"""What documents ask for before they are taken back (``audit.take_back``)."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from audit.restore import Plan, RestoreStep
from billing.models import (
    Allocation,
    BillingSettings,
    Invoice,
    InvoiceJob,
    InvoiceLine,
    MoneyRecord,
    Payment,
    Refund,
    WriteOff,
)
from jobs.models import Job
from jobs.services.billed import why_as_billed


def count_version(settings: BillingSettings, step: RestoreStep) -> None:
    """Before old settings are saved again: whoever has the page open notices."""
    settings.version += 1


def why_not_closed(step: RestoreStep, by: User | AnonymousUser) -> str:
    """The right that closing the books by hand needs, and opening them again."""
    if "books_closed_until" in step.values and not by.has_perm("billing.close_books"):
        return _("You may not close the books, or open them again. Ask somebody who may.")
    return ""


def why_not_of_posted(step: RestoreStep, plan: Plan) -> str:
    """A line stays with what was posted, and no line that was taken away comes back to it. While it is pending, what
    its lines come to is its total."""
    line = step.candidate()
    assert isinstance(line, InvoiceLine)
    invoice = Invoice.objects.posted().filter(pk=line.invoice_id).first()
    if invoice is not None:
        return _("%s is posted: what it says stays. Credit it instead.") % invoice
    own = plan.steps.get((Invoice, line.invoice_id))
    is_said = own is not None and "total" in own.values
    moves = "gross" in step.values if step.action == "revert" else bool(line.gross) or _is_for_an_order(line)
    return _why_no_amounts() if moves and not is_said else ""


def _is_for_an_order(line: InvoiceLine) -> bool:
    """Is its order on that invoice, so that it may not be there without a line?"""
    on_it = InvoiceJob.objects.filter(invoice=line.invoice_id, job=line.job_id, released_at__isnull=True)
    return line.job_id is not None and on_it.exists()


def _why_no_amounts() -> str:
    return _("The amounts of an invoice are not taken back. Change its lines instead, or discard it.")


def why_not_without_invoice(step: RestoreStep, plan: Plan) -> str:
    """An order and the invoice it is on are of one customer: billed after a merge, it stays there."""
    job = step.record
    if step.action != "revert" or not isinstance(job, Job) or "customer_id" not in step.values:
        return ""
    invoice = Invoice.objects.filter(invoice_jobs__job=job, invoice_jobs__released_at=None).first()
    return why_as_billed(job) if invoice is not None and not plan.does("revert", (Invoice, invoice.pk)) else ""


def why_not_posted(step: RestoreStep, plan: Plan) -> str:
    """A posted document stays as it was printed; with a customer that comes back from a merge, it goes back."""
    invoice = step.record
    if step.action != "revert" or not isinstance(invoice, Invoice):
        return ""
    if invoice.is_pending:
        return _why_no_amounts() if "total" in step.values else ""
    if _comes_back(step, plan):
        return _why_not_alone(invoice, plan)
    return _("%s is posted: what it says stays. Credit it instead.") % invoice


def why_not_booked(step: RestoreStep, plan: Plan) -> str:
    """Money that was booked stays as it was; with a customer that comes back from a merge, it goes back."""
    record = step.record
    if step.action != "revert" or not isinstance(record, MoneyRecord) or record.number is None:
        return ""
    if _comes_back(step, plan):
        return _why_not_alone(record, plan)
    return _("%s is in the ledger: what it says stays. Take it back on its own page, with a reason.") % record


def _comes_back(step: RestoreStep, plan: Plan) -> bool:
    """Does it go to a customer that comes back from a merge, and nothing else?"""
    former = step.values.get("customer_id")
    return set(step.values) == {"customer_id"} and plan.does("recreate", (Customer, former or 0))


def _why_not_alone(record: models.Model, plan: Plan) -> str:
    """What settles what is of one customer, and so is what was credited or refunded of it: all of it goes, or none."""
    seen = {(type(record), record.pk)}
    waiting = [record]
    while waiting:
        for other in _hangs_on(waiting.pop()):
            if (key := (type(other), other.pk)) in seen:
                continue
            if not plan.does("revert", key):
                return _(
                    "%(note)s was posted after the merge, and stays with the other customer: %(invoice)s stays there "
                    "too."
                ) % {"note": other, "invoice": record}
            seen.add(key)
            waiting.append(other)
    return ""


def _hangs_on(record: models.Model) -> list[models.Model]:
    """What is in the ledger of the same customer because of this record."""
    if isinstance(record, Invoice):
        found: list[models.Model] = list(Invoice.objects.filter(Q(corrects=record) | Q(corrections=record)))
        allocations = Allocation.objects.filter(Q(invoice=record) | Q(credit_note=record))
        found += [*record.refunds.all(), *record.write_offs.all()]
    elif isinstance(record, Payment):
        allocations = Allocation.objects.filter(payment=record)
        found = list(record.refunds.all())
    elif isinstance(record, WriteOff):
        return [record.invoice]
    elif isinstance(record, Refund):
        return [one for one in (record.payment, record.credit_note) if one is not None]
    else:
        return []
    for row in allocations.select_related("invoice", "payment", "credit_note", "write_off"):
        found += [row.invoice, row.settled_by]
    return sorted(found, key=lambda one: (one._meta.label, one.pk))
