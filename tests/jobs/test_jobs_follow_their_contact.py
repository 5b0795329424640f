"""Sam leaves Acme. Whoever writes Nora in his place is asked about the open jobs, and answers with one press."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Contact
from accounts.services import change_contacts, make_token
from console.errors import Refused
from console.taking_back import take_back_request
from jobs.models import Job
from jobs.services import complete_job, start_job
from permissions.services import grant
from tests.api.conftest import Program
from tests.console.forms import filled
from tests.factories import make_job, make_user

SAM = {"name": "Sam Site", "email": "sam@acme.example", "phone": "+49 151 5550101"}
NORA = {"contact_name": "Nora North", "contact_email": "nora@acme.example", "contact_phone": ""}


@pytest.fixture
def sam(cast: Any) -> Contact:
    Contact.objects.filter(customer=cast.acme).delete()
    return Contact.objects.create(customer=cast.acme, is_site_contact=True, **SAM)


@pytest.fixture
def jobs(cast: Any, sam: Contact) -> list[Job]:
    return [make_job(cast.acme, cast.exchange, by=cast.dana) for _ in range(3)]


def page(cast: Any) -> str:
    return reverse("admin:accounts_customer_change", args=[cast.acme.pk])


def save(client: Any, cast: Any, **facts: str) -> Any:
    """The customer's page sent back with other facts of its first contact, and whatever else."""
    url = page(cast)
    own = {"name", "email", "phone"} & set(facts)
    row = {f"contacts-0-{name}": facts.pop(name) for name in own}
    return client.post(url, filled(client.get(url)) | row | facts)


def answered(client: Any, cast: Any, answer: str, **facts: str) -> Any:
    requested = save(client, cast, **facts)
    assert requested.status_code == 200, "nobody asked"
    mark = requested.context["request"].shown_question["mark"]
    return save(client, cast, **facts, _question=mark, _answer=answer)


def addresses() -> list[str]:
    return sorted(set(Job.objects.values_list("contact_email", flat=True)))


def test_dana_is_asked_and_nothing_is_saved_yet(cast, sign_in, jobs):
    requested = save(sign_in(cast.dana), cast, email="nora@acme.example")
    text = requested.content.decode()
    assert "3 open jobs still name the contact as it was: change them too?" in text
    assert "Their messages and portal links go to sam@acme.example." in text
    assert "Please correct the error" not in text, "a question is no error"
    assert cast.acme.contacts.get().email == "sam@acme.example"


def test_yes_changes_each_of_them(cast, sign_in, jobs):
    answer = answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    assert answer.status_code == 302
    assert addresses() == ["nora@acme.example"]
    assert Job.objects.matching("nora@acme").count() == 3


def test_no_leaves_them_as_they_are(cast, sign_in, jobs):
    assert answered(sign_in(cast.dana), cast, "no", email="nora@acme.example").status_code == 302
    assert cast.acme.contacts.get().email == "nora@acme.example"
    assert addresses() == ["sam@acme.example"]


def test_each_job_tells_in_its_history_who_and_why(cast, sign_in, jobs):
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    for job in jobs:
        row = job.history.first()
        assert (row.history_user, row.history_change_reason) == (cast.dana, "The contact changed at the customer")
        assert job.events.last().data == {"fields": ["contact_email"]}


def test_it_is_taken_back_in_one_piece(cast, sign_in, jobs):
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    take_back_request(jobs[0].history.first().request_id, by=cast.olivia)
    assert addresses() == ["sam@acme.example"] and cast.acme.contacts.get().email == "sam@acme.example"


def test_what_is_over_keeps_whom_it_named(cast, sign_in, jobs):
    complete_job(start_job(jobs[0], by=cast.dana), by=cast.dana)
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    assert addresses() == ["nora@acme.example", "sam@acme.example"]


def test_a_job_that_names_somebody_else_is_left_alone(cast, sign_in, jobs):
    other = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Pat", contact_email="pat@acme.example")
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    other.refresh_from_db()
    assert other.contact_email == "pat@acme.example"


def test_a_telephone_of_the_jobs_own_stays(cast, sign_in, jobs):
    Job.objects.filter(pk=jobs[0].pk).update(contact_phone="+49 171 5550199")
    answered(sign_in(cast.dana), cast, "yes", phone="+49 151 5550102")
    said = sorted(Job.objects.values_list("contact_phone", flat=True))
    assert said == ["+49 151 5550102", "+49 151 5550102", "+49 171 5550199"]


