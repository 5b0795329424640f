from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from permissions.models import CustomerGrant
from tests.console.people import narrow
from tests.factories import make_job

HOME = "/admin/"


@pytest.fixture
def noon(time_machine_at_noon):
    return timezone.localtime()


@pytest.fixture
def time_machine_at_noon():
    import time_machine

    with time_machine.travel("2026-11-23 11:00:00+00:00", tick=False):
        yield


def cards(client):
    return {str(card.label): card for card in client.get(HOME).context["cards"]}


def test_her_numbers_are_those_of_the_lists_they_link_to(cast, sign_in, noon):
    make_job(cast.acme, cast.exchange, planned_start=noon + timedelta(hours=2), worker=cast.theo)
    make_job(cast.acme, cast.exchange, planned_start=noon - timedelta(hours=2), worker=cast.theo)
    make_job(cast.birch, cast.exchange, planned_start=noon + timedelta(days=1))
    make_job(cast.cedar, cast.exchange)
    dana = sign_in(cast.dana)
    for label, expected in {"Today's jobs": 2, "Waiting for a worker or a time": 2, "Overdue to start": 1}.items():
        card = cards(dana)[label]
        assert card.count == expected, label
        assert len(dana.get(card.link).context["cl"].result_list) == expected, label


def test_a_narrowed_dispatcher_counts_her_customers_only(cast, sign_in, noon):
    narrow(cast.dana, cast.acme)
    make_job(cast.acme, cast.exchange, planned_start=noon + timedelta(hours=1))
    hidden = make_job(cast.cedar, cast.exchange, planned_start=noon + timedelta(hours=1))
    page = sign_in(cast.dana).get(HOME)
    assert cards(sign_in(cast.dana))["Today's jobs"].count == 1
    assert hidden.address not in page.content.decode() or not hidden.address
    assert "Cedar School" not in page.content.decode()
    assert sum(done + planned for _day, planned, done in page.context["chart_rows"]) == 1


def test_without_a_grant_left_she_sees_nothing_rather_than_everything(cast, sign_in, noon):
    narrow(cast.dana, cast.acme)
    CustomerGrant.objects.all().delete()
    make_job(cast.acme, cast.exchange, planned_start=noon + timedelta(hours=1))
    assert {card.count for card in cards(sign_in(cast.dana)).values()} == {0}


def test_nell_is_told_what_to_ask_for(cast, sign_in):
    page = sign_in(cast.nell).get(HOME).content.decode()
    assert "nothing is open to you yet" in page and cast.nell.email in page


def test_its_queries_do_not_grow_with_the_day(cast, sign_in, noon):
    dana = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            dana.get(HOME)
        return len(caught)

    make_job(cast.acme, cast.exchange, planned_start=noon, worker=cast.theo)
    queries()
    few = queries()
    for _ in range(20):
        make_job(cast.acme, cast.exchange, planned_start=noon, worker=cast.theo)
    assert queries() == few
