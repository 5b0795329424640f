"""The document, its page, and everything it allows, asked at random.

``API_EXAMPLES=300`` asks each operation that often instead of a few times.
"""

from __future__ import annotations

import json
import os
import re

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from config.api import api
from config.wsgi import application
from tests.api.examples import EXAMPLES, TODAY, before, make_world, operations

document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
schema = schemathesis.openapi.from_dict(document)
schema.app = application
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
# What a document of shapes cannot know: which records there are, which fields a template has, what day it is.
UNTOLD = re.compile(
    "There is no such|has no such|This template has no field|A job without a template|already exists|no time of today|"
    "lies before the first|A window of time|The window ends before|Name the invoices|two decimals"
)
HEADS = ("None", "ParameterLocation.HEADER", "ParameterLocation.COOKIE")
TIMES = int(os.environ.get("API_EXAMPLES", "8"))
# What there is in the world, by the names of the document: a request that reaches something says more than one that
# reaches nothing.
KNOWN = {
    "jobs": ["J-000042", "external:A-17"],
    "customers": ["external:C-17"],
    "workers": ["external:VAN-3"],
    "series": ["5"],
    "links": ["12"],
    "templates": ["skip-exchange"],
    "steps": ["drive_there"],
    "skips": ["2099-12-24"],
    "invoices": ["R-2026-000001"],
    "payments": ["P-2026-000001"],
}


@pytest.fixture
def world(cast, settings, program, time_machine):
    """Records to be found, and the tokens of Olivia and Theo."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    time_machine.move_to(TODAY)
    make_world(cast)
    # As Django's test client does: the end of a request must not close the connection the test lives in.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"office": program(cast.olivia).plain, "worker": program(cast.theo).plain}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def status_of(case, plain, mode=None):
    """The status of the answer, which is as the document says; what it allows is taken, what it does not is refused."""
    # The client of the tests reads no compressed answers.
    headers = {**(case.headers or {}), "Authorization": f"Bearer {plain}", "Accept-Encoding": "identity"}
    answer = case.call_and_validate(headers=headers, checks=[CHECKS.get_one(name) for name in NAMES])
    if mode is GenerationMode.POSITIVE and answer.status_code in (400, 422):
        faults = answer.json()["errors"]
        beyond = [fault for fault in faults if not UNTOLD.search(fault["message"])]
        assert faults and not beyond, f"the document allows it: {beyond} {case.as_curl_command()}"
    if mode is GenerationMode.NEGATIVE and _is_wrong_beyond_the_head(case):
        assert answer.status_code >= 400, f"the document forbids it: {case.meta.phase.data} {case.as_curl_command()}"
    return answer.status_code


def _is_wrong_beyond_the_head(case):
    """Is something wrong that the API looks at? Its own headers are put right above."""
    said = case.meta.phase.data.description or ""
    return "query:" in said or "body:" in said or str(case.meta.phase.data.parameter_location) not in HEADS


def aimed(case, draw):
    """The same request, at something there is; one in three stays as it is."""
    parts = case.path.split("/")
    for name in case.path_parameters or {}:
        kind = parts[parts.index(f"{{{name}}}") - 1]
        if draw(st.integers(0, 2)):
            case.path_parameters[name] = draw(st.sampled_from(KNOWN[kind]))
    return case


@pytest.mark.parametrize("name", operations())
def test_whatever_it_allows_is_answered_as_it_says(name, world, cast):
    method, address = name.split()
    operation = schema[address][method]
    able, unable = ("worker", "office") if operations()[name] == "worker" else ("office", "worker")

    # A good request first, so that the answers in the document are checked against answers there are.
    example = next(one for one in EXAMPLES if one.operation == name)
    before(example, cast)
    blanks = [part for part in address.split("/") if part.startswith("{")]
    filled = dict(zip(address.split("/"), example.address.partition("?")[0].split("/"), strict=True))
    good = operation.Case(
        path_parameters={blank.strip("{}"): filled[blank] for blank in blanks},
        **({"body": json.loads(example.body), "media_type": "application/json"} if example.body else {}),
    )
    assert status_of(good, world[unable]) == 403
    assert status_of(good, world[able]) in (200, 201)

    told = set()
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE])

    @settings(
        max_examples=TIMES,
        deadline=None,
        derandomize="API_EXAMPLES" not in os.environ,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data):
        mode = data.draw(modes)
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body or blanks):
            mode = GenerationMode.POSITIVE
        case = aimed(data.draw(operation.as_strategy(generation_mode=mode)), data.draw)
        cache.clear()
        told.add(status_of(case, world[able], mode))
        told.add(status_of(case, world[unable]))

    ask()
    assert told - {401}, "it never got past the door"


def test_every_operation_declares_its_errors_and_needs_a_token():
    for address, found in document["paths"].items():
        for method, operation in found.items():
            assert operation["summary"], (address, method)
            assert operation["description"], (address, method)
            assert operation["security"], (address, method)
            assert {"401", "403", "404", "422", "429"} <= set(operation["responses"])
            for parameter in operation.get("parameters", []):
                told = parameter.get("description") or parameter["name"] in operation["description"]
                assert told, f"{method} {address}: what is {parameter['name']}?"


def test_every_shape_is_explained():
    shapes = document["components"]["schemas"]
    assert not [name for name, shape in shapes.items() if not shape.get("description") and not name.startswith("Page_")]


def test_every_list_has_pages_and_an_end():
    """Whatever answers with many has a limit, 200 at most."""
    for address, found in document["paths"].items():
        if "get" not in found or address == "/api/v1/worker/jobs":  # one worker's open jobs: 200 at most, by its text
            continue
        answer = found["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer.get("type") != "array", address
        if "Page_" in answer["$ref"]:
            limits = [one["schema"] for one in found["get"]["parameters"] if one["name"] == "limit"]
            assert [limit["maximum"] for limit in limits] == [200], address


def test_its_page_needs_no_script_and_nothing_from_elsewhere(client, db):
    text = client.get("/api/v1/docs").content.decode()
    assert "<script" not in text
    assert "https://" not in text.replace("https://testserver", "")
    for name, scope in operations().items():
        assert name.split()[1] in text
        assert scope == "worker" or f"<code>{scope}</code>" in text
    for shape in document["components"]["schemas"]:
        assert shape.startswith("Page_") or f'id="{shape}"' in text
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Portico"
