"""A customer that an import made and an alert names is used: the undo leaves it, as it leaves a template, and says so.

Else the alert would be for all jobs; what deletes such a customer all the same switches it off.
"""

from __future__ import annotations

import pytest

from accounts.models import Customer
from imports.models import ImportRun
from imports.services import check_run, commit_run, start_undo, work_on_run
from tests.alerts.makers import make_alert

TEXT = "id,template,customer\n1,Skip exchange,Dove Dental\n2,Skip exchange,Eagle Eyes\n"


@pytest.fixture
def run(cast, checked):
    """Imported, with two customers that nobody knew."""
    run = checked(TEXT, by=cast.ines)
    commit_run(check_run(run, by=cast.ines), by=cast.ines)
    work_on_run(run.pk)
    return ImportRun.objects.get(pk=run.pk)


def test_the_customer_stays_and_so_does_the_alert(cast, run):
    dove = Customer.objects.get(name="Dove Dental")
    alert = make_alert(customers=[dove])
    run = start_undo(run, by=cast.olivia)
    assert list(Customer.objects.filter(name__in=["Dove Dental", "Eagle Eyes"])) == [dove]
    alert.refresh_from_db()
    assert alert.is_active and list(alert.customers.all()) == [dove]


def test_of_a_file_of_customers_it_is_named_with_its_use(cast, imported):
    run = imported("name\nDove Dental\nEagle Eyes\n", by=cast.ines, kind="customers")
    make_alert(customers=[Customer.objects.get(name="Dove Dental")])
    run = start_undo(run, by=cast.ines)
    assert ["Dove Dental", "used by: alert"] in run.undo_report["why"]
    assert list(Customer.objects.filter(name__in=["Dove Dental", "Eagle Eyes"]).values_list("name", flat=True)) == [
        "Dove Dental"
    ]
