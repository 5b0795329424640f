"""A job is found by its words and its telephone number, in whatever way they are typed: in every list that searches."""

from __future__ import annotations

import pytest

from jobs.models import Job
from tests.factories import make_job, make_portal_user

WORDS = [
    "Wexstraße", "Wexstrasse", "WEXSTRASSE", "wexstr", "Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller",
    "müller wexstrasse", "0171 5550133", "+49 171 5550133", "+49 (0)171/5550133", "00491715550133", "491715550133",
    "5550133", "Müller 0171 5550133",
]  # fmt: skip


@pytest.fixture
def job(cast):
    facts = {"contact_name": "Ada Müller", "contact_email": "ada@example.com", "contact_phone": "+49 171 5550133"}
    make_job(
        cast.cedar, cast.exchange, by=cast.dana, address="1 Mill Lane, 20095 Hamburg", contact_phone="0171 5550144"
    )
    return make_job(cast.acme, cast.exchange, by=cast.dana, address="Wexstraße 12, 20355 Hamburg", **facts)


@pytest.mark.parametrize("words", WORDS, ids=ascii)
def test_any_spelling_finds_it_and_no_other(cast, job, words, sign_in):
    assert list(Job.objects.matching(words)) == [job]
    page = sign_in(cast.dana).get("/admin/jobs/job/", {"q": words}).content.decode()
    assert job.number in page
    assert job.number in sign_in(cast.cora).get("/jobs/", {"q": words}).content.decode()


@pytest.mark.parametrize("words", ["Wexweg", "0171 5550199", "Mahler", "zzyzx"])
def test_other_words_do_not(job, words):
    assert not Job.objects.matching(words).exists()


def test_carl_finds_nothing_of_hers(cast, job, sign_in):
    for words in WORDS:
        assert job.number not in sign_in(cast.carl).get("/jobs/", {"q": words}).content.decode()


@pytest.mark.parametrize("words", ["MÜLLER", "Mueller", "muller", "0171 5550133", "+49 171"], ids=ascii)
def test_people_customers_and_workers_are_found_like_that_too(cast, sign_in, words):
    vera = make_portal_user("vera@example.com", cast.cedar)
    vera.user.full_name, vera.user.phone = "Vera Müller", "0171/5550133"
    vera.user.save()
    cast.theo.name, cast.theo.phone = "Theo Müller", "491715550133"
    cast.theo.save()
    cast.acme.contacts.update(name="Pat Müller", phone="+49 (0)171 5550133")
    dana = sign_in(cast.dana)
    pages = {"portaluser": "Vera Müller", "customer": "Acme Builders", "worker": "Theo Müller"}
    for page, name in pages.items():
        html = dana.get(f"/admin/accounts/{page}/", {"q": words}).content.decode()
        assert name in html and "Birch Hotel" not in html, page
