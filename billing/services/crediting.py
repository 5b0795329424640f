"""Correcting what was posted: a credit note of one line, of several, of all. Nothing posted is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit.act import acting, current_act
from billing.amounts import Priced, printed_amount
from billing.choices import DocumentKind, InvoiceStatus, LineSource
from billing.models import BillingSettings, Invoice, InvoiceLine, Payment, WriteOff
from billing.posting import book
from billing.services.changing import lines_of, locked_document
from billing.services.giving_back import void_write_off
from billing.services.payments import left_of_credit, release_credit
from billing.services.post import give_number, locked_with_account, require_open_books, shares_of
from billing.services.settling import put_to_invoice, settle_by_own_notes, settled_by, status_of, was_credited
from console.errors import Refused
from console.reach import By
from jobs.services import release_from_billing
from money.minor import ZERO, in_minor_units
from templates_app.choices import Unit


@dataclass(frozen=True)
class Left:
    """What is left of a line after all credits of it: how many, and what they come to."""

    quantity: Decimal
    printed: Decimal
    net: Decimal
    tax: Decimal

    @property
    def is_nothing(self) -> bool:
        """Was all of it credited?"""
        return not (self.printed or self.net or self.tax)


def left_of(invoice: Invoice) -> dict[int, Left]:
    """What is left of each line of a posted invoice, by the line's primary key."""
    taken = {
        row["corrects_line"]: row
        for row in InvoiceLine.objects.filter(corrects_line__invoice=invoice)
        .order_by()
        .values("corrects_line")
        .annotate(many=Sum("quantity"), said=Sum("printed"), net_sum=Sum("net"), tax_sum=Sum("tax_share"))
    }
    found = {}
    for line in invoice.lines.all():
        row = taken.get(line.pk)
        if row is None:
            found[line.pk] = Left(line.quantity, line.printed, line.net, line.tax_share)
        else:
            found[line.pk] = Left(
                max(line.quantity - row["many"], Decimal(0)),
                line.printed - row["said"],
                line.net - row["net_sum"],
                line.tax_share - row["tax_sum"],
            )
    return found


def credit_lines(
    invoice: Invoice, amounts: Mapping[int, Decimal], *, by: By, reason: str, issue_on: date | None = None
) -> Invoice:
    """A posted credit note over so much of these lines: {primary key: amount as it is printed, above zero or below as
    the line's own}. Returns the note.

    Rate and category are those of the line; never more than is left of it. It settles the invoice as far as that is
    open; what is over is the customer's credit. ``issue_on``: today, or the invoice's own date where that is ahead.
    Raises Refused with the sentence.
    """
    if not reason.strip():
        raise Refused(_("Say why: it stands on the credit note."))
    with transaction.atomic(), acting(by=by, reason=reason):
        account, invoice = locked_with_account(invoice, by=by)
        if invoice.kind != DocumentKind.INVOICE or invoice.is_pending:
            raise Refused(_("Only a posted invoice can be credited."))
        left = left_of(invoice)
        lines = [line for line in lines_of(invoice) if amounts.get(line.pk)]
        if not lines or set(amounts) - {line.pk for line in invoice.lines.all()}:
            raise Refused(_("Choose what shall be credited."))
        settings = BillingSettings.load()
        on = issue_on or max(filter(None, (timezone.localdate(), invoice.issued_on)))
        require_open_books(settings, on)
        if invoice.issued_on is not None and on < invoice.issued_on:
            raise Refused(_("A credit note is not older than its invoice."))
        note = _note_of(invoice, settings, on, reason)
        credited = [_credited(line, amounts[line.pk], left[line.pk]) for line in lines]
        for position, line in enumerate(credited, start=1):
            line.position = position
        _add_up(note, credited)
        if note.total < 0:
            raise Refused(_("Credit the price as well as the discount: together they come to less than nothing."))
        if note.total > sum((one.net + one.tax for one in left.values()), ZERO):
            raise Refused(_("Credit the discount as well as the price: what is left of the invoice is less."))
        _require_nothing_given_up(invoice, note)
        note.save()
        for line in credited:
            line.invoice = note
            line.save()
        # Its lines are there before it is posted: afterwards the database takes none.
        note.posted_at = timezone.now()
        note.status = InvoiceStatus.POSTED if note.total else InvoiceStatus.PAID
        give_number(note, credited, settings)
        note.save()
        book(note, shares_of(credited), on, account)
        if amount := min(note.balance, invoice.balance):
            put_to_invoice(note, invoice, amount, on)
        settle_by_own_notes(invoice, on)
        invoice.status = status_of(invoice)
        invoice.save(update_fields=["status"])
        return note


def _require_nothing_given_up(invoice: Invoice, note: Invoice) -> None:
    """Raise Refused where a note would give back what was never paid, because it was written off."""
    if note.total <= invoice.balance:
        return
    for credit, _amount in settled_by(invoice):
        if isinstance(credit, WriteOff):
            raise Refused(
                _("%(made)s gave up some of %(invoice)s: it never came. Take %(made)s back first.")
                % {"invoice": invoice, "made": credit}
            )


