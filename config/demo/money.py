"""What Harbour Bins has billed: two rounds of invoices, corrections, one being prepared, and work not billed yet; and
what came for it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.models import Customer, PortalUser
from audit.act import Source, acting
from billing.billable import BillingProblem, problems_of
from billing.choices import PaymentMethod, TaxTreatment
from billing.models import BillingProfile, BillingSettings, Invoice
from billing.services import (
    credit_lines,
    make_invoices,
    post_invoice,
    record_payment,
    refund,
    save_billing_settings,
    save_profile,
    void_invoice,
    void_payment,
    write_off,
)
from config.demo.moments import at_moment, demo_moment
from jobs.models import Job
from permissions.services import set_override

if TYPE_CHECKING:
    from config.demo.loading import Demo


SELLER = {
    "seller_name": "Harbour Bins GmbH",
    "seller_street": "Am Sandtorkai 4",
    "seller_postcode": "20457",
    "seller_city": "Hamburg",
    "seller_country": "DE",
    "vat_id": "DE136695976",
    "register_entry": "Amtsgericht Hamburg, HRB 12345",
    "managing_directors": "Olivia Brandt",
    "phone": "+49 40 5550100",
    "email": "billing@harbour.example",
    "account_holder": "Harbour Bins GmbH",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "bank_name": "Commerzbank",
    "footer": "Thank you for working with us.",
}
# Whose address nobody has written down yet, so that the list of what keeps orders from an invoice is not empty.
_WITHOUT_ADDRESS = "Cedar School"
# Invoices were written so many days ago, for what was done until then.
_ROUNDS = (14, 7)


def set_up_billing(demo: Demo) -> None:
    """The seller, its taxes and numbers, where invoices go to, and who of the customers' people sees them."""
    settings = BillingSettings.load()
    for name, value in SELLER.items():
        setattr(settings, name, value)
    save_billing_settings(settings, by=demo.olivia)
    for customer in demo.customers.values():
        place = customer.locations.order_by("pk").first()
        if place is not None and customer.name != _WITHOUT_ADDRESS:
            save_profile(
                BillingProfile(
                    customer=customer,
                    street=place.street,
                    postcode=place.postcode,
                    city=place.city,
                    country="DE",
                    tax_treatment=TaxTreatment.NORMAL,
                ),
                by=demo.olivia,
            )
    cora, colm = (PortalUser.objects.get(user=demo.users[f"{name}@customer.example"]) for name in ("cora", "colm"))
    for person, code in ((cora, "view_invoices"), (cora, "pay_invoices"), (colm, "view_invoices")):
        set_override(person, code, "allow", by=demo.olivia)


def bill_the_weeks(demo: Demo) -> None:
    """Two rounds of invoices, then corrections, and what is being prepared."""
    bill = demo.users["bill@harbour.example"]
    with acting(by=bill, source=Source.CONSOLE):
        for days in _ROUNDS:
            day = demo.today - timedelta(days=days)
            for invoice in _bill_until(day, demo):
                _post_on(invoice, day, demo)
        _correct(demo)
        _take_in(demo)
        acme = demo.customers["Acme Builders"]
        make_invoices(_done(acme, demo.today), by=bill)


def _bill_until(day: date, demo: Demo) -> list[Invoice]:
    bill = demo.users["bill@harbour.example"]
    made = []
    for customer in demo.customers.values():
        with at_moment(demo_moment(day, 17)):
            made += make_invoices(_done(customer, day), by=bill).invoices
    return made


def _done(customer: Customer, day: date) -> list[int]:
    """The orders of a customer that were done by then and can be billed and posted."""
    profile = BillingProfile.objects.filter(customer=customer).first()
    jobs = Job.objects.to_bill().filter(customer=customer, completed_at__lt=demo_moment(day, 17)).order_by("pk")
    return [job.pk for job in jobs if BillingProblem.NO_ADDRESS not in problems_of(job, profile)]


def _post_on(invoice: Invoice, day: date, demo: Demo) -> None:
    with at_moment(demo_moment(day, 17)):
        post_invoice(invoice, by=demo.users["bill@harbour.example"], issue_on=day)


def _take_in(demo: Demo) -> None:
    """A transfer, a cheque that bounced, money that came twice and went back in part, and a small sum given up."""
    bill = demo.users["bill@harbour.example"]
    first: dict[str, Invoice] = {}
    for invoice in Invoice.objects.open().select_related("customer").order_by("-pk"):
        first[invoice.customer.name] = invoice
    acme, *others = [invoice for _name, invoice in sorted(first.items())]
    with at_moment(demo_moment(demo.today - timedelta(days=5), 9)):
        record_payment(
            acme.customer, acme.balance, by=bill, their_reference=f"Invoice {acme.number}", oldest_first=True
        )
        if others:
            cheque = record_payment(
                others[0].customer,
                others[0].balance,
                by=bill,
                method=PaymentMethod.CHEQUE,
                their_reference="Cheque 000318",
                oldest_first=True,
            )
    with at_moment(demo_moment(demo.today - timedelta(days=3), 10)):
        if others:
            void_payment(cheque, by=bill, reason="The bank sent the cheque back: not covered")
        for invoice in others[1:2]:
            twice = record_payment(
                invoice.customer, invoice.balance * 2, by=bill, their_reference=invoice.number or "", oldest_first=True
            )
            if twice.unassigned > 20:
                refund(twice, Decimal("20.00"), by=bill, reason="She asked for a part of it")
    with at_moment(demo_moment(demo.today - timedelta(days=2), 11)):
        for invoice in others[2:3]:
            record_payment(invoice.customer, invoice.balance - Decimal("0.40"), by=bill, oldest_first=True)
            write_off(invoice, by=bill, reason="A rest of 40 cents")


def _correct(demo: Demo) -> None:
    """A line that was wrong, and an invoice to the wrong customer, billed anew."""
    bill = demo.users["bill@harbour.example"]
    posted = Invoice.objects.posted().order_by("pk")
    first = posted.filter(customer__name="Acme Builders").first()
    if first is not None:
        line = first.lines.order_by("position").first()
        if line is not None and line.printed > 0:
            credit_lines(first, {line.pk: line.printed}, by=bill, reason="The skip came a day late")
    second = posted.filter(customer__name="Elm Garden Centre").first()
    if second is not None:
        void_invoice(second, by=bill, reason="The price had changed", bill_anew=True)
