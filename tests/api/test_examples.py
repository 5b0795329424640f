"""The documentation does not lie: each of its requests is made, and no operation is without one."""

from __future__ import annotations

import json
import re

import pytest

from jobs.models import Job
from tests.api.examples import EXAMPLES, TEXT, TODAY, before, make_world, operations


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_it_works_as_it_stands(cast, program, example, time_machine):
    time_machine.move_to(TODAY)
    make_world(cast)
    before(example, cast)
    owner = {"worker": cast.theo, "billing.read": cast.bill, "billing.write": cast.bill}.get(example.scope, cast.dana)
    answer = example.sent_by(program(owner) if owner is cast.theo else program(owner, scopes=example.scopes))
    assert answer.status_code in (200, 201), answer.content
    if example.method == "GET" and "items" in answer.json():
        assert answer.json()["items"], "it finds nothing"


def test_every_operation_has_one():
    missing = operations().keys() - {example.operation for example in EXAMPLES}
    assert not missing, f"Show in docs/api.md how to ask for: {sorted(missing)}"
    assert all(example.operation for example in EXAMPLES), "an example of an operation there is not"


def test_every_scope_is_explained():
    assert not {f"`{scope}`" for scope in operations().values() if scope != "worker"} - set(
        re.findall("`[a-z.]+`", TEXT)
    )


@pytest.mark.parametrize("text", ["docs/api.md", "page"])
def test_the_line_that_makes_a_job_makes_it(cast, program, client, text):
    """With number, history, event and portal link (issue: "must show")."""
    shown = TEXT if text == "docs/api.md" else client.get("/api/v1/docs").content.decode().replace("&quot;", '"')
    curl = re.search(r"curl .*?/api/v1/jobs", shown, re.DOTALL)
    body = json.loads(re.search(r"-d '(\{.*?\})'", curl.group()).group(1))
    answer = program(cast.dana).post("/jobs", body)
    assert answer.status_code == 201
    job = Job.objects.get()
    assert answer.json()["number"] == job.number == "J-000001"
    assert answer.json()["portal_link"] == job.portal_links.get().url
    assert job.history.count() == job.events.count() == 1
    assert job.customer == cast.acme
