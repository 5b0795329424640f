from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, Series
from jobs.services import create_series, skip_date
from tests.console.people import narrow

PREVIEW = "/admin/jobs/series/preview/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-23T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def series(cast):
    facts = {"name": "Acme daily", "customer": cast.acme, "template": cast.exchange, "starts_on": timezone.localdate()}
    facts |= {"rules": [{"kind": "day", "every": 1}], "create_days_ahead": 1}
    return create_series(facts, by=cast.dana)


def said(**answers):
    return {
        "rule1_kind": "week", "rule1_every": "2", "rule1_on": ["mo", "th"], "start_time": "07:30",
        "starts_on": "2026-11-23", "ends_on": "", "count": "",
    } | answers  # fmt: skip


def dates(page):
    return [f"{row['day']:%m-%d}" for row in page.context["days"] if not row["is_skipped"]]


def test_dana_reads_the_sentence_and_ten_dates_before_she_saves(cast, sign_in):
    page = sign_in(cast.dana).get(PREVIEW, said())
    assert "Every other week on Monday and Thursday, at 07:30." in page.content.decode()
    assert dates(page) == [
        "11-23", "11-26", "12-07", "12-10", "12-21", "12-24", "01-04", "01-07", "01-18", "01-21",
    ]  # fmt: skip
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"rule1_kind": "day", "rule1_every": "3"}, ["11-23", "11-26", "11-29"]),
        ({"rule1_kind": "weekday"}, ["11-23", "11-24", "11-25"]),
        ({"rule1_kind": "month", "rule1_every": "1", "rule1_day": "31"}, ["11-30", "12-31", "01-31"]),
        ({"rule2_kind": "month", "rule2_every": "1", "rule2_day": "-1"}, ["11-23", "11-26", "11-30"]),
        ({"count": "2"}, ["11-23", "11-26"]),
        ({"ends_on": "2026-11-24"}, ["11-23"]),
    ],
)
def test_every_rule_has_its_dates(cast, sign_in, answers, expected):
    assert dates(sign_in(cast.dana).get(PREVIEW, said(**answers)))[:3] == expected


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"rule1_on": []}, "Tick at least one day of the week."),
        ({"rule1_every": "0"}, "whole number"),
        ({"rule1_every": "often"}, "whole number"),
        ({"rule1_kind": "moon"}, "A rule is one of"),
        ({"starts_on": ""}, "from which day on"),
    ],
)
def test_what_is_missing_is_said_while_she_types(cast, sign_in, answers, sentence):
    page = sign_in(cast.dana).get(PREVIEW, said(**answers))
    assert page.status_code == 200 and sentence in page.content.decode()


def test_made_and_skipped_dates_say_so(cast, sign_in, series):
    skip_date(series, timezone.localdate() + timedelta(days=3), by=cast.dana)
    page = sign_in(cast.dana).get(reverse("admin:jobs_series_change", args=[series.pk]))
    rows = page.context["days"]
    assert [row["job"].number for row in rows if row["job"]] == ["J-000001", "J-000002"]
    assert [f"{row['day']:%m-%d}" for row in rows if row["is_skipped"]] == ["11-26"]
    assert len(dates(page)) == 10
    text = page.content.decode()
    assert "skip/?day=2026-11-27" in text and "unskip/?day=2026-11-26" in text


def test_a_change_that_is_not_saved_is_called_a_draft(cast, sign_in, series):
    client = sign_in(cast.dana)
    same = said(series=series.pk, rule1_kind="day", rule1_every="1", start_time="08:00")
    assert not client.get(PREVIEW, same).context["is_draft"]
    assert client.get(PREVIEW, same | {"start_time": "09:00"}).context["is_draft"]
    series.refresh_from_db()
    assert series.start_time.hour == 8 and Job.objects.count() == 2


def test_who_may_not_see_series_gets_no_preview(cast, sign_in, series):
    assert sign_in(cast.nell).get(PREVIEW, said()).status_code == 403
    assert sign_in(cast.sam).get(PREVIEW, said()).status_code == 403
    assert sign_in(cast.sam).get(PREVIEW, {"series": series.pk}).status_code == 200
    assert sign_in(cast.carl).get(PREVIEW, said()).status_code == 302
    narrow(cast.dana, cast.birch)
    assert sign_in(cast.dana).get(PREVIEW, said(series=series.pk)).status_code == 404


def test_two_who_change_the_rules_at_once_lose_nothing(cast, sign_in, series):
    """What Dana left alone stays as Olivia saved it."""
    page = reverse("admin:jobs_series_change", args=[series.pk])
    dana = sign_in(cast.dana)
    seen = dana.get(page).context["seen"]
    answers = {
        "name": series.name, "customer": cast.acme.pk, "template": cast.exchange.pk, "start_time": "08:00",
        "starts_on": "2026-11-23", "create_days_ahead": "1", "rule1_kind": "weekday",
    }  # fmt: skip
    assert sign_in(cast.olivia).post(page, answers).status_code == 302
    stale = answers | {"name": "Renamed", "rule1_kind": "day", "rule1_every": "1", "_seen": seen}
    answer = dana.post(page, stale)
    assert answer.status_code == 200 and "Olivia saved this" in answer.content.decode()
    assert 'value="weekday" selected' in answer.content.decode()
