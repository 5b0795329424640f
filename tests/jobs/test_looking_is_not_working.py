"""Whoever was granted a customer only to look at makes no jobs and no series for it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.scope import forget_reach
from jobs.models import Job, Series
from tests.console.forms import filled
from tests.console.people import narrow
from tests.jobs.test_new_job_page import page
from tests.jobs.test_series_page import filled_in


@pytest.fixture
def dana(cast, sign_in):
    """Works with Acme, may look at Birch."""
    narrow(cast.dana, cast.acme)
    narrow(cast.dana, cast.birch, action="view")
    forget_reach(cast.dana)
    return sign_in(cast.dana)


def test_she_makes_a_job_where_she_works(cast, dana):
    url = page(cast.exchange, cast.acme)
    dana.post(url, filled(dana.get(url)))
    assert Job.objects.get().customer == cast.acme


def test_she_makes_none_where_she_may_only_look_and_reads_why(cast, dana):
    url = page(cast.exchange, cast.birch)
    answer = dana.post(url, filled(dana.get(url)))
    assert "Birch Hotel is not, or not only, in what was granted to you" in answer.content.decode()
    assert not Job.objects.exists()


def test_nor_a_series(cast, dana):
    answer = dana.post(reverse("admin:jobs_series_add"), filled_in(cast, customer=cast.birch.pk))
    assert "Birch Hotel is not, or not only, in what was granted to you" in answer.content.decode()
    assert not Series.objects.exists()


def test_a_stranger_to_her_is_no_choice_at_all(cast, dana):
    url = page(cast.exchange, cast.acme)
    answer = dana.post(url, filled(dana.get(url)) | {"customer": cast.cedar.pk})
    assert "Cedar School" not in answer.content.decode()
    assert not Job.objects.exists()
