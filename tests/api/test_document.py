"""The document, its page, and everything it allows, asked at random."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from config.api import api
from config.wsgi import application
from jobs.services import create_series
from tests.factories import make_job, make_template

document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
schema = schemathesis.openapi.from_dict(document)
schema.app = application
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture
def world(cast, settings, program):
    """Records to be found, and the tokens of Olivia and Theo."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    # As Django's test client does: the end of a request must not close the connection the test lives in.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    template = make_template("Everything", fields=tuple({"label": f"F {k}", "kind": k} for k in ("number", "datetime")))
    for customer in (cast.acme, cast.birch):
        make_job(customer, template, worker=cast.theo, external_id=f"X-{customer.pk}")
    facts = {"name": "s", "customer": cast.acme, "template": template, "starts_on": timezone.localdate()}
    create_series(facts | {"rules": [{"kind": "weekday"}], "create_days_ahead": 0}, by=None)
    yield {"office": program(cast.olivia).plain, "worker": program(cast.theo).plain}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_it_allows_is_answered_as_it_says(case, world, cast):
    plain = world["worker" if case.path.startswith("/api/v1/worker/") else "office"]
    if "ref" in case.path_parameters:
        known = {"jobs": "J-000001", "customers": str(cast.acme.pk), "workers": str(cast.theo.pk), "worker": "J-000001"}
        part = case.path.split("/")[3]
        if len(case.path_parameters["ref"]) % 2:
            case.path_parameters["ref"] = known.get(part, "1")
    case.call_and_validate(
        headers={**(case.headers or {}), "Authorization": f"Bearer {plain}"},
        checks=[CHECKS.get_one(name) for name in NAMES],
    )


def test_every_operation_declares_its_errors_and_needs_a_token():
    for address, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (address, method)
            assert operation["security"], (address, method)
            assert {"401", "403", "404", "422", "429"} <= set(operation["responses"])


def test_its_page_needs_no_script_and_nothing_from_elsewhere(client, db):
    text = client.get("/api/v1/docs").content.decode()
    assert "<script" not in text
    assert "https://" not in text.replace("https://testserver", "")
    for address in document["paths"]:
        assert address in text
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Portico"


def test_what_is_not_there_is_a_problem_too(client, db):
    for address in ("/api/", "/api/v2/jobs", "/api/v1/nothing"):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
