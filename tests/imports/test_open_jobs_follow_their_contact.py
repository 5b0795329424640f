"""A file of customers names new contacts: its check counts the open jobs that name the old, and Ines decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Contact, Customer
from console.errors import NotAllowed
from imports.choices import Existing, RecordKind
from imports.services import commit_run, start_undo
from jobs.models import Job
from jobs.services import update_job
from tests.factories import make_job, make_user

SHEET = "Customer number,Name,Contact,E-mail\nC-1,Acme Builders,Nora North,nora@acme.example\n"
HOW = {"kind": RecordKind.CUSTOMERS, "existing": Existing.UPDATE}


@pytest.fixture
def jobs(cast: Any) -> list[Job]:
    Customer.objects.filter(pk=cast.acme.pk).update(external_id="C-1")
    Contact.objects.filter(customer=cast.acme).delete()
    sam = {"name": "Sam Site", "email": "sam@acme.example", "phone": "+49 151 5550101"}
    Contact.objects.create(customer=cast.acme, is_site_contact=True, **sam)
    make_job(cast.cedar, cast.exchange, by=cast.dana, contact_email="sam@acme.example")
    return [make_job(cast.acme, cast.exchange, by=cast.dana) for _ in range(2)]


def addresses(cast: Any) -> set[str]:
    return set(Job.objects.filter(customer=cast.acme).values_list("contact_email", flat=True))


def test_the_check_foresees_how_many(cast, jobs, checked):
    assert checked(SHEET, by=cast.ines, **HOW).report["open_jobs"] == 2


def test_it_asks_whether_they_follow(cast, jobs, checked, sign_in):
    run = checked(SHEET, by=cast.ines, **HOW)
    client = sign_in(cast.ines)
    assert "2</span><span>open jobs name a contact as it was" in client.get(
        reverse("admin:imports_importrun_change", args=[run.pk])
    ).content.decode().replace("\n", "")
    dialog = client.get(reverse("admin:imports_importrun_commit", args=[run.pk])).content.decode()
    assert "Open jobs that name a contact as it was" in dialog
    assert "2 jobs. Their messages and portal links go to whom they name." in dialog


def test_they_stay_when_nobody_says_so(cast, jobs, imported):
    imported(SHEET, by=cast.ines, **HOW)
    assert addresses(cast) == {"sam@acme.example"}


def test_they_follow_when_somebody_does(cast, jobs, imported):
    run = imported(SHEET, by=cast.ines, commit={"change_open_jobs": True}, **HOW)
    assert run.changed == 1 and addresses(cast) == {"nora@acme.example"}
    assert Job.objects.filter(customer=cast.acme).first().contact_name == "Nora North"


def test_the_strangers_job_stays(cast, jobs, imported):
    imported(SHEET, by=cast.ines, commit={"change_open_jobs": True}, **HOW)
    assert Job.objects.get(customer=cast.cedar).contact_email == "sam@acme.example"


def test_the_undo_takes_them_back(cast, jobs, imported):
    run = imported(SHEET, by=cast.ines, commit={"change_open_jobs": True}, **HOW)
    start_undo(run, by=cast.ines)
    assert addresses(cast) == {"sam@acme.example"}
    assert Job.objects.matching("sam@acme").filter(customer=cast.acme).count() == 2


def test_the_undo_leaves_what_somebody_corrected_since(cast, jobs, imported):
    run = imported(SHEET, by=cast.ines, commit={"change_open_jobs": True}, **HOW)
    update_job(jobs[0], {"contact_email": "office@acme.example"}, by=cast.dana)
    start_undo(run, by=cast.ines)
    assert addresses(cast) == {"sam@acme.example", "office@acme.example"}


def test_whoever_changes_no_jobs_is_not_told_and_is_refused(cast, jobs, checked):
    clerk = make_user("clerk@harbour.example", is_staff=True, phone="+49 151 5550144")
    rights = ("add_importrun", "change_importrun", "view_importrun", "add_customer", "change_customer")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    run = checked(SHEET, by=clerk, **HOW)
    assert run.report["open_jobs"] == 0
    with pytest.raises(NotAllowed, match="may not change jobs"):
        commit_run(run, by=clerk, change_open_jobs=True)
