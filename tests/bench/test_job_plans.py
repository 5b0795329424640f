"""How PostgreSQL reads the jobs table when it is large: never from end to end (docs/decisions/0020-large-lists.md).

Every query of a page is caught as it was sent, and explained again: what counts is what the pages ask, not what a test
thinks they ask. ``PLAN_JOBS=1000000`` asks it of a million jobs.
"""

from __future__ import annotations

import json
import os

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Worker
from accounts.services import make_token
from api.sections import scopes
from console.roles import Role, give_role, install_roles
from jobs.choices import OPEN
from jobs.models import Job
from jobs.seeding import seed_jobs
from permissions.models import CustomerGrant
from templates_app.models import JobTemplate
from tests.factories import make_portal_user, make_user

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="reads the plans of PostgreSQL")
MANY = int(os.environ.get("PLAN_JOBS", "60000"))
# A page may read this part of the jobs, at most: an index walked from end to end is no better than the table. Where a
# page is found after some thousand rows, the planner rightly walks them.
PART = 0.5


@pytest.fixture(scope="module")
def large(django_db_setup, django_db_blocker):
    """Many jobs, for the tests of this module together."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed_jobs(MANY)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def staff(portal):
    install_roles()
    user = make_user("una@harbour.example", full_name="Una", is_staff=True)
    give_role(user, Role.ADMINISTRATOR, by=None)
    return user


@pytest.fixture
def job():
    return Job.objects.select_related("customer").order_by("-id")[MANY // 2]


def nodes(tree):
    yield tree
    for child in tree.get("Plans", []):
        yield from nodes(child)


def faults(sql):
    """What is wrong with the way a query reads the jobs, in words."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        answer = cursor.fetchone()[0]
    tree = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    for node in nodes(tree):
        if node.get("Relation Name") != Job._meta.db_table:
            continue
        if "Seq Scan" in node["Node Type"]:
            yield f"reads the table through: {sql[-300:]}"
        thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        read = (node["Actual Rows"] + thrown_away) * node["Actual Loops"]
        if read > MANY * PART:
            yield f"reads {read:,.0f} jobs by {node.get('Index Name', node['Node Type'])}: {sql[-300:]}"


def look_at(get, *addresses):
    """Opens those pages and explains every query of them that touches the jobs."""
    table = f'"{Job._meta.db_table}"'
    for address in addresses:
        with CaptureQueriesContext(connection) as caught:
            answer = get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        statements = [
            one["sql"] for one in caught if table in one["sql"] and one["sql"].lstrip("( ").startswith("SELECT")
        ]
        assert statements, f"{address} asks nothing of the jobs"
        found = [fault for sql in statements for fault in faults(sql)]
        assert not found, f"{address}: " + "\n".join(found)


def searches(job):
    """What people type: number, external ID, customer, address, contact; and what there is not."""
    words = [job.number, job.external_id, job.customer.name, job.address, job.contact_email, "zzyzx xyzzy"]
    for word in words[:-1]:
        assert Job.objects.matching(word).filter(pk=job.pk).exists(), word
    return words


@pytest.mark.usefixtures("large")
class TestPlans:
    def test_the_first_hundred_pages_of_the_console(self, staff, sign_in):
        client = sign_in(staff)
        pages = range(1, 101) if MANY > 100_000 else (1, 2, 10, 50, 100)
        look_at(client.get, *(f"/admin/jobs/job/?p={page}" for page in pages))

    @pytest.mark.parametrize("column", range(1, 9))
    def test_in_every_order(self, staff, sign_in, column):
        for order in (column, -column):
            look_at(sign_in(staff).get, f"/admin/jobs/job/?o={order}", f"/admin/jobs/job/?o={order}&p=100")

    def test_searches_of_the_console(self, staff, sign_in, job):
        client = sign_in(staff)
        for words in searches(job):
            look_at(lambda address, words=words: client.get(address, {"q": words}), "/admin/jobs/job/")
            look_at(lambda address, words=words: client.get(address, {"q": words}), "/admin/jobs/portallink/")

    def test_filters_of_the_console(self, staff, sign_in):
        client = sign_in(staff)
        lists = ("today", "tomorrow", "week", "overdue", "unassigned", "open")
        look_at(client.get, *(f"/admin/jobs/job/?when={name}" for name in lists))
        look_at(client.get, "/admin/", "/admin/schedule/", "/admin/jobs/portallink/")

    def test_pages_of_the_api(self, staff, client, job):
        _token, plain = make_token(name="Bench", by=None, user=staff, scopes=tuple(scopes()))

        def get(address, **query):
            return client.get(address, query, headers={"Authorization": f"Bearer {plain}"})

        after = get("/api/v1/jobs", limit=200).json()["next"]
        for _page in range(100):
            look_at(lambda address, after=after: get(address, limit=200, after=after), "/api/v1/jobs")
            after = get("/api/v1/jobs", limit=200, after=after).json()["next"]
        for words in searches(job):
            look_at(lambda address, words=words: get(address, q=words), "/api/v1/jobs")
        worker, template = Worker.objects.first(), JobTemplate.objects.first()
        for filters in (
            {"status": "cancelled"}, {"status": "postponed"}, {"customer": job.customer_id}, {"worker": worker.pk},
            {"template": template.slug}, {"planned_from": "2026-11-23T00:00Z"}, {"planned_until": "2024-06-01T00:00Z"},
        ):  # fmt: skip
            look_at(lambda address, filters=filters: get(address, **filters), "/api/v1/jobs")
        look_at(get, f"/api/v1/jobs/{job.number}", f"/api/v1/jobs/external:{job.external_id}")

    @pytest.mark.parametrize("customers", [1, 5, 40])
    def test_what_a_portal_user_sees(self, portal, sign_in, job, customers):
        """Also when what she has still to come lies far behind all that is over."""
        busy = Job.objects.filter(status__in=OPEN).values("customer").annotate(open=Count("id")).order_by("-open")
        share = customers if customers < 40 else max(5, min(40, Customer.objects.count() // 20))
        person = make_portal_user("vera@example.com", *Customer.objects.filter(pk__in=busy.values("customer")[:share]))
        client = sign_in(person)
        look_at(client.get, "/jobs/", "/jobs/?page=2", "/jobs/?when=past", "/jobs/?when=past&page=2")
        look_at(client.get, *(f"/jobs/?sort={sort}" for sort in ("new", "place", "what", "customer")))
        for words in (job.number, job.customer.name, "zzyzx"):
            look_at(lambda address, words=words: client.get(address, {"q": words}), "/jobs/")

    def test_what_a_narrowed_dispatcher_sees(self, portal, sign_in):
        install_roles()
        narrow = make_user("nora@harbour.example", is_staff=True, only_granted_customers=True)
        give_role(narrow, Role.DISPATCHER, by=None)
        permission = Permission.objects.get(codename="view_customer")
        for customer in Customer.objects.order_by("id")[:3]:
            CustomerGrant.objects.create(user=narrow, permission=permission, content_object=customer)
        look_at(sign_in(narrow).get, "/admin/jobs/job/", "/admin/jobs/job/?p=2", "/admin/jobs/job/?q=BIN")
