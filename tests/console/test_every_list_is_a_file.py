"""Every list of the console can be had as a file, by whoever sees it, with the rows she sees and nothing secret."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Label
from permissions.services import grant
from tests.factories import make_job
from tests.permissions.matrix_world import World

# What is no list one would take along, and why.
NO_FILE = {
    "billing.billingsettings": "one row, no list",
    "business.portalsettings": "one row; the configuration has a file of its own",
    "console.listexport": "the files themselves",
}
LISTS = sorted(model._meta.label_lower for model in admin.site._registry if model._meta.label_lower not in NO_FILE)
# Words by which Acme, or what hangs on it, would show itself.
ACMES = ("Acme Builders", "site@acme.example")


def url_of(label, query=""):
    return reverse(f"admin:{label.replace('.', '_')}_export") + query


def page_of(label):
    return next(page for model, page in admin.site._registry.items() if model._meta.label_lower == label)


def rows_of(client, label, query="", kind="0"):
    answer = client.get(url_of(label))
    assert answer.status_code == 200, f"{label}: {answer.status_code}"
    form = answer.context["form"]
    data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    answer = client.post(url_of(label, query), data | {"format": kind, "resource": "0"})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"], label
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def world(cast):
    return World(cast)


@pytest.mark.parametrize("label", LISTS)
def test_olivia_gets_every_row_and_every_heading(cast, world, sign_in, label):
    heads, *rows = rows_of(sign_in(cast.olivia), label)
    request = RequestFactory().get("/")
    request.user = cast.olivia
    assert len(rows) == page_of(label).get_queryset(request).count()
    assert all(len(row) == len(heads) == len(set(heads)) for row in rows)
    assert any(cell for row in rows for cell in row)


@pytest.mark.parametrize("label", LISTS)
def test_nothing_in_it_opens_a_door(cast, world, sign_in, label):
    text = "\n".join(",".join(row) for row in rows_of(sign_in(cast.olivia), label))
    for secret in (world.link.token, str(world.invitation.token), cast.ines.password):
        assert secret not in text


@pytest.mark.parametrize("label", LISTS)
def test_dana_narrowed_gets_nothing_of_a_customer_she_was_not_granted(cast, world, sign_in, label):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.cedar, change=True, by=cast.olivia)
    client = sign_in(cast.dana)
    if client.get(url_of(label)).status_code == 403:
        return
    text = "\n".join(",".join(row) for row in rows_of(client, label))
    assert not [word for word in ACMES if word in text]


@pytest.mark.parametrize("label", LISTS)
def test_nell_and_carl_get_no_list_at_all(cast, world, sign_in, label):
    assert sign_in(cast.nell).get(url_of(label)).status_code == 403
    assert sign_in(cast.nell).post(url_of(label), {"format": "0"}).status_code == 403
    assert sign_in(cast.carl).get(url_of(label)).status_code == 302


@pytest.mark.parametrize("label", NO_FILE)
def test_what_is_no_list_has_no_file(cast, sign_in, label):
    assert sign_in(cast.olivia).get(url_of(label)).status_code == 403


@pytest.mark.parametrize("label", [label for label in LISTS if label != "business.portalsettings"])
def test_every_list_offers_it(cast, world, sign_in, label):
    html = sign_in(cast.olivia).get(reverse(f"admin:{label.replace('.', '_')}_changelist")).content.decode()
    assert url_of(label) in html


@pytest.mark.parametrize("label", ["jobs.job", "accounts.customer", "accounts.portaluser", "jobs.portallink"])
def test_two_hundred_rows_cost_as_many_queries_as_two(cast, sign_in, label):
    client = sign_in(cast.olivia)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            rows_of(client, label)
        return len(caught)

    for _ in range(2):
        make_job(cast.acme, cast.exchange, by=cast.olivia)
    queries()
    few = queries()
    for _ in range(20):
        make_job(cast.acme, cast.exchange, by=cast.olivia)
    assert queries() == few


def test_a_customers_file_can_be_read_again(cast, sign_in):
    cast.acme.labels.add(Label.objects.create(name="North"))
    heads, *rows = rows_of(sign_in(cast.olivia), "accounts.customer")
    acme = dict(zip(heads, next(row for row in rows if "Acme Builders" in row), strict=True))
    assert acme["Site contact's e-mail"] == "site@acme.example" and acme["Labels"] == "North"


def test_a_filter_that_is_no_filter_gives_no_file(cast, sign_in):
    assert sign_in(cast.olivia).get(url_of("jobs.job", "?nonsense__x=1")).status_code == 400
