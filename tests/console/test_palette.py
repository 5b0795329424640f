from __future__ import annotations

from config.console import HITS
from tests.console.people import narrow
from tests.factories import make_job

SEARCH = "/admin/search/"


def found(client, words):
    return client.get(SEARCH, {"s": words, "extended": "1"}).content.decode()


def test_it_finds_a_job_by_its_number_and_by_its_customer(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    dana = sign_in(cast.dana)
    assert job.number in found(dana, job.number) and job.number in found(dana, "acme")


def test_it_finds_pages_by_their_names(cast, sign_in):
    assert "/admin/jobs/portallink/" in found(sign_in(cast.dana), "portal li")


def test_it_shows_a_few_of_each_kind_however_many_there_are(cast, sign_in):
    for _ in range(HITS + 3):
        make_job(cast.acme, cast.exchange)
    assert found(sign_in(cast.dana), "j-0").count("/admin/jobs/job/") == HITS


def test_a_narrowed_dispatcher_finds_her_customers_only(cast, sign_in):
    theirs, other = make_job(cast.acme, cast.exchange), make_job(cast.cedar, cast.exchange)
    narrow(cast.dana, cast.acme)
    page = found(sign_in(cast.dana), "j-0")
    assert theirs.number in page and other.number not in page and "Cedar" not in found(sign_in(cast.dana), "cedar")


def test_what_she_may_no_longer_see_is_gone_at_once(cast, sign_in):
    job = make_job(cast.cedar, cast.exchange)
    dana = sign_in(cast.dana)
    assert job.number in found(dana, job.number)
    narrow(cast.dana, cast.acme)
    assert job.number not in found(dana, job.number)


def test_nell_finds_nothing(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    assert job.number not in found(sign_in(cast.nell), job.number)


def test_what_people_type_is_escaped(cast, sign_in):
    assert "<script>" not in found(sign_in(cast.dana), "<script>")
