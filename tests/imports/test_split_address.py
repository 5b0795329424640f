"""An address that stands in one cell becomes street, postcode and town, where the person says so."""

from __future__ import annotations

from accounts.models import Location

FILE = "customer,address\nNew Bakery,12 Harbour Road; 20457 Hamburg\n"


def test_ines_has_the_address_taken_apart(cast, imported):
    columns = {"name": {"from": ["customer"]}, "street": {"from": ["address"], "split": True}}
    imported(FILE, by=cast.ines, kind="customers", columns=columns)
    place = Location.objects.get(customer__name="New Bakery")
    assert (place.street, place.postcode, place.city) == ("12 Harbour Road", "20457", "Hamburg")


def test_a_column_of_its_own_counts_before_what_was_taken_apart(cast, imported):
    text = "customer,address,town\nNew Bakery,12 Harbour Road; 20457 Hamburg,Altona\n"
    columns = {
        "name": {"from": ["customer"]},
        "street": {"from": ["address"], "split": True},
        "city": {"from": ["town"]},
    }
    imported(text, by=cast.ines, kind="customers", columns=columns)
    place = Location.objects.get(customer__name="New Bakery")
    assert (place.postcode, place.city) == ("20457", "Altona")


def test_unless_she_says_so_it_stays_in_one_piece(cast, imported):
    imported(FILE, by=cast.ines, kind="customers")
    assert Location.objects.get(customer__name="New Bakery").street == "12 Harbour Road; 20457 Hamburg"


def test_one_that_cannot_be_taken_apart_for_sure_stays_whole_and_is_told(cast, imported):
    columns = {"name": {"from": ["customer"]}, "street": {"from": ["address"], "split": True}}
    text = "customer,address\nNew Bakery,20457 Bad Homburg Hauptstr. 12a\n"
    run = imported(text, by=cast.ines, kind="customers", columns=columns)
    assert Location.objects.get(customer__name="New Bakery").street == "20457 Bad Homburg Hauptstr. 12a"
    assert run.report["notes"] == [["has an address whose parts cannot be told apart: it stays whole", 1]]
