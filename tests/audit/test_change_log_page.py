from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from accounts.models import Contact, Label, PortalUser
from audit.act import acting
from permissions.services import grant, link_customer, set_override
from tests.factories import make_job


def page(client, **query):
    return client.get(reverse("admin:changelog"), query)


def test_sam_finds_link_override_and_job(cast, sign_in):
    link = link_customer(cast.colm, cast.birch, by=cast.dana)
    set_override(link, "cancel_jobs", "deny", by=cast.dana, reason="Too many")
    job = make_job(cast.birch, cast.exchange, by=cast.dana)
    answer = page(sign_in(cast.sam), person="Dana")
    text = answer.content.decode()
    assert "Deny: Cancel jobs" in text and "Too many" in text and job.number in text
    assert "Colm – Birch Hotel" in text


def test_every_entry_has_before_and_after(cast, sign_in):
    cast.acme.name = "Acme Holding"
    with acting(by=cast.dana):
        cast.acme.save()
    [entry] = page(sign_in(cast.sam), person="Dana", model="accounts.customer").context["entries"]
    [change] = entry.changes
    assert (change.label, change.before, change.after) == ("Name", "Acme Builders", "Acme Holding")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"model": "accounts.contact"}, {"Contact"}),
        ({"kind": "-"}, set()),
        ({"words": "acme buil", "model": "accounts.customer"}, {"Customer"}),
        ({"source": "import"}, set()),
        ({"since": "2999-01-01"}, set()),
        ({"until": "2001-01-01"}, set()),
    ],
)
def test_it_is_filtered(cast, sign_in, query, found):
    entries = page(sign_in(cast.sam), **query).context["entries"]
    assert {entry.model_label for entry in entries} == found


def test_everything_in_one_request(cast, sign_in):
    with acting(by=cast.dana) as act:
        Label.objects.create(name="North")
    Label.objects.create(name="South")
    entries = page(sign_in(cast.sam), request=str(act.request_id)).context["entries"]
    assert "North" in {entry.record for entry in entries}


def test_pages_lose_nothing_when_many_changes_share_a_moment(cast, sign_in):
    Label.objects.all().delete()
    bulk_create_with_history([Label(name=f"Label {n:03}") for n in range(130)], Label)
    client, seen, query = sign_in(cast.sam), [], "model=accounts.label"
    for _ in range(4):
        answer = client.get(f"{reverse('admin:changelog')}?{query}")
        seen += [entry.record for entry in answer.context["entries"]]
        if not answer.context["next_url"]:
            break
        query = answer.context["next_url"].removeprefix("?")
    assert len(seen) == len(set(seen)) == 130


def test_it_costs_the_same_for_few_and_for_many(cast, sign_in):
    client = sign_in(cast.sam)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            page(client)
        return len(caught)

    for n in range(2):
        Contact.objects.create(customer=cast.acme, name=f"Few {n}")
    queries()
    few = queries()
    for n in range(60):
        Contact.objects.create(customer=cast.acme, name=f"Many {n}")
    assert queries() <= few


def test_the_export_defuses_formulas(cast, sign_in):
    with acting(by=cast.dana, reason="=1+1"):
        Label.objects.create(name='=HYPERLINK("http://evil.example")')
    answer = page(sign_in(cast.sam), model="accounts.label", export="csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert rows[0][0] == "When" and not [cell for cell in cells if cell.startswith("=")]
    assert "'=1+1" in cells


def narrow(cast, customer):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, customer, change=True, by=cast.olivia)


def test_a_narrowed_dispatcher_sees_only_her_customers(cast, sign_in):
    narrow(cast, cast.acme)
    entries = page(sign_in(cast.dana)).context["entries"]
    assert entries and {entry.customer_ref for entry in entries} <= {cast.acme.pk, None}
    people = {entry.record for entry in entries if entry.customer_ref is None}
    assert people <= {str(person) for person in PortalUser.objects.filter(links__customer=cast.acme)}
    answer = page(sign_in(cast.dana), export="csv")
    text = b"".join(answer.streaming_content).decode()
    assert "Acme Builders" in text and "Cedar School" not in text
    assert "Cedar School" not in page(sign_in(cast.dana), customer=cast.cedar.pk).content.decode()


def test_it_shows_only_what_the_reader_may_see(cast, sign_in):
    models = {entry.model_label for entry in page(sign_in(cast.dana)).context["entries"]}
    assert "Customer" in models and "User" not in models


@pytest.mark.parametrize(("who", "code"), [("olivia", 200), ("dana", 200), ("sam", 200), ("nell", 403), ("carl", 302)])
def test_who_reads_it(cast, sign_in, who, code):
    assert page(sign_in(getattr(cast, who))).status_code == code


def test_a_sign_in_is_no_change(cast, client):
    rows = cast.sam.history.count()
    client.login(request=None, username="sam@harbour.example", password="correct horse battery")
    assert cast.sam.history.count() == rows
