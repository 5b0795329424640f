"""A database from before: names that are the same now go on, nothing is lost, and everything is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Customer, Label, User, Worker
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.jobs.test_upgrade_of_links import migrate

BEFORE = [
    ("accounts", "0021_tokens_from_jobs"),
    ("templates_app", "0005_words_of_constraints"),
    ("jobs", "0021_tokens_move_to_accounts"),
]


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def test_names_that_become_equal_stay_and_the_oldest_is_found(before):
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
        number="J-1", customer=one, address="Wexstraße 1", contact_phone="0171 5550133", search_text="j-1 wexstraße 1"
    )
    migrate()

    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == ["Müller Bau", "MÜLLER BAU"]
    assert Customer.objects.filter(name_key="müller bau").count() == 2
    found = Label.objects.order_by("pk").values_list("name", "is_double")
    assert list(found) == [("VIP", False), ("vip", True), ("Late payer", False)]
    assert [label.name for label in Customer.objects.get(pk=other.pk).labels.all()] == ["vip"]
    assert list(JobTemplate.objects.order_by("pk").values_list("name", "is_double")) == [
        ("Skip exchange", False), ("Skip exchange", True),
    ]  # fmt: skip
    assert Worker.objects.get(name_key="THEO WEISS", phone_search__contains="+49 171 5550133")
    assert User.objects.get(name_search__contains="gross").full_name == "Vera Groß"
    assert [job.number for job in Job.objects.matching("müller wexstrasse 0171/5550133")] == ["J-1"]
    with pytest.raises(ValidationError):
        Label(name="Vip").full_clean()
    # A double can be saved as it is, and be renamed.
    Label.objects.get(pk=double.pk).full_clean()
    Label.objects.get(pk=double.pk).save()
    assert late.pk
