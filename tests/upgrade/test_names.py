"""A database from before: names that are the same now go on, nothing is lost, and everything is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.migrations.state import StateApps

from accounts.models import Customer, Label, User, Worker
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.upgrade.installation import Story


def fill(before: StateApps) -> Any:
    customers, labels = before.get_model("accounts", "Customer").objects, before.get_model("accounts", "Label").objects
    templates = before.get_model("templates_app", "JobTemplate").objects
    one, other = (customers.create(name=name) for name in ("Müller\u00a0Bau", "MÜLLER  BAU"))
    vip, double, late = (labels.create(name=name) for name in ("VIP", "vip\u200b", "Late payer"))
    one.labels.add(vip)
    other.labels.add(double)
    templates.create(name="Skip exchange", slug="a")
    templates.create(name="Skip  exchange", slug="b")
    before.get_model("accounts", "Worker").objects.create(name="Theo\u00a0Weiß", phone="0171/5550133")
    before.get_model("accounts", "User").objects.create(email="v@example.com", full_name=" Vera Groß")
    before.get_model("jobs", "Job").objects.create(
        number="N-1", customer=one, address="Wexstraße 1", contact_phone="0171 5550133", search_text="n-1 wexstraße 1"
    )
    return {"customers": [one.pk, other.pk], "labels": [vip.pk, double.pk, late.pk]}


STORY = Story(
    at=(
        ("accounts", "0021_tokens_from_jobs"),
        ("templates_app", "0005_words_of_constraints"),
        ("jobs", "0021_tokens_move_to_accounts"),
    ),
    fill=fill,
)


def test_names_that_become_equal_stay_and_the_oldest_is_found(upgraded):
    customers = Customer.objects.filter(pk__in=upgraded["customers"]).order_by("pk")
    assert list(customers.values_list("name", flat=True)) == ["Müller Bau", "MÜLLER BAU"]
    assert Customer.objects.filter(name_key="müller bau").count() == 2
    found = Label.objects.order_by("pk").values_list("name", "is_double")
    assert list(found) == [("VIP", False), ("vip", True), ("Late payer", False)]
    assert [label.name for label in customers[1].labels.all()] == ["vip"]
    assert list(JobTemplate.objects.order_by("pk").values_list("name", "is_double")) == [
        ("Skip exchange", False), ("Skip exchange", True),
    ]  # fmt: skip
    assert Worker.objects.get(name_key="THEO WEISS", phone_search__contains="+49 171 5550133")
    assert User.objects.get(name_search__contains="gross").full_name == "Vera Groß"
    assert [job.number for job in Job.objects.matching("müller wexstrasse 0171/5550133")] == ["N-1"]
    with pytest.raises(ValidationError):
        Label(name="Vip").full_clean()
    # A double can be saved as it is, and be renamed.
    Label.objects.get(pk=upgraded["labels"][1]).full_clean()
    Label.objects.get(pk=upgraded["labels"][1]).save()
