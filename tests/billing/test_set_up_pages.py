"""What Olivia sets up before anything can be billed, and what Bill keeps of each customer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from billing.models import BillingProfile, BillingSettings, NumberSeries, TaxCode
from billing.services import make_invoices, post_invoice
from tests.billing.making import SELLER, bill_to, order, set_up_billing
from tests.conftest import Cast
from tests.console.forms import filled

pytestmark = pytest.mark.django_db
SETTINGS = "/admin/billing/billingsettings/1/change/"


def form_of(answer: Any) -> dict[str, Any]:
    marks = dict(re.findall(r'name="(_once|_seen)" value="([^"]*)"', answer.content.decode()))
    return filled(answer) | marks


def test_olivia_is_told_what_is_missing_and_fills_it_in(cast: Cast, sign_in: Any) -> None:
    olivia = sign_in(cast.olivia)
    page = olivia.get(SETTINGS)
    text = page.content.decode()
    assert "Still missing before anything can be posted" in text and 'href="#id_seller_name"' in text
    answer = olivia.post(SETTINGS, form_of(page) | SELLER)
    assert answer.status_code == 302, answer.context["errors"]
    assert BillingSettings.load().seller_name == SELLER["seller_name"]
    assert TaxCode.objects.filter(country="DE").exists() and NumberSeries.objects.exists()
    assert "Ready: invoices can be posted." in olivia.get(SETTINGS).content.decode()


def test_bill_reads_the_settings_and_changes_nothing(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill = sign_in(cast.bill)
    assert "Harbour Bins GmbH" in bill.get(SETTINGS).content.decode()
    assert bill.post(SETTINGS, SELLER | {"seller_name": "Bill's"}).status_code == 403
    assert bill.get("/admin/billing/numberseries/").status_code == 200
    assert bill.get("/admin/billing/numberseries/add/").status_code == 403
    assert bill.get("/admin/billing/taxcode/add/").status_code == 403


def test_a_number_series_shows_an_example_and_keeps_a_used_pattern(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    series = NumberSeries.objects.get(kind="invoice")
    olivia = sign_in(cast.olivia)
    address = reverse("admin:billing_numberseries_change", args=[series.pk])
    page = olivia.get(address)
    assert series.example in page.content.decode()
    before = form_of(page)
    [invoice] = make_invoices([order(cast.acme).pk], by=cast.bill).invoices
    post_invoice(invoice, by=cast.bill)
    assert 'name="pattern"' not in olivia.get(address).content.decode()
    olivia.post(address, before | {"pattern": "X-{year}-{number}"})
    series.refresh_from_db()
    assert series.pattern == "R-{year}-{number}"


def test_olivia_adds_a_rate_to_a_tax(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    code = TaxCode.objects.get(code="de-standard")
    olivia = sign_in(cast.olivia)
    address = reverse("admin:billing_taxcode_change", args=[code.pk])
    data = form_of(olivia.get(address))
    count = int(data["rates-TOTAL_FORMS"])
    data |= {
        "rates-TOTAL_FORMS": str(count + 1), f"rates-{count}-percent": "21", f"rates-{count}-valid_from": "2030-01-01",
        f"rates-{count}-id": "", f"rates-{count}-tax_code": str(code.pk),
    }  # fmt: skip
    answer = olivia.post(address, data)
    assert answer.status_code == 302, answer.context["errors"]
    assert str(code.rates.get(valid_from="2030-01-01").percent) == "21.00"


def test_a_customers_page_says_where_its_invoices_go_and_what_it_owes(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    bill_to(cast.acme)
    made = make_invoices([order(cast.acme).pk], by=cast.bill)
    invoice = post_invoice(made.invoices[0], by=cast.bill)
    order(cast.acme)
    page = sign_in(cast.bill).get(reverse("admin:accounts_customer_change", args=[cast.acme.pk])).content.decode()
    assert "1 Mill Lane" in page and "€142.80" in page and str(invoice.number) in page and "1 order" in page


def test_a_location_becomes_the_invoice_address(cast: Cast, sign_in: Any) -> None:
    place = cast.acme.locations.create(street="Yard 2", postcode="20457", city="Hamburg")
    bill = sign_in(cast.bill)
    button = reverse("admin:billing_billingprofile_address_of_location") + f"?location={place.pk}"
    assert button in bill.get(reverse("admin:accounts_customer_change", args=[cast.acme.pk])).content.decode()
    bill.post(button, {"_form_submitted": "1", "location": place.pk})
    profile = BillingProfile.objects.get(customer=cast.acme)
    assert (profile.street, profile.city) == ("Yard 2", "Hamburg")


def test_bill_saves_a_profile_and_is_told_of_a_wrong_vat_id(cast: Cast, sign_in: Any) -> None:
    set_up_billing()
    profile = bill_to(cast.acme)
    bill = sign_in(cast.bill)
    address = reverse("admin:billing_billingprofile_change", args=[profile.pk])
    data = form_of(bill.get(address)) | {"vat_id": "DE123456789", "standing_po": "PO 7"}
    assert "a digit differs" in bill.post(address, data).content.decode()
    answer = bill.post(address, form_of(bill.get(address)) | {"standing_po": "PO 7"})
    assert answer.status_code == 302 and f"/customer/{cast.acme.pk}/" in answer.url
    profile.refresh_from_db()
    assert profile.standing_po == "PO 7"
