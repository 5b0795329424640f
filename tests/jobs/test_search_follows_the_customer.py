"""Jobs are found by the name their customer has now, whatever gave it: every source of a change, one table."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import Customer
from accounts.services import make_token
from audit.derived import derivations
from console.taking_back import take_back_request
from imports.choices import Existing, RecordKind
from imports.services import check_run, commit_run, guess_mapping, set_mapping, start_undo, upload_file, work_on_run
from jobs.models import Job
from permissions.services.merging import merge_customers
from tests.api.conftest import Program
from tests.console.forms import filled
from tests.factories import make_job


def in_the_console(cast: Any, sign_in: Any) -> None:
    olivia = sign_in(cast.olivia)
    url = reverse("admin:accounts_customer_change", args=[cast.acme.pk])
    answer = olivia.post(url, filled(olivia.get(url)) | {"name": "Zenith Works"})
    assert answer.status_code == 302, answer.context["errors"]


def by_the_api(cast: Any, sign_in: Any) -> None:
    program = Program(*make_token(name="Test", by=None, user=cast.dana, scopes=("customers.write", "customers.read")))
    answer = program.patch(f"/customers/{cast.acme.pk}", {"name": "Zenith Works"})
    assert answer.status_code == 200, answer.content


def _imported(cast: Any) -> Any:
    Customer.objects.filter(pk=cast.acme.pk).update(external_id="C-1")
    file = ContentFile(b"Customer number,Name,Town\nC-1,Zenith Works,Hamburg\n", name="customers.csv")
    run = upload_file(file, by=cast.ines, kind=RecordKind.CUSTOMERS)
    run = set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines, existing=Existing.UPDATE)
    run = commit_run(check_run(run, by=cast.ines), by=cast.ines)
    work_on_run(run.pk)
    run.refresh_from_db()
    return run


def by_an_import(cast: Any, sign_in: Any) -> None:
    _imported(cast)


def by_a_merge_that_takes_the_other_name(cast: Any, sign_in: Any) -> None:
    other = Customer.objects.create(name="Zenith Works")
    merge_customers(cast.acme, other, choices={"name": "drop"}, by=cast.olivia)


def by_a_merge_into_another(cast: Any, sign_in: Any) -> None:
    merge_customers(Customer.objects.create(name="Zenith Works"), cast.acme, by=cast.olivia)


SOURCES = [in_the_console, by_the_api, by_an_import, by_a_merge_that_takes_the_other_name, by_a_merge_into_another]


def found(words: str) -> int:
    return Job.objects.matching(words).count()


@pytest.fixture
def job(cast: Any) -> Job:
    return make_job(cast.acme, cast.exchange, by=cast.dana)


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.__name__)
def test_dana_finds_it_by_the_new_name_and_not_by_the_old(cast, sign_in, job, source):
    assert (found("builders"), found("zenith")) == (1, 0)
    source(cast, sign_in)
    assert (found("builders"), found("zenith")) == (0, 1)


def test_taking_the_change_back_takes_its_words_back(cast, sign_in, job):
    in_the_console(cast, sign_in)
    request_id = cast.acme.history.first().request_id
    take_back_request(request_id, by=cast.olivia)
    assert (found("builders"), found("zenith")) == (1, 0)


def test_so_does_the_undo_of_an_import(cast, sign_in, job):
    run = _imported(cast)
    assert found("zenith") == 1
    start_undo(run, by=cast.ines)
    assert (found("builders"), found("zenith")) == (1, 0)


def test_the_job_of_another_customer_is_left_alone(cast, sign_in, job):
    make_job(cast.cedar, cast.exchange, by=cast.dana)
    in_the_console(cast, sign_in)
    assert found(cast.cedar.name) == 1


def test_a_change_of_anything_else_writes_no_job(cast, job, django_assert_num_queries):
    cast.acme.notes = "Rings at noon"
    # Itself, its history, what that leaves out (the forms of its name), the labels it has there.
    with django_assert_num_queries(4):
        cast.acme.save(update_fields=["notes"])


def test_what_is_derived_names_fields_that_there_are():
    for one in derivations():
        assert {field.name for field in one.source._meta.get_fields()} >= set(one.fields)