def test_another_site_contact_takes_over(cast, sign_in, jobs):
    nora = {
        "contacts-TOTAL_FORMS": "2",
        "contacts-1-name": "Nora North",
        "contacts-1-email": "nora@acme.example",
        "contacts-1-is_site_contact": "on",
        "contacts-0-is_site_contact": "",
    }
    answer = answered(sign_in(cast.dana), cast, "yes", **nora)
    assert answer.status_code == 302
    assert Job.objects.filter(**NORA).count() == 3
    assert cast.acme.contacts.get(is_site_contact=True).name == "Nora North"


def test_two_contacts_swap_their_roles(cast, sam):
    nora = Contact.objects.create(customer=cast.acme, name="Nora North", is_billing_contact=True)
    sam.is_site_contact, sam.is_billing_contact = False, True
    nora.is_site_contact, nora.is_billing_contact = True, False
    change_contacts(cast.acme, saved=[sam, nora], by=cast.dana)
    assert cast.acme.contacts.get(is_site_contact=True) == nora
    assert cast.acme.contacts.get(is_billing_contact=True) == sam


def test_a_second_site_contact_is_refused_by_the_service_too(cast, sam):
    with pytest.raises(Refused, match="such a contact already"):
        change_contacts(cast.acme, saved=[Contact(name="Nora North", is_site_contact=True)], by=cast.dana)


def test_two_site_contacts_are_refused(cast, sign_in, jobs):
    nora = {"contacts-TOTAL_FORMS": "2", "contacts-1-name": "Nora North", "contacts-1-is_site_contact": "on"}
    answer = save(sign_in(cast.dana), cast, **nora)
    assert "This customer has a site contact already." in answer.content.decode()


def test_whoever_is_taken_away_is_named_by_no_open_job(cast, sign_in, jobs):
    assert answered(sign_in(cast.dana), cast, "yes", **{"contacts-0-DELETE": "on"}).status_code == 302
    assert addresses() == [""]


def test_a_change_of_nothing_that_a_job_says_asks_nothing(cast, sign_in, jobs):
    client = sign_in(cast.dana)
    assert save(client, cast, notes="Rings at noon").status_code == 302


def test_whoever_may_not_change_jobs_is_not_asked(cast, sign_in, jobs):
    clerk = make_user("clerk@harbour.example", is_staff=True, phone="+49 151 5550144")
    codes = ("change_customer", "view_customer", "change_contact", "view_contact", "add_contact", "delete_contact")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=codes))
    assert save(sign_in(clerk), cast, email="nora@acme.example").status_code == 302
    assert addresses() == ["sam@acme.example"]


def test_what_dana_cannot_see_is_not_counted_and_stays(cast, sign_in, jobs):
    make_job(cast.acme, cast.inspection, by=cast.olivia)
    cast.dana.only_granted_templates = True
    cast.dana.save()
    grant(cast.dana, cast.exchange, change=True, by=cast.olivia)
    requested = save(sign_in(cast.dana), cast, email="nora@acme.example")
    assert "3 open jobs" in requested.content.decode()
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    assert Job.objects.get(template=cast.inspection).contact_email == "sam@acme.example"


def program(cast: Any, *scopes: str) -> Program:
    return Program(*make_token(name="Test", by=None, user=cast.dana, scopes=scopes))


NEW = {"site_contact": {"name": "Sam Site", "email": "nora@acme.example", "phone": SAM["phone"]}}


def test_a_program_says_so(cast, jobs):
    url = f"/customers/{cast.acme.pk}"
    answer = program(cast, "customers.write", "customers.read", "jobs.write").patch(
        url, NEW | {"change_open_jobs": True}
    )
    assert answer.status_code == 200, answer.content
    assert addresses() == ["nora@acme.example"]


def test_a_program_that_does_not_say_so_changes_no_job(cast, jobs):
    assert (
        program(cast, "customers.write", "customers.read").patch(f"/customers/{cast.acme.pk}", NEW).status_code == 200
    )
    assert addresses() == ["sam@acme.example"]


def test_a_program_that_writes_no_jobs_is_refused(cast, jobs):
    answer = program(cast, "customers.write", "customers.read").patch(
        f"/customers/{cast.acme.pk}", NEW | {"change_open_jobs": True}
    )
    assert answer.status_code == 403
    assert cast.acme.contacts.get().email == "sam@acme.example"


def test_the_stranger_keeps_her_jobs_as_they_are(cast, sign_in, jobs):
    theirs = make_job(cast.cedar, cast.exchange, by=cast.dana, contact_name=SAM["name"], contact_email=SAM["email"])
    answered(sign_in(cast.dana), cast, "yes", email="nora@acme.example")
    theirs.refresh_from_db()
    assert theirs.contact_email == SAM["email"]
