from __future__ import annotations

import pytest

from accounts.models import Customer
from console.errors import NotAllowed
from imports.choices import Existing, RecordKind, RunState
from imports.services import start_undo
from imports.services.mappings import column_names
from tests.factories import make_job

SHEET = """Customer number,Name,Contact,E-mail,Address,Postcode,Town,Billing email,Terms,Tags
C-1,Delta Docks,Pia,pia@delta.example,Kai 3,20457,Hamburg,bills@delta.example,30,"port, monthly"
C-2,Echo Events,,desk@echo.example,Messe 1,20357,Hamburg,,COD,
C-3,Foxtrot Farm,,,,,,,99,
"""


def test_customers_come_with_contacts_location_terms_and_labels(cast, imported):
    run = imported(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS)
    assert (run.state, run.made, run.failed) == (RunState.FINISHED, 2, 1)
    delta = Customer.objects.get(external_id="C-1")
    assert delta.payment_terms == 30
    assert delta.contacts.get(is_site_contact=True).email == "pia@delta.example"
    assert delta.contacts.get(is_billing_contact=True).email == "bills@delta.example"
    assert delta.locations.get().address == "Kai 3, 20457 Hamburg"
    assert {label.name for label in delta.labels.all()} == {"port", "monthly"}


def test_terms_we_do_not_have_are_named(cast, checked):
    run = checked(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS)
    [group] = run.report["problems"]
    assert column_names(run, by=cast.ines).of(group["column"]) == "Payment terms (Terms)"
    assert group["column"] == "payment_terms" and group["rows"] == [[4, "99"]]


def test_the_same_file_twice_makes_no_second_customer(cast, imported, checked):
    imported(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS)
    assert checked(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS).report["counts"]["made"] == 0


def test_update_changes_what_differs_and_undo_takes_it_back(cast, imported):
    imported(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS)
    later = SHEET.replace("pia@delta.example", "new@delta.example").replace("Echo Events", "Echo Events Ltd")
    run = imported(later, by=cast.ines, kind=RecordKind.CUSTOMERS, existing=Existing.UPDATE)
    assert run.changed == 2
    delta = Customer.objects.get(external_id="C-1")
    assert delta.contacts.get(is_site_contact=True).email == "new@delta.example"
    start_undo(run, by=cast.ines)
    assert delta.contacts.get(is_site_contact=True).email == "pia@delta.example"
    assert Customer.objects.get(external_id="C-2").name == "Echo Events"


def test_undo_keeps_customers_that_have_jobs(cast, imported):
    run = imported(SHEET, by=cast.ines, kind=RecordKind.CUSTOMERS)
    make_job(Customer.objects.get(external_id="C-1"), cast.exchange, by=cast.dana)
    run = start_undo(run, by=cast.ines)
    assert run.undo_report["removed"] == 1 and run.undo_report["why"][0][0] == "Delta Docks"
    assert Customer.objects.filter(external_id="C-1").exists()


def test_nell_imports_no_customers(cast, upload):
    with pytest.raises(NotAllowed):
        upload(SHEET, by=cast.nell, kind=RecordKind.CUSTOMERS)
