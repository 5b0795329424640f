"""From orders to pending documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from simple_history.utils import bulk_create_with_history

from accounts.models import Customer
from audit.act import acting, current_act
from audit.locks import lock_rows
from billing.billable import BillingProblem, blocks, po_number_of, problems_of, profiles_of, service_day
from billing.choices import LineSource
from billing.models import BillingProfile, BillingSettings, Invoice, InvoiceJob, InvoiceLine
from billing.services.sums import country_of_tax, work_out
from billing.tax import Taxes
from console.errors import Refused
from console.reach import By, require_reach
from jobs.models import Job
from jobs.services import claim_for_billing
from templates_app.choices import TaxClass, Unit

# Further lines belong on another document: a printed page is read by people.
MAX_LINES = 2_000


@dataclass
class MadeInvoices:
    """What became of orders that were to be billed: the documents, and how many were left out for which reason."""

    invoices: list[Invoice] = field(default_factory=list)
    left_out: Counter[BillingProblem] = field(default_factory=Counter)


def make_invoices(jobs: Collection[int], *, by: By, each_alone: bool = False) -> MadeInvoices:
    """Pending invoices of these orders (primary keys): one for each customer, or for each order.

    Orders of another currency, of prices with tax, or of another PO number are never on one document. What can't be
    billed is left out and counted by its first reason. Raises NotAllowed for an order that is not granted to
    ``by``, Refused where no tax is set up.
    """
    with transaction.atomic(), acting(by=by):
        # Before they are read: what they cost, and whose they are, stays until they are on an invoice.
        lock_rows(Job, jobs)
        found = list(
            Job.objects.filter(pk__in=jobs)
            .select_related("customer", "location", "template")
            .order_by("customer_id", "location_id", "completed_at", "pk")
        )
        require_reach(by, *found)
        profiles = profiles_of(job.customer_id for job in found)
        made, can = MadeInvoices(), []
        for job in found:
            if problems := blocks(problems_of(job, profiles.get(job.customer_id))):
                made.left_out[problems[0]] += 1
            else:
                can.append(job)
        # Somebody else may have billed one meanwhile.
        got = set(claim_for_billing([job.pk for job in can]))
        made.left_out[BillingProblem.BILLED] += sum(job.pk not in got for job in can)
        groups: dict[tuple[object, ...], list[Job]] = {}
        for job in can:
            if job.pk in got:
                groups.setdefault(_group(job, profiles.get(job.customer_id), each_alone), []).append(job)
        if groups:
            settings = BillingSettings.load()
            taxes = Taxes(country_of_tax(settings))
            for together in groups.values():
                profile = profiles.get(together[0].customer_id)
                made.invoices.append(_make(together, profile, settings, taxes))
        made.left_out = +made.left_out
        return made


def _group(job: Job, profile: BillingProfile | None, each_alone: bool) -> tuple[object, ...]:
    alone = job.pk if each_alone else 0
    return job.customer_id, job.currency, job.prices_include_tax, po_number_of(job, profile), alone


def new_invoice(customer: Customer, profile: BillingProfile | None, settings: BillingSettings) -> Invoice:
    """A document for a customer that is not saved yet, as its profile and the settings say."""
    act = current_act()
    return Invoice(
        customer=customer,
        currency=(profile.currency if profile else "") or settings.currency,
        terms=customer.payment_terms,
        language=(profile.language if profile else "") or django_settings.LANGUAGE_CODE[:2],
        buyer_reference=profile.buyer_reference if profile else "",
        introduction=settings.introduction,
        footer=settings.footer,
        source=act.source,
        created_by_id=act.by.pk if act.by is not None else None,
    )


def _make(jobs: Sequence[Job], profile: BillingProfile | None, settings: BillingSettings, taxes: Taxes) -> Invoice:
    first = jobs[0]
    invoice = new_invoice(first.customer, profile, settings)
    invoice.currency, invoice.prices_include_tax = first.currency, first.prices_include_tax
    invoice.po_number = po_number_of(first, profile)
    with override(invoice.language):
        lines = [line for job in jobs for line in _lines_of(job, profile, taxes)]
    if len(lines) > MAX_LINES:
        raise Refused(
            _("%(customer)s: these orders have more than %(most)d lines together. Bill fewer at once.")
            % {"customer": first.customer, "most": MAX_LINES}
        )
    for position, line in enumerate(lines, start=1):
        line.position = position
    work_out(invoice, lines, taxes, profile)
    invoice.save()
    for line in lines:
        line.invoice = invoice
    bulk_create_with_history(lines, InvoiceLine, batch_size=500)
    InvoiceJob.objects.bulk_create(
        [InvoiceJob(invoice=invoice, job=job, agreed=job.amount or Decimal("0.00")) for job in jobs]
    )
    return invoice


def _lines_of(job: Job, profile: BillingProfile | None, taxes: Taxes) -> list[InvoiceLine]:
    """Each price line a line; an amount that stands alone is one, named by what was done."""
    day, heading = service_day(job), heading_of(job)
    lines = []
    for priced in job.lines():
        taxed = taxes.of(str(priced.tax), profile, day)
        lines.append(
            InvoiceLine(
                job=job,
                location=job.location,
                heading=heading,
                description=priced.description,
                quantity=priced.quantity,
                unit=str(priced.unit),
                unit_price=priced.unit_price,
                tax_code=taxed.code,
                source=LineSource.PRICE_LINE,
            )
        )
    if not lines and job.amount is not None:
        taxed = taxes.of(TaxClass.STANDARD, profile, day)
        lines.append(
            InvoiceLine(
                job=job,
                location=job.location,
                heading=heading,
                description=job.service[:200],
                quantity=Decimal(1),
                unit=Unit.PIECE,
                unit_price=job.amount,
                tax_code=taxed.code,
                source=LineSource.AMOUNT,
            )
        )
    return lines


def heading_of(job: Job) -> str:
    """What stands above an order's lines: where, which order, when, which bin. In the language of the moment."""
    facts = (job.number, date_format(service_day(job), "j M Y"), job.asset_id)
    what = ", ".join(filter(None, facts))
    return f"{job.address} - {what}"[:400] if job.address else what


def make_invoice_by_hand(customer: Customer, *, by: By) -> Invoice:
    """A pending invoice without lines, for what is no order. Raises NotAllowed for a customer that was not granted."""
    with transaction.atomic(), acting(by=by):
        require_reach(by, customer)
        profile = profiles_of([customer.pk]).get(customer.pk)
        if profile is not None and profile.hold_reason:
            raise Refused(
                _("%(customer)s is not billed at the moment: %(why)s")
                % {
                    "customer": customer,
                    "why": profile.hold_reason,
                }
            )
        invoice = new_invoice(customer, profile, BillingSettings.load())
        work_out(invoice, [], Taxes(""), profile)
        invoice.save()
        return invoice
