"""Whatever somebody sends where a form has a key, a count or a number: an answer, never an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from console.keys import whole_number
from jobs.admin.series_form import _whole
from templates_app.price_forms import PriceLinesInput
from tests.accounts.test_rights_pages import preview

KEYS = {
    "nothing": "",
    "more than a database holds": "9" * 19,
    "more than Python reads": "9" * 5000,
    "another alphabet's": "٣",
    "raised": "²",
    "less than nothing": "-1",
    "NUL": "\x00",
    "no number": "x",
}
BULK = {"index": "0", "action": "add_template"}
# Who, and what is sent with the key in it. Cora's key stands for "person".
FORMS: dict[str, tuple[str, Any]] = {
    "another account": ("cora", lambda ask, key, cast: ask.post("/accounts/switch/", {"account": key})),
    "a new job's account and place": (
        "cora",
        lambda ask, key, cast: ask.post("/jobs/new/skip-exchange/", {"account": key, "place": key, "once": "1"}),
    ),
    "an override's level": (
        "olivia",
        lambda ask, key, cast: ask.post(
            f"/admin/accounts/portaluser/{cast.cora.pk}/reset_override/",
            {"_form_submitted": "True"},
            query_params={"permission": "cancel_jobs", "level": key},
        ),
    ),
    "a template for many": (
        "olivia",
        lambda ask, key, cast: preview(
            ask, "/admin/accounts/portaluser/", **BULK, _selected_action=[cast.cora.pk], template=key
        ),
    ),
    "the ticked people": (
        "olivia",
        lambda ask, key, cast: ask.post(
            "/admin/accounts/portaluser/", BULK | {"_selected_action": [key], "template": key, "_form_submitted": "1"}
        ),
    ),
    "a rule's numbers": (
        "dana",
        lambda ask, key, cast: ask.get(
            "/admin/jobs/series/preview/",
            {"rule1_kind": "month", "rule1_every": key, "rule1_day": key, "starts_on": "2026-11-23", "count": key},
        ),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_key_breaks_a_page(cast, sign_in, form):
    who, ask = FORMS[form]
    client = sign_in(getattr(cast, who))
    client.raise_request_exception = False
    answers = {name: ask(client, key, cast).status_code for name, key in KEYS.items()}
    assert {name: status for name, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_what_is_no_number_is_none(key):
    assert whole_number(key) is None and _whole(f"-{key}") == f"-{key}"
    sent = QueryDict(mutable=True)
    sent["lines-count"] = key
    assert PriceLinesInput().value_from_datadict(sent, {}, "lines") is None


def test_numbers_are_read():
    assert (whole_number("0"), whole_number("17"), _whole("3"), _whole("-3")) == (0, 17, 3, -3)
