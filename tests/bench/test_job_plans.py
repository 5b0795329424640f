"""How PostgreSQL reads the jobs table when it is large: never from end to end (docs/decisions/0020-large-lists.md)."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from accounts.models import Customer
from jobs.models import Job
from jobs.seeding import seed_jobs
from permissions.models import CustomerGrant
from permissions.resolver import rights_of
from tests.factories import make_portal_user, make_user

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the plans of PostgreSQL")
MANY = 60_000


@pytest.fixture(scope="module")
def large(django_db_setup, django_db_blocker):
    """Many jobs, for the tests of this module together."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed_jobs(MANY)
        yield
        transaction.set_rollback(True)


def plan(queryset):
    # A queryset that can hold nothing is never asked.
    return json.loads(queryset.explain(format="json") or '[{"Plan": {"Node Type": "Nothing"}}]')[0]["Plan"]


def nodes(tree):
    yield tree
    for child in tree.get("Plans", []):
        yield from nodes(child)


def reads_it_through(queryset):
    return any(
        node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") and node.get("Relation Name") == Job._meta.db_table
        for node in nodes(plan(queryset))
    )


def page(queryset, number, size=25):
    return queryset.select_related("customer", "template", "worker")[(number - 1) * size : number * size]


ORDERS = [("-id",), ("id",), ("planned_start", "id"), ("created_at", "id"), ("status", "-id")]


@pytest.mark.usefixtures("large")
class TestPlans:
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("number", [1, 2, 10, 100])
    def test_the_first_hundred_pages(self, order, number):
        assert not reads_it_through(page(Job.objects.order_by(*order), number))

    def test_searches(self):
        job = Job.objects.select_related("customer").order_by("-id")[MANY // 2]
        by = {
            "number": job.number,
            "external ID": job.external_id,
            "customer": job.customer.name,
            "address": job.address,
            "contact": job.contact_email,
            "nothing there is": "zzyzx xyzzy",
        }
        for what, words in by.items():
            found = Job.objects.matching(words).order_by("-id")
            assert not reads_it_through(page(found, 1)), what
            assert what == "nothing there is" or found.filter(pk=job.pk).exists(), what

    def test_one_job_by_its_keys(self):
        job = Job.objects.order_by("id")[7]
        assert not reads_it_through(Job.objects.filter(number=job.number))
        assert not reads_it_through(Job.objects.filter(external_id=job.external_id))

    def test_what_the_filters_of_the_list_ask(self):
        customer = Customer.objects.order_by("-id").first()
        for condition in ({"customer": customer}, {"status": "scheduled"}, {"status": "cancelled"}):
            assert not reads_it_through(page(Job.objects.filter(**condition).order_by("-id"), 1)), condition

    def test_what_a_portal_user_sees(self, portal):
        customers = list(Customer.objects.order_by("id")[:2])
        for person in (make_portal_user("vera@example.com", *customers), make_portal_user("nobody@example.com")):
            shown = Job.objects.for_portal(rights_of(person)).order_by("-id")
            for number in (1, 2, 100):
                assert not reads_it_through(page(shown, number))

    def test_what_a_narrowed_dispatcher_sees(self, portal):
        narrow = make_user("una@harbour.example", is_staff=True, only_granted_customers=True)
        narrow.user_permissions.add(Permission.objects.get(codename="view_job"))
        for customer in Customer.objects.order_by("id")[:3]:
            permission = Permission.objects.get(codename="view_customer")
            CustomerGrant.objects.create(user=narrow, permission=permission, content_object=customer)
        assert not reads_it_through(page(Job.objects.visible_to(narrow).order_by("-id"), 1))
