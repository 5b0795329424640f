from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.services import assign_worker, complete_job, schedule_job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_template


@pytest.fixture
def jobs(cast):
    other = make_template("Wardrobe")
    first = make_job(cast.acme, cast.exchange, by=cast.dana, address="Z Street")
    second = make_job(cast.birch, other, by=cast.dana, address="=A1 Street")
    schedule_job(second, by=cast.dana, start=timezone.now() + timedelta(days=3))
    make_job(cast.cedar, cast.exchange, by=cast.dana)
    return first, second


def numbers(response):
    return [job.number for job in response.context["page"].object_list]


def table(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_it_is_filtered_and_sorted_by_the_address(cast, jobs, sign_in):
    first, second = (job.number for job in jobs)
    client = sign_in(cast.cora)
    assert numbers(client.get("/jobs/?status=scheduled")) == [second]
    assert numbers(client.get("/jobs/?kind=skip-exchange")) == [first]
    assert numbers(client.get("/jobs/?sort=place")) == [second, first]
    assert numbers(client.get("/jobs/?sort=customer")) == [first, second]
    assert numbers(client.get("/jobs/?sort=new")) == [second, first]


@pytest.mark.parametrize("query", ["status=nonsense", "sort=password", "status=completed", "when=nonsense"])
def test_what_makes_no_sense_is_not_asked(cast, jobs, sign_in, query):
    assert len(numbers(sign_in(cast.cora).get(f"/jobs/?{query}"))) == 2


@pytest.mark.parametrize("query", ["kind=nonsense", "q=%25_"])
def test_strange_words_find_nothing_or_are_left_out(cast, jobs, sign_in, query):
    assert sign_in(cast.cora).get(f"/jobs/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["kind=%00", "q=%00", "page=%00"])
def test_an_address_with_a_zero_byte_is_refused(cast, jobs, sign_in, query):
    assert sign_in(cast.cora).get(f"/jobs/?{query}").status_code == 400


def test_from_a_job_she_comes_back_to_the_list_as_she_left_it(cast, jobs, sign_in):
    client = sign_in(cast.cora)
    number = client.get("/jobs/").context["jobs"][0].job.number
    came = client.get(f"/jobs/{number}/", headers={"Referer": "http://testserver/jobs/?q=J-&sort=new&page=1"})
    assert came.context["list_url"] == "/jobs/?q=J-&sort=new&page=1"
    for elsewhere in ("", "http://bad.example/jobs/?q=1", "http://testserver/me/?q=1"):
        assert client.get(f"/jobs/{number}/", headers={"Referer": elsewhere}).context["list_url"] == "/jobs/"


def test_filter_and_order_stay_when_she_looks_at_what_is_past(cast, jobs, sign_in):
    page = sign_in(cast.cora).get("/jobs/?q=J-&kind=skip-exchange&sort=new").content.decode()
    assert "?q=J-&amp;kind=skip-exchange&amp;sort=new&amp;when=past" in page


def test_the_export_holds_what_the_list_shows(cast, jobs, sign_in):
    first, second = (job.number for job in jobs)
    client = sign_in(cast.cora)
    assert [row[0] for row in table(client.get("/jobs/export.csv"))[1:]] == [second, first]
    assert [row[0] for row in table(client.get("/jobs/export.csv?status=scheduled"))[1:]] == [second]
    complete_job(jobs[0], by=cast.dana)
    assert [row[0] for row in table(client.get("/jobs/export.csv?when=past"))[1:]] == [first]


def test_no_cell_is_a_formula(cast, jobs, sign_in):
    rows = table(sign_in(cast.cora).get("/jobs/export.csv"))
    assert rows[1][4] == "'=A1 Street"


def test_the_worker_stands_in_it_only_for_who_may_see_him(cast, jobs, sign_in):
    assign_worker(jobs[0], by=cast.dana, worker=cast.theo)
    assert "Theo" not in sign_in(cast.cora).get("/jobs/export.csv").getvalue().decode()
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_worker", effect="allow")
    assert "Theo" in sign_in(cast.cora).get("/jobs/export.csv").getvalue().decode()


def test_a_job_on_paper_shows_no_more_than_the_page(cast, jobs, sign_in):
    response = sign_in(cast.cora).get(f"/jobs/{jobs[0].number}/sheet.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert sign_in(cast.carl).get(f"/jobs/{jobs[0].number}/sheet.pdf").status_code == 404
