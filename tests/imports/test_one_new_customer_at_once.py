"""An import and somebody else at once who name one customer nobody knew: she is made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from accounts.api.schemas import ContactIn, CustomerRef
from accounts.models import Customer
from accounts.services.named_customers import NewCustomer, find_or_create_customers
from imports.services import commit_run, work_on_run
from jobs.api.references import customer_of
from jobs.models import Job
from jobs.services import create_job_for
from tests.factories import make_customer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"),
]


def alone(action):
    try:
        return action()
    finally:
        connections.close_all()


@pytest.mark.parametrize("new", [NewCustomer("Newco"), NewCustomer("Newco", external_id="N-1")])
def test_the_second_waits_and_finds_her(cast, new):
    made, go_on = Event(), Event()

    def first():
        with transaction.atomic():
            [customer] = find_or_create_customers([new], by=cast.ines)
            made.set()
            assert go_on.wait(20)
            return customer

    def second():
        Timer(0.5, go_on.set).start()
        [customer] = find_or_create_customers([new], by=cast.olivia)
        return customer

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(alone, first)
        assert made.wait(20)
        other = pool.submit(alone, second)
        assert one.result(20) == other.result(20)
    assert Customer.objects.filter(name="Newco").count() == 1


def test_who_makes_her_with_a_job_by_form_waits_and_reads_that_she_is_there(cast):
    made, go_on = Event(), Event()

    def by_file():
        with transaction.atomic():
            find_or_create_customers([NewCustomer("Newco")], by=cast.ines)
            made.set()
            assert go_on.wait(20)

    def by_form():
        Timer(0.5, go_on.set).start()
        return create_job_for("Newco", {"template": cast.exchange}, by=cast.dana)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(alone, by_file)
        assert made.wait(20)
        other = pool.submit(alone, by_form)
        one.result(20)
        with pytest.raises(ValidationError, match="is there already"):
            other.result(20)
    assert Customer.objects.filter(name="Newco").count() == 1


def test_a_program_that_names_her_waits_and_finds_her(cast):
    made, go_on = Event(), Event()

    def by_file():
        with transaction.atomic():
            [customer] = find_or_create_customers([NewCustomer("Newco")], by=cast.ines)
            made.set()
            assert go_on.wait(20)
            return customer

    def by_program():
        Timer(0.5, go_on.set).start()
        with transaction.atomic():
            return customer_of(cast.olivia, CustomerRef(name="Newco"), ContactIn())

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(alone, by_file)
        assert made.wait(20)
        other = pool.submit(alone, by_program)
        assert one.result(20) == other.result(20)
    assert Customer.objects.filter(name="Newco").count() == 1


def test_two_runs_make_her_once(cast, checked):
    head = "Order number,Service,Customer\n"
    runs = [
        commit_run(checked(f"{head}{number},Skip exchange,Newco\n", by=cast.ines), by=cast.ines)
        for number in ("A-1", "B-1")
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: alone(lambda: work_on_run(run.pk)), runs))
    assert {job.customer.name for job in Job.objects.all()} == {"Newco"} and Job.objects.count() == 2
    assert Customer.objects.filter(name="Newco").count() == 1


def test_who_names_only_known_customers_waits_for_nobody(cast):
    acme = make_customer("Known")
    made, go_on = Event(), Event()

    def first():
        with transaction.atomic():
            find_or_create_customers([NewCustomer("Newco")], by=cast.ines)
            made.set()
            assert go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(alone, first)
        assert made.wait(20)
        other = pool.submit(alone, lambda: find_or_create_customers([NewCustomer("Known")], by=cast.olivia))
        try:
            assert other.result(5) == [acme]
        finally:
            go_on.set()
        one.result(20)
