"""A tax that is off, or of another country, is said by name; the form offers those that can be used."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.choices import TaxCategory
from billing.models import Invoice, InvoiceLine, TaxCode
from billing.services import WantedLine, change_invoice, install_taxes, make_invoices, post_invoice, save_tax_code
from console.errors import Refused
from templates_app.choices import Unit
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(cast: Cast) -> Invoice:
    set_up_billing()
    bill_to(cast.acme)
    install_taxes("FR", by=None)
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "60")).pk], by=cast.bill).invoices
    return invoice


def switch_off(code: TaxCode) -> TaxCode:
    code.is_active = False
    return save_tax_code(code, [], by=None)


def test_a_tax_that_was_switched_off_is_named_with_what_to_do(cast: Cast, pending: Invoice) -> None:
    code = switch_off(pending.lines.get().tax_code)
    with pytest.raises(Refused, match=rf"{code.code}.* is no longer in use\. Choose another tax for its lines"):
        post_invoice(pending, by=cast.bill)


def test_a_tax_of_another_country_is_named(cast: Cast, pending: Invoice) -> None:
    french = TaxCode.objects.get(country="FR", tax_class="standard")
    line = WantedLine(None, "Hour", Decimal(1), Unit.PIECE, Decimal(60), french)
    with pytest.raises(Refused, match="is a tax of France"):
        change_invoice(pending, {}, by=cast.bill, lines=[line])


def test_bill_is_offered_what_can_be_used_and_what_is_there(cast: Cast, sign_in: Any, pending: Invoice) -> None:
    used = switch_off(pending.lines.get().tax_code)
    page = sign_in(cast.bill).get(reverse("admin:billing_invoice_change", args=[pending.pk]))
    formset = page.context["inline_admin_formsets"][0].formset
    offered = {key for key, _name in formset.forms[0].fields["tax_code"].choices if key}
    home = set(TaxCode.objects.filter(country="DE", is_active=True).values_list("pk", flat=True))
    assert offered == home | {used.pk}


def test_two_taxes_of_one_rate_print_each_reason_once(cast: Cast, pending: Invoice) -> None:
    exempt = [
        save_tax_code(
            TaxCode(code=code, name="MwSt.", country="DE", category=TaxCategory.EXEMPT, reason=reason), [], by=None
        )
        for code, reason in (("de-one", "Letting, § 4 no. 12."), ("de-two", "Insurance, § 4 no. 10."))
    ]
    lines = [WantedLine(None, "x", Decimal(1), Unit.PIECE, Decimal(5), code) for code in [*exempt, exempt[0]]]
    invoice = change_invoice(pending, {}, by=cast.bill, lines=lines)
    [group] = invoice.tax_groups
    assert (group["reason"], group["name"]) == ("Letting, § 4 no. 12.; Insurance, § 4 no. 10.", "MwSt.")
    assert InvoiceLine.objects.filter(invoice=invoice).count() == 3
