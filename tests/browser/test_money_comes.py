"""Both sides of an invoice: Bill posts it, the money comes by transfer, Cora sees what it settled; nobody else does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from billing.invariants import broken
from billing.models import Invoice, Payment
from billing.services import make_invoices
from permissions.models import PermissionOverride
from tests.billing.making import bill_to, order, set_up_billing


@pytest.fixture
def being_prepared(cast):
    """An invoice to Acme over 100.00 before tax; Cora may see invoices."""
    set_up_billing()
    bill_to(cast.acme)
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_invoices", effect="allow")
    job = order(cast.acme, ("Skip exchange", "1", "100.00"))
    [invoice] = make_invoices([job.pk], by=cast.bill).invoices
    return invoice


def click_and_answer(page: Page, button: str, **answers: str) -> None:
    """Click a button of a record's page, answer its questions, in a dialog or on a page of their own, and send them."""
    page.locator(f"[hx-get*='/{button}/'], a[href*='/{button}/']").locator("visible=true").first.click()
    form = page.locator("#dialog form, form:has([name=_form_submitted])").locator("visible=true").first
    form.wait_for()
    for field, value in answers.items():
        control = form.locator(f"[name={field}]")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation():
        form.locator("button[type=submit]").last.click()


def test_bill_posts_it_the_money_comes_and_cora_sees_what_it_settled(cast, being_prepared, page_for, screenshot):
    bill: Page = page_for(cast.bill)
    bill.goto(f"/admin/billing/invoice/{being_prepared.pk}/change/")
    click_and_answer(bill, "post")
    invoice = Invoice.objects.get()
    expect(bill.get_by_text(str(invoice.number)).first).to_be_visible()

    cora: Page = page_for(cast.cora, narrow=True)
    cora.goto(f"/billing/invoices/{invoice.number}/")
    expect(cora.get_by_text("€119.00").first).to_be_visible()

    click_and_answer(bill, "pay", amount="150.00", method="bank_transfer", their_reference="Thanks for the skip")
    payment = Payment.objects.get()
    expect(bill.get_by_text("€31.00 is the customer's credit.")).to_be_visible()
    bill.goto(f"/admin/billing/payment/{payment.pk}/change/")
    expect(bill.get_by_role("link", name=str(invoice.number))).to_be_visible()
    screenshot(bill, "money-payment")

    cora.reload()
    expect(cora.get_by_text("Paid, thank you").first).to_be_visible()
    expect(cora.get_by_text(str(payment.number)).first).to_be_visible()
    cora.goto("/billing/")
    expect(cora.get_by_text("€31.00").first).to_be_visible()
    cora.goto("/billing/payments/")
    screenshot(cora, "money-payments-of-cora")
    cora.get_by_role("link", name=str(payment.number)).first.click()
    expect(cora.get_by_text("Thanks for the skip")).to_be_visible()
    cora.goto("/billing/statement/")
    expect(cora.get_by_text("€31.00").first).to_be_visible()
    screenshot(cora, "money-statement")

    for stranger in (cast.carl, cast.colm):
        theirs: Page = page_for(stranger)
        for address in (f"/billing/payments/{payment.reference}/", f"/billing/invoices/{invoice.number}/"):
            answer = theirs.goto(address)
            assert answer is not None and answer.status in (403, 404)
    dana: Page = page_for(cast.dana)
    answer = dana.goto(f"/admin/billing/payment/{payment.pk}/change/")
    assert answer is not None and answer.status == 403
    dana.goto(f"/admin/billing/invoice/{invoice.pk}/change/")
    expect(dana.get_by_text(str(payment.number))).to_have_count(0)
    assert broken() == {}
