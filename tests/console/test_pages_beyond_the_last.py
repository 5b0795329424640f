"""A page that a list does not have: Dana reads so, and sees the first, also where a list is not counted."""

from __future__ import annotations

from tests.factories import make_job

JOBS = "/admin/jobs/job/"
NONE = "There is no page “9999” of this list. This is the first."


def test_dana_sees_the_first_page_of_jobs_and_reads_why(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    page = sign_in(cast.dana).get(f"{JOBS}?p=9999").content.decode()
    assert NONE in page
    assert job.number in page
    assert "No jobs here." not in page


def test_a_list_without_rows_is_empty_on_its_first_page(cast, sign_in):
    page = sign_in(cast.dana).get(f"{JOBS}?p=9999").content.decode()
    assert NONE in page and "No jobs here." in page