def void_invoice(
    invoice: Invoice, *, by: By, reason: str, bill_anew: bool = False, issue_on: date | None = None
) -> Invoice:
    """Credits all that is left of a posted invoice; returns the note. ``bill_anew``: its orders can be billed again.

    What payments settled of it is their customer's credit again, but for what earlier credits of it gave elsewhere.
    What was written off of it no longer is.
    """
    with transaction.atomic(), acting(by=by, reason=reason):
        _account, locked = locked_with_account(invoice, by=by)
        left = {key: one.printed for key, one in left_of(invoice).items() if not one.is_nothing}
        if invoice.is_pending or not left:
            raise Refused(_("Nothing is left of it to credit."))
        released = []
        for credit, _amount in settled_by(locked):
            if isinstance(credit, Payment):
                released.append(release_credit(credit, [locked], by=by, reason=reason))
            elif isinstance(credit, WriteOff):
                void_write_off(credit, by=by, reason=reason)
        note = credit_lines(invoice, left, by=by, reason=reason, issue_on=issue_on)
        _account, locked = locked_with_account(invoice, by=by)
        # What was credited before and went back, or to other invoices, her payments have to settle after all.
        for payment in released:
            if amount := min(left_of_credit(payment), locked.balance):
                put_to_invoice(payment, locked, amount, timezone.localdate())
        if bill_anew:
            _release_orders(invoice, reason)
        return note


def is_nothing_left(invoice: Invoice) -> bool:
    """Was all of a posted invoice credited, or was there never anything to credit?"""
    return (
        invoice.status == InvoiceStatus.VOID
        or was_credited(invoice)
        or not invoice.lines.exclude(printed=0, net=0, tax_share=0).exists()
    )


def free_orders(invoice: Invoice, *, by: By, reason: str) -> int:
    """The orders of an invoice of which nothing is left can be billed anew; returns how many they are.

    Raises Refused where something is left of it, and where it has no orders any more.
    """
    if not reason.strip():
        raise Refused(_("Say why its orders are billed anew."))
    with transaction.atomic(), acting(by=by, reason=reason):
        invoice = locked_document(invoice, by=by)
        if invoice.kind != DocumentKind.INVOICE or invoice.is_pending:
            raise Refused(_("Only the orders of a posted invoice are billed anew. Discard it while it is pending."))
        if not is_nothing_left(invoice):
            raise Refused(_("%s is not credited in full. Credit what is left of it first.") % invoice)
        freed = _release_orders(invoice, reason)
        if not freed:
            raise Refused(_("%s has no orders any more.") % invoice)
        return freed


def _release_orders(invoice: Invoice, reason: str) -> int:
    on_it = invoice.invoice_jobs.filter(released_at__isnull=True)
    release_from_billing(list(on_it.values_list("job_id", flat=True)))
    return on_it.update(released_at=timezone.now(), released_why=reason[:200])


def _note_of(invoice: Invoice, settings: BillingSettings, on: date, reason: str) -> Invoice:
    act = current_act()
    copied = (
        "customer", "currency", "prices_include_tax", "terms", "language", "po_number", "buyer_reference", "buyer",
        "service_from", "service_to",
    )  # fmt: skip
    return Invoice(
        kind=DocumentKind.CREDIT_NOTE,
        corrects=invoice,
        correction_reason=reason,
        issued_on=on,
        due_on=on,
        seller=settings.as_printed(),
        footer=settings.footer,
        source=act.source,
        created_by_id=act.by.pk if act.by is not None else None,
        **{name: getattr(invoice, name) for name in copied},
    )


def _credited(line: InvoiceLine, amount: Decimal, left: Left) -> InvoiceLine:
    """The line of the note. All that is left takes the last cents along; a part takes its share of the tax."""
    amount = in_minor_units(amount)
    beyond = amount > left.printed if left.printed > 0 else amount < left.printed
    if beyond or (amount > 0) != (left.printed > 0):
        raise Refused(
            _("Of “%(line)s” %(left)s is left to credit, not %(amount)s.")
            % {
                "line": line.description,
                "left": number_format(left.printed, 2),
                "amount": number_format(amount, 2),
            }
        )
    whole = amount == left.printed
    # Of all that is credited of it by now, less what was: many small parts come to no more than one.
    taken = line.printed - left.printed + amount
    tax = left.tax if whole else in_minor_units(line.tax_share * taken / line.printed) - line.tax_share + left.tax
    # What is printed is the net, or the gross: that one is exact, and the other follows.
    if line.invoice.prices_include_tax:
        net = amount - tax
    else:
        net = amount
    quantity, unit, price = Decimal(1), Unit.LUMP_SUM, amount
    if whole and left.quantity and printed_amount(Priced(left.quantity, line.unit_price, "S", ZERO)) == amount:
        quantity, unit, price = left.quantity, Unit(line.unit), line.unit_price
    return InvoiceLine(
        job=line.job,
        location_id=line.location_id,
        heading=line.heading,
        description=line.description,
        quantity=quantity,
        unit=unit,
        unit_price=price,
        tax_code=line.tax_code,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        printed=amount,
        net=net,
        tax_share=tax,
        gross=net + tax,
        corrects_line=line,
        source=LineSource.HAND,
    )


def _add_up(note: Invoice, lines: list[InvoiceLine]) -> None:
    original = {(group["category"], group["rate"]): group for group in (note.corrects or note).tax_groups}
    groups: dict[tuple[str, str], list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault((str(line.tax_category), f"{line.tax_rate:.2f}"), []).append(line)
    note.tax_groups = [
        original[key]
        | {
            "base": f"{sum((line.net for line in rows), ZERO):.2f}",
            "tax": f"{sum((line.tax_share for line in rows), ZERO):.2f}",
        }
        for key, rows in groups.items()
    ]
    note.net = sum((line.net for line in lines), ZERO)
    note.tax = sum((line.tax_share for line in lines), ZERO)
    note.total = note.net + note.tax
    note.balance = note.total
    places = {line.location_id for line in lines}
    note.location_id = places.pop() if len(places) == 1 else None
