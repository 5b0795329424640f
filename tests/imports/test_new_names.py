"""The check names whom a file would make, each with whom it may have meant, and one click says so for all its rows."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Customer, Label, User
from imports.choices import RecordKind
from imports.models import ImportMapping
from imports.services import commit_run, save_mapping, work_on_run
from jobs.models import Job
from permissions.models import CustomerGrant
from tests.factories import make_customer

JOBS = """ID,Service,Customer
1,Skip exchange,Acme Bilders
2,Skip exchange,ACME  BILDERS
3,Skip exchange,New Bakery
4,Skip exchange,Acme Builders
5,Skip exchang,Acme Builders
"""


def remedy(client, run, **data):
    answer = client.post(reverse("admin:imports_importrun_remedy", args=[run.pk]), data, follow=True)
    run.refresh_from_db()
    return answer.content.decode()


def told(run):
    return [(new["name"], new["rows"], new["near"] and new["near"]["name"]) for new in run.report["new_names"]]


def test_they_are_named_with_their_rows_and_the_nearest_there_is(cast, checked):
    run = checked(JOBS, by=cast.ines)
    assert told(run) == [("Acme Bilders", 2, "Acme Builders"), ("New Bakery", 1, None)]
    assert run.report["new_customers"] == 2


def test_a_template_that_is_not_there_is_told_with_its_nearest_too(cast, checked, sign_in):
    run = checked(JOBS, by=cast.ines)
    [group] = run.report["problems"]
    assert group["near"] == {"name": "Skip exchange", "ours": "Skip exchange"}
    page = sign_in(cast.ines).get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    assert "Did you mean Skip exchange?" in page


def test_one_click_says_it_for_all_rows_of_that_name(cast, checked, sign_in):
    run = checked(JOBS, by=cast.ines)
    ines = sign_in(cast.ines)
    page = ines.get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    assert "Did you mean Acme Builders?" in page and "New Bakery" in page
    page = remedy(ines, run, do="map", column="customer", theirs="Acme Bilders", ours="Acme Builders")
    assert "“Acme Bilders” now means “Acme Builders”." in page
    assert told(run) == [("New Bakery", 1, None)]
    work_on_run(commit_run(run, by=cast.ines).pk)
    assert Job.objects.filter(customer=cast.acme).count() == 3
    assert not Customer.objects.filter(name_key="Acme Bilders").exists()


def test_the_saved_mapping_remembers_it(cast, checked, sign_in):
    run = checked(JOBS, by=cast.ines)
    save_mapping("Depot", run, by=cast.ines)
    run.mapping_name = "Depot"
    run.save()
    remedy(sign_in(cast.ines), run, do="map", column="customer", theirs="Acme Bilders", ours="Acme Builders")
    saved = ImportMapping.objects.get(name="Depot")
    again = checked(JOBS, by=cast.ines, columns=saved.columns)
    assert told(again) == [("New Bakery", 1, None)]


def test_whoever_is_named_by_an_external_id_is_meant_by_hers(cast, checked, sign_in):
    cast.acme.external_id = "C-1"
    cast.acme.save()
    text = "ID,Service,Customer,Customer ID\n1,Skip exchange,Acme Bilders,C-01\n2,Skip exchange,Birch Hotels,C-02\n"
    run = checked(text, by=cast.ines)
    page = sign_in(cast.ines).get(reverse("admin:imports_importrun_change", args=[run.pk])).content.decode()
    # Birch has no external ID that a cell could say.
    assert page.count("Did you mean") == 2 and page.count('name="ours" value="C-1"') == 1
    remedy(sign_in(cast.ines), run, do="map", column="customer_id", theirs="C-01", ours="C-1")
    assert told(run) == [("Birch Hotels", 1, "Birch Hotel")]


def test_a_file_of_customers_names_new_customers_and_new_labels(cast, checked, sign_in):
    Label.objects.create(name="Late payer")
    text = "Name,Labels\nAcme Bilders,Late payers; VIP\nNew Bakery,VIP; late  PAYER\nCedar School,Other\n"
    run = checked(text, by=cast.ines, kind=RecordKind.CUSTOMERS)
    assert told(run) == [
        ("Acme Bilders", 1, "Acme Builders"), ("Late payers", 1, "Late payer"), ("VIP", 2, None),
        ("New Bakery", 1, None),
    ]  # fmt: skip
    remedy(sign_in(cast.ines), run, do="map", column="labels", theirs="Late payers", ours="Late payer")
    remedy(sign_in(cast.ines), run, do="map", column="name", theirs="Acme Bilders", ours="Acme Builders")
    assert told(run) == [("New Bakery", 1, None), ("VIP", 1, None)]
    work_on_run(commit_run(run, by=cast.ines).pk)
    labels = Customer.objects.get(name="New Bakery").labels
    assert set(labels.values_list("name", flat=True)) == {"VIP", "Late payer"}


def test_no_name_that_she_may_not_see_is_offered(cast, checked):
    make_customer("Cedar Kindergarten")
    granted = Permission.objects.get(codename="change_customer")
    CustomerGrant.objects.create(user=cast.ines, permission=granted, content_object=cast.acme)
    User.objects.filter(pk=cast.ines.pk).update(only_granted_customers=True)
    ines = User.objects.get(pk=cast.ines.pk)
    run = checked("E-mail,Name,Customer\nvera@example.com,Vera,Cedar Schol\n", by=ines, kind=RecordKind.PORTAL_USERS)
    assert "Cedar School" not in json.dumps(run.report)
    run = checked("E-mail,Name,Customer\nvera@example.com,Vera,Acme Bilders\n", by=ines, kind=RecordKind.PORTAL_USERS)
    assert run.report["problems"][0]["near"]["name"] == "Acme Builders"


def test_nor_one_of_a_customer_who_is_archived(cast, checked):
    from accounts.services import archive_customer

    archive_customer(cast.acme, by=cast.dana)
    assert told(checked(JOBS.replace("Acme Builders", "Birch Hotel"), by=cast.ines))[0] == ("Acme Bilders", 2, None)


def test_the_command_prints_them(cast, tmp_path, capsys):
    path = tmp_path / "jobs.csv"
    path.write_text(JOBS)
    with pytest.raises(Exception, match="1 row failed"):
        call_command("import_jobs", str(path), "--by", cast.ines.email, "--dry-run")
    printed = capsys.readouterr().out
    assert "new customer: “Acme Bilders” (row 2, 2 rows). Did you mean “Acme Builders”?" in printed
    assert "new customer: “New Bakery” (row 4, 1 row)\n" in printed
    assert "“Skip exchang” is not a template. Did you mean “Skip exchange”?" in printed
