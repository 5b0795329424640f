"""A new name makes a customer; an existing one is used, and brought up to date only when the person says so."""

from __future__ import annotations

import pytest

from accounts.models import Contact, Customer
from jobs.models import Job
from tests.console.forms import filled
from tests.console.people import narrow

ADD = "/admin/jobs/job/add/?template=skip-exchange"
JANE = {"contact_name": "Jane", "contact_email": "jane@acme.example", "contact_phone": "0151 5550000"}


def make(client, **answers):
    data = filled(client.get(ADD)) | JANE | {key: str(value) for key, value in answers.items()}
    return client.post(ADD, data, follow=True)


def site_of(customer):
    return Contact.objects.get(customer=customer, is_site_contact=True)


def test_an_existing_customer_is_used_as_it_stands(cast, sign_in):
    before = site_of(cast.acme)
    make(sign_in(cast.dana), customer_use="use", customer=cast.acme.pk)
    job = Job.objects.get()
    assert (job.customer, job.contact_email) == (cast.acme, "jane@acme.example")
    after = site_of(cast.acme)
    assert (after.name, after.email) == (before.name, before.email) and after.history.count() == before.history.count()


def test_it_is_brought_up_to_date_when_she_says_so(cast, sign_in):
    page = make(sign_in(cast.dana), customer_use="update", customer=cast.acme.pk, contact_phone="").content.decode()
    after = site_of(cast.acme)
    assert (after.name, after.email) == ("Jane", "jane@acme.example")
    assert "The site contact of Acme Builders is what this job says." in page
    row = after.history.first()
    assert (row.history_user, row.request_id) == (cast.dana, Job.objects.get().history.get().request_id)


def test_what_is_left_empty_stays_in_the_customer(cast, sign_in):
    contact = site_of(cast.acme)
    contact.phone = "040 1"
    contact.save()
    make(sign_in(cast.dana), customer_use="update", customer=cast.acme.pk, contact_phone="")
    assert site_of(cast.acme).phone == "040 1"


def test_a_new_name_makes_a_customer_with_the_contact_of_the_job(cast, sign_in):
    page = make(sign_in(cast.dana), customer_use="create", new_customer="  Dune   Cafe ").content.decode()
    made = Customer.objects.get(name="Dune Cafe")
    contact = site_of(made)
    assert (contact.name, contact.email, contact.phone) == ("Jane", "jane@acme.example", "0151 5550000")
    assert Job.objects.get().customer == made and made.history.get().history_user == cast.dana
    assert "Dune Cafe is a new customer now." in page


def test_one_without_contact_details_gets_no_contact(cast, sign_in):
    make(sign_in(cast.dana), customer_use="create", new_customer="Dune", **dict.fromkeys(JANE, ""))
    assert not Customer.objects.get(name="Dune").contacts.exists()


def test_a_name_that_is_there_is_pointed_out_and_nothing_is_made(cast, sign_in):
    page = make(sign_in(cast.dana), customer_use="create", new_customer="ACME builders").content.decode()
    assert "“Acme Builders” is there already. Use it," in page and "jane@acme.example" in page
    assert not Job.objects.exists() and Customer.objects.filter(name__iexact="acme builders").count() == 1


def test_an_archived_one_is_pointed_out_as_such(cast, sign_in):
    from accounts.services.customers import archive_customer

    archive_customer(cast.birch, by=cast.dana)
    page = make(sign_in(cast.dana), customer_use="create", new_customer=cast.birch.name).content.decode()
    assert "is there already, archived" in page and not Job.objects.exists()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"customer_use": "use", "customer": ""}, "For whom is it? Choose the customer."),
        ({"customer_use": "create", "new_customer": " "}, "What is the new customer called?"),
        ({"customer_use": "steal"}, "steal"),
    ],
)
def test_what_is_missing_is_asked_for(cast, sign_in, answers, words):
    assert words in make(sign_in(cast.dana), **answers).content.decode()
    assert not Job.objects.exists()


def test_nothing_to_write_into_it_is_said(cast, sign_in):
    answers = {"customer_use": "update", "customer": cast.acme.pk, **dict.fromkeys(JANE, "")}
    assert "There is nothing to write into the customer" in make(sign_in(cast.dana), **answers).content.decode()


def test_no_customer_is_left_behind_when_the_job_is_refused(cast, sign_in):
    make(sign_in(cast.dana), customer_use="create", new_customer="Dune", duration_minutes="-1")
    assert not Customer.objects.filter(name="Dune").exists() and not Job.objects.exists()


def test_a_narrowed_dispatcher_makes_no_customers(cast, sign_in):
    narrow(cast.dana, cast.acme)
    dana = sign_in(cast.dana)
    assert "create" not in dict(dana.get(ADD).context["adminform"].form.fields["customer_use"].choices)
    make(dana, customer_use="create", new_customer="Dune")
    assert not Customer.objects.filter(name="Dune").exists() and not Job.objects.exists()


def test_the_name_given_on_the_first_page_is_carried_on(cast, sign_in):
    form = sign_in(cast.dana).get(ADD + "&new_customer=Dune").context["adminform"].form
    assert (form["customer_use"].value(), form["new_customer"].value()) == ("create", "Dune")


@pytest.mark.parametrize("person", ["sam", "nell"])
def test_who_makes_no_jobs_makes_no_customers_by_them(cast, sign_in, person):
    answer = sign_in(getattr(cast, person)).post(ADD, {"customer_use": "create", "new_customer": "Dune", **JANE})
    assert answer.status_code == 403 and not Customer.objects.filter(name="Dune").exists()
