from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, CustomerLink
from accounts.services import archive_customer, delete_customer
from console.errors import Refused
from permissions.services import grant
from tests.factories import make_customer, make_job, make_portal_user

LIST = "/admin/accounts/customer/"


def test_the_list_counts_people_and_open_jobs(cast, sign_in):
    make_job(cast.acme, cast.exchange)
    rows = {row.name: row for row in sign_in(cast.dana).get(LIST).context["cl"].result_list}
    acme = rows["Acme Builders"]
    assert (acme.people_count, acme.open_job_count, acme.site_contact_name) == (2, 1, acme.contacts.get().name)


@pytest.mark.parametrize("page", [LIST, "/admin/accounts/portaluser/", "/admin/accounts/customerlink/"])
def test_a_list_costs_the_same_for_few_and_for_many(cast, sign_in, page):
    client = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for n in range(20):
        make_portal_user(f"p{n}@example.com", make_customer(f"Customer {n}", contact_email=f"c{n}@example.com"))
    assert queries() <= few


def test_archived_ones_stay_out_of_the_way(cast, sign_in):
    archive_customer(cast.cedar, by=cast.dana)
    client = sign_in(cast.dana)
    assert "Cedar School" not in client.get(LIST).content.decode()
    assert "Cedar School" in client.get(LIST, {"archived": "all"}).content.decode()


def test_deleting_is_refused_with_what_hangs_on_it(cast):
    make_job(cast.acme, cast.exchange)
    with pytest.raises(Refused, match=r"1 job.*Archive it instead"):
        delete_customer(cast.acme, by=cast.olivia)
    empty = make_customer("Empty")
    delete_customer(empty, by=cast.olivia)
    assert not Customer.objects.filter(name="Empty").exists()


def test_archiving_asks_in_numbers(cast, sign_in):
    make_job(cast.acme, cast.exchange)
    url = f"{LIST}{cast.acme.pk}/archive/"
    page = sign_in(cast.dana).get(url).content.decode()
    assert "1 open job stays as it is" in page and "2 people keep their links" in page
    assert Customer.objects.get(pk=cast.acme.pk).archived_at is None
    sign_in(cast.dana).post(url, {"reason": "Moved away", "_form_submitted": "True"})
    assert Customer.objects.get(pk=cast.acme.pk).archived_at is not None
    assert Customer.history.first().history_change_reason == "Moved away"


@pytest.fixture
def narrowed(cast):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    return cast.dana


def test_a_narrowed_dispatcher_sees_one_customer_everywhere(cast, narrowed, sign_in):
    make_job(cast.cedar, cast.exchange)
    client = sign_in(narrowed)
    for page in (LIST, f"{LIST}?q=c", "/admin/accounts/portaluser/", "/admin/accounts/customerlink/"):
        answer = client.get(page)
        assert "Cedar" not in answer.content.decode() and "Carl" not in answer.content.decode()
    assert client.get(LIST).context["cl"].result_count == 1
    assert client.get(f"{LIST}{cast.cedar.pk}/change/").status_code == 404
    assert client.get(f"{LIST}{cast.cedar.pk}/history/").status_code == 404


def test_her_search_boxes_find_nobody_else(cast, narrowed, sign_in):
    client = sign_in(narrowed)
    query = {"app_label": "accounts", "model_name": "customerlink", "term": "e"}
    for name, own in (("customer", {"Acme Builders"}), ("portal_user", {"Cora", "Colm"})):
        found = client.get("/admin/autocomplete/", query | {"field_name": name}).json()["results"]
        assert {row["text"] for row in found} <= own


def test_she_links_nobody_to_a_customer_out_of_reach(cast, narrowed, sign_in):
    sent = {"portal_user": cast.colm.pk, "customer": cast.cedar.pk}
    assert sign_in(narrowed).post("/admin/accounts/customerlink/add/", sent).status_code == 200
    assert not CustomerLink.objects.filter(portal_user=cast.colm, customer=cast.cedar).exists()
