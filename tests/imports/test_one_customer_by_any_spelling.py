"""A customer is the same customer however her name was typed or copied, by every way in."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer, CustomerLink
from accounts.services import make_token
from accounts.services.named_customers import NewCustomer, find_or_create_customers
from audit.normal_form import normal_form
from imports.choices import Existing, RecordKind
from jobs.models import Job
from jobs.services import create_job_for
from tests.api.conftest import Program
from tests.factories import make_customer

SPELLINGS = [
    "Müller & Söhne Bau",
    "MÜLLER & SÖHNE BAU",
    "müller  &  söhne bau",
    "Müller\u00a0& Söhne\u202fBau",
    "Mu\u0308ller & So\u0308hne Bau",
    "\ufeffMüller & Söhne Bau\u200b",
    "Mül\u00adler & Söhne Bau",
    "\u202aMüller & Söhne Bau\u202c",
    " Müller & Söhne\tBau ",
]


def by_a_file_of_jobs(name: str, cast: Any, imported: Any) -> None:
    imported(f'ID,Service,Customer\nA-1,Skip exchange,"{name}"\n', by=cast.ines)


def by_a_file_of_customers(name: str, cast: Any, imported: Any) -> None:
    text = f'Name,Notes\n"{name}",Rings twice\n'
    run = imported(text, by=cast.ines, kind=RecordKind.CUSTOMERS, existing=Existing.UPDATE)
    assert (run.made, run.changed) == (0, 1)


def by_a_file_of_people(name: str, cast: Any, imported: Any) -> None:
    imported(f'E-mail,Name,Customer\nvera@example.com,Vera,"{name}"\n', by=cast.olivia, kind=RecordKind.PORTAL_USERS)
    assert CustomerLink.objects.get(portal_user__user__email="vera@example.com").customer.name == SPELLINGS[0]


def by_the_api(name: str, cast: Any, imported: Any) -> None:
    program = Program(*make_token(name="Test", by=None, user=cast.dana, scopes=("jobs.write",)))
    answer = program.post("/jobs", {"template": "skip-exchange", "customer": {"name": name}})
    assert answer.json()["customer"]["name"] == SPELLINGS[0]


def by_the_form_of_a_job(name: str, cast: Any, imported: Any) -> None:
    with pytest.raises(ValidationError, match="is there already"):
        create_job_for(name, {"template": cast.exchange}, by=cast.dana)


def in_a_set(name: str, cast: Any, imported: Any) -> None:
    both = find_or_create_customers([NewCustomer(name), NewCustomer(SPELLINGS[0])], by=cast.dana)
    assert both[0].pk == both[1].pk


WAYS_IN = [
    by_a_file_of_jobs, by_a_file_of_customers, by_a_file_of_people, by_the_api, by_the_form_of_a_job, in_a_set,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", SPELLINGS, ids=ascii)
def test_no_second_customer_is_made(cast, imported, way, name):
    customer = make_customer(SPELLINGS[0])
    way(name, cast, imported)
    assert Customer.objects.filter(name_key=name).get() == customer
    assert set(Job.objects.values_list("customer", flat=True)) <= {customer.pk}


@pytest.mark.parametrize("name", SPELLINGS, ids=ascii)
def test_her_name_is_kept_as_it_was_typed_without_what_nobody_sees(cast, name):
    kept = make_customer(name)
    kept.refresh_from_db()
    assert kept.name.lower() == SPELLINGS[0].lower()
    assert kept.history.get().name == kept.name


def test_a_name_written_to_many_takes_its_forms_along(cast):
    Customer.objects.filter(pk=cast.cedar.pk).update(name="Zeder\u00a0Schule")
    assert Customer.objects.get(name_key="zeder schule") == cast.cedar
    cast.cedar.name = "Cedar School"
    cast.cedar.save(update_fields=["name"])
    assert Customer.objects.get(name_key="CEDAR SCHOOL") == cast.cedar


def test_another_name_makes_another_customer(cast, imported):
    make_customer("Muller & Sohne Bau")
    by_a_file_of_jobs(SPELLINGS[0], cast, imported)
    assert Customer.objects.filter(name_key=SPELLINGS[0]).count() == 1


@pytest.mark.parametrize("name", ["Skip\u00a0exchange", "SKIP EXCHANGE", "Skip ex\u00adchange", "Skip\u200b  exchange"])
def test_a_template_and_a_worker_are_found_in_a_file_as_well(cast, imported, name):
    cast.theo.name = "Théo  Weiß"
    cast.theo.save()
    run = imported(f'ID,Service,Customer,Worker\nA-1,"{name}",Acme Builders,The\u0301o WEISS\n', by=cast.ines)
    assert run.made == 1, run.report["problems"]
    job = Job.objects.get()
    assert (job.template, job.worker) == (cast.exchange, cast.theo)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_she_is_called_the_database_finds_her_by_every_form_of_it(db, name):
    with transaction.atomic():
        customer = Customer.objects.create(name=name)
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            typed = f"\u00a0{unicodedata.normalize(form, name)}\u200b "
            assert Customer.objects.filter(name_key=typed, pk=customer.pk).exists()
        customer.refresh_from_db()
        assert customer.name_key == normal_form(name)
        transaction.set_rollback(True)
