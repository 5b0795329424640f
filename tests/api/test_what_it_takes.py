"""The shapes of what comes in: the document says them, and nothing else is taken."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import TypeAdapter, ValidationError

from accounts.api.schemas import NewCustomerName
from api import types
from config.api import api
from tests.factories import make_job

MOMENTS = {
    "2026-11-28T09:30": True,
    "2026-11-28T09:30:15.25Z": True,
    "2026-11-28T09:30:00+01:00": True,
    "2000-01-01T00:00": True,
    "1999-12-31T23:59:59Z": False,
    "1970-01-01T00:00:00Z": False,
    "2199-12-31T23:59:59Z": True,
    "2024-02-29T08:00": True,
    "2000-02-29T08:00": True,
    "2100-02-29T08:00": False,
    "2026-02-29T08:00": False,
    "2026-04-31T08:00": False,
    "1899-12-31T23:59Z": False,
    "2200-01-01T00:00Z": False,
    "2026-11-28": False,
    "2026-11-28 09:30": False,
    "2026-11-28T24:00": False,
    "20261128": False,
    "2026": False,
    "1795858200": False,
    "P1M": False,
    "": False,
    "now": False,
}
DAYS = {
    "2026-11-28": True,
    "2000-01-01": True,
    "1999-12-31": False,
    "2199-12-31": True,
    "2028-02-29": True,
    "2026-02-29": False,
    "2026-13-01": False,
    "0001-01-01": False,
    "28.11.2026": False,
    "2026-11-28T09:30": False,
    "20261128": False,
}
CLOCKS = {
    "09:30": True,
    "09:30:00": True,
    "00:00": True,
    "23:59": True,
    "24:00": False,
    "9:30": False,
    "09:30:15": False,
    "09:30Z": False,
    "0930": False,
    "": False,
}
SUMS = {"120.50": True, "-5": True, "0.1": True, "1e3": False, "1,5": False, "0.005": False, "12345678901": False}
LATITUDES = {"53.55": True, "-90": True, "90.0": True, "90.1": False, "north": False, "": False}
TABLE = [
    (kind, text, good)
    for kind, cases in {
        "DateTime": MOMENTS,
        "Day": DAYS,
        "ClockTime": CLOCKS,
        "Amount": SUMS,
        "Latitude": LATITUDES,
    }.items()
    for text, good in cases.items()
]


@pytest.mark.parametrize(("kind", "text", "good"), TABLE)
def test_a_text_is_taken_where_the_document_says_so(kind, text, good):
    adapter = TypeAdapter(getattr(types, kind))
    shape = adapter.json_schema()
    told = [one["pattern"] for one in (shape, *shape.get("anyOf", [])) if "pattern" in one]
    assert bool(re.search(told[0], text)) is good
    if good:
        adapter.validate_python(text)
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


@pytest.mark.parametrize("kind", ["DateTime", "Day", "ClockTime"])
@pytest.mark.parametrize("sent", [20261128, 2026, 1795858200, 0, True, 1.5])
def test_a_number_is_no_moment(kind, sent):
    """pydantic takes it for seconds since 1970."""
    with pytest.raises(ValidationError):
        TypeAdapter(getattr(types, kind)).validate_python(sent)


def test_nothing_of_the_api_takes_a_duration_as_text():
    """In pydantic a month has 30 days ("P1M"). Durations are whole minutes."""
    assert '"duration"' not in json.dumps(api.get_openapi_schema())


@pytest.mark.parametrize(("sent", "kept"), [(0.07, "0.07"), (120.5, "120.50"), (3, "3"), (0.1 + 0.2, "0.30")])
def test_an_amount_sent_as_a_number_is_kept_to_the_cent(sent, kept):
    assert str(TypeAdapter(types.Amount).validate_python(sent)) == kept


@pytest.mark.parametrize("sent", [0.005, True, float("1e12"), [1]])
def test_what_is_no_amount_is_refused(sent):
    with pytest.raises(ValidationError):
        TypeAdapter(types.Amount).validate_python(sent)


@pytest.mark.parametrize("text", ["", "   ", "\t", "\u00a0"])
def test_a_name_of_nothing_is_refused(text):
    with pytest.raises(ValidationError):
        TypeAdapter(NewCustomerName).validate_python(text)


def test_a_misspelt_filter_is_refused_with_those_there_are(cast, danas):
    make_job(cast.acme, cast.exchange)
    answer = danas.get("/jobs?stauts=completed")
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "stauts"
    assert "status" in fault["message"] and "planned_from" in fault["message"]
    assert danas.get("/jobs?status=completed").json()["items"] == []


def test_nell_learns_nothing_by_asking(cast, program):
    assert program(cast.nell).get("/jobs?status=completed").status_code == 403


def test_without_a_token_the_answer_is_the_same_whatever_is_asked(client, db):
    assert client.get("/api/v1/jobs?stauts=1").status_code == client.get("/api/v1/jobs").status_code == 401
