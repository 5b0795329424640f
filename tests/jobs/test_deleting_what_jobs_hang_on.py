"""A template, a worker, a customer that jobs hang on: refused with the reason, everywhere; archived instead."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.services import delete_customer, delete_worker
from console.errors import Refused
from jobs.models import Job
from permissions.services import link_customer
from tests.factories import make_customer, make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, worker=cast.theo)


def records(cast):
    return {"template": cast.exchange, "worker": cast.theo, "customer": cast.acme}


WHAT = {
    "template": ("templates_app_jobtemplate", "1 job was made from it.", "Archive it instead"),
    "worker": ("accounts_worker", "What hangs on it: 1 job.", "Archive it instead"),
    "customer": ("accounts_customer", "What hangs on it: 2 portal users, 1 job.", "Archive it instead"),
}


@pytest.mark.parametrize("what", WHAT)
def test_its_delete_page_refuses_with_the_reason(cast, sign_in, job, what):
    record = records(cast)[what]
    name, reason, advice = WHAT[what]
    olivia, url = sign_in(cast.olivia), reverse(f"admin:{name}_delete", args=[record.pk])
    page = olivia.get(url, follow=True).content.decode()
    page += olivia.post(url, {"post": "yes"}, follow=True).content.decode()
    assert reason in page and advice in page
    assert type(record).objects.filter(pk=record.pk).exists() and Job.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("what", WHAT)
def test_deleting_many_at_once_is_no_way_round(cast, sign_in, job, what):
    record = records(cast)[what]
    olivia, url = sign_in(cast.olivia), reverse(f"admin:{WHAT[what][0]}_changelist")
    assert "delete_selected" not in olivia.get(url).content.decode()
    data = {"action": "delete_selected", "index": "0", "_selected_action": [str(record.pk)], "post": "yes"}
    olivia.post(url, data)
    assert type(record).objects.filter(pk=record.pk).exists()


@pytest.mark.parametrize("what", WHAT)
def test_the_database_would_not_let_it_go_either(cast, job, what):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        records(cast)[what].delete()


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("person", ["sam", "nell"])
def test_who_may_not_delete_is_not_told_what_hangs_on_it(cast, sign_in, job, what, person):
    record = records(cast)[what]
    url = reverse(f"admin:{WHAT[what][0]}_delete", args=[record.pk])
    answer = sign_in(getattr(cast, person)).post(url, {"post": "yes"})
    assert answer.status_code in (302, 403, 404)
    assert "1 job" not in answer.content.decode()
    assert type(record).objects.filter(pk=record.pk).exists()


def test_every_model_that_jobs_hang_on_is_one_of_these():
    from django.db.models import PROTECT

    held = {
        field.related_model._meta.label_lower
        for field in Job._meta.concrete_fields
        if field.is_relation and field.remote_field.on_delete is PROTECT
    }
    pages = {f"{model._meta.label_lower}" for model in admin.site._registry}
    assert held & pages <= {"templates_app.jobtemplate", "accounts.worker", "accounts.customer"}


@pytest.mark.parametrize("what", ["worker", "customer"])
def test_the_service_and_the_page_say_the_same(cast, sign_in, job, what):
    record = records(cast)[what]
    with pytest.raises(Refused) as refused:
        {"worker": delete_worker, "customer": delete_customer}[what](record, by=cast.olivia)
    url = reverse(f"admin:{WHAT[what][0]}_delete", args=[record.pk])
    assert str(refused.value) in sign_in(cast.olivia).get(url, follow=True).content.decode()


def test_what_is_only_a_part_of_a_customer_does_not_keep_it(cast):
    empty = make_customer("Empty")
    empty.contacts.create(name="Zoe"), empty.locations.create(street="2 Mill Lane")
    delete_customer(empty, by=cast.olivia)
    linked = make_customer("Linked")
    link_customer(cast.carl, linked, by=cast.dana)
    with pytest.raises(Refused, match=r"1 portal user\. Archive it instead"):
        delete_customer(linked, by=cast.olivia)
