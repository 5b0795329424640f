"""Whatever somebody types into an address, the answer is a page or a sentence, and never a fault.

``parameters.txt`` says which parameters every address reads. In CI a sample is asked, the same each time;
``DOORS=whole`` puts every value into every parameter and into every part of every address.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.services import make_token
from api.sections import scopes
from imports.choices import RunState
from imports.models import ImportRun
from tests.api.examples import make_world
from tests.architecture.tree import APPS, ROOT
from tests.doors.crawl import WHOLE
from tests.doors.hostile import (
    ORDER,
    SHAPES,
    VALUES,
    WORST,
    Everywhere,
    api_addresses,
    api_path,
    api_paths,
    read_table,
    table_of,
    watched,
    with_parts,
)

# As many requests as a quick run asks of each sort.
SAMPLE = 400
READ = re.compile(r"request\.GET(?:\.get(?:list)?\(|\[)\"(\w+)\"")
# Names no page of the table reads, and why.
ELSEWHERE = {
    "key": "what is chosen at first in the dialog of a job with a field for a file, read by nothing else",
    "result": "read by the page of an import that is over: a test of its own",
}
# What ends the session that is being used.
LEFT_OUT = {"admin:logout", "portal_site:logout"}


@dataclass(frozen=True)
class Ask:
    """One request: who sends it, how, and to which address."""

    who: str
    method: str
    path: str
    name: str

    def __str__(self) -> str:
        path = self.path if len(self.path) < 200 else f"{self.path[:200]}... ({len(self.path)} signs)"
        return f"{self.method} {path} as {self.who}"


@pytest.fixture
def everywhere(cast, settings, tmp_path):
    settings.MEDIA_ROOT, settings.AXES_ENABLED = tmp_path, False
    return Everywhere(cast)


def sample(asks: Iterable[Ask]) -> list[Ask]:
    """All of them, or the same few of them each time; of each address one at least where there is room."""
    found = list(asks)
    if WHOLE or len(found) <= SAMPLE:
        return found
    chance = random.Random(9)
    chance.shuffle(found)
    first = {ask.name: ask for ask in found}
    return list(dict.fromkeys([*first.values(), *found]))[: max(SAMPLE, len(first))]


def faults_of(clients: dict[str, Client], asks: Iterable[Ask], headers: dict[str, dict[str, str]]) -> Iterator[str]:
    """What went wrong with each request that ended in a fault; what a request does is undone."""
    answers: Counter[int] = Counter()
    for ask in asks:
        # No limit on tries hides what a later value would do.
        cache.clear()
        client = clients[ask.who]
        cookies = dict(client.cookies)
        try:
            with transaction.atomic():
                answer = client.generic(ask.method, ask.path, headers=headers.get(ask.who))
                b"".join(answer.streaming_content) if answer.streaming else answer.content
                transaction.set_rollback(True)
        except Exception as fault:
            yield f"{ask.name}: {type(fault).__name__}: {fault}  ({ask})"
        else:
            answers[answer.status_code] += 1
            if answer.status_code >= 500:
                yield f"{ask.name}: {answer.status_code}  ({ask})"
        client.cookies.clear()
        client.cookies.update(cookies)
    assert answers, "nothing was answered"
    assert not answers[429], "a limit stood in the way"


def reported(faults: Iterable[str]) -> str:
    """The faults, one of each sort."""
    by_sort: dict[str, str] = {}
    for fault in faults:
        by_sort.setdefault(fault.partition("  (")[0], fault)
    return "\n".join(by_sort.values())


def test_the_table_says_what_every_address_reads(everywhere):
    """A page that reads another name from its address is walked with it from then on."""
    found, said = table_of(everywhere), read_table()
    wrong = [
        " ".join((name, *found.get(name, ("(gone)",))))
        for name in sorted(found.keys() | said.keys())
        if found.get(name) != said.get(name)
    ]
    assert not wrong, "Lines of tests/doors/parameters.txt that should read:\n" + "\n".join(wrong)


def test_the_table_leaves_out_no_name_that_is_written_down():
    """What a view asks its address for by name is read somewhere."""
    walked = {name for _who, *names in read_table().values() for name in names}
    requested = set()
    for folder in APPS:
        for path in (ROOT / folder).rglob("*.py"):
            requested |= set(READ.findall(path.read_text()))
    assert len(requested) > 20
    assert not requested - walked - ELSEWHERE.keys(), "No address of tests/doors/parameters.txt reads these"


def in_parameters(everywhere: Everywhere) -> Iterator[Ask]:
    """Every value in every parameter; where it is read by whoever sees the page, and by others."""
    for name, (who, *names) in read_table().items():
        page = everywhere.at(name, frozenset(names))
        for parameter in names:
            for value in VALUES:
                yield Ask(who, "GET", page.requested(f"{parameter}={value}"), name)
            for shape in SHAPES:
                yield Ask(who, "GET", page.requested(shape.format(parameter)), name)
            for other, value in itertools.product(ORDER, WORST):
                if other != who:
                    yield Ask(other, "GET", page.requested(f"{parameter}={value}"), name)
        for value in VALUES:
            yield Ask(who, "GET", page.requested("&".join(f"{one}={value}" for one in names)), name)
            yield Ask(who, "GET", page.requested(f"{value}={value}"), name)


def test_no_value_of_a_parameter_is_a_fault(everywhere):
    faults = reported(faults_of(everywhere.clients, sample(in_parameters(everywhere)), {}))
    assert not faults, faults


def test_no_value_is_a_fault_where_an_import_is_over(everywhere):
    run = everywhere.world.records["imports.importrun"]
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.FINISHED)
    page = everywhere.at("admin:imports_importrun_change", frozenset({"result", "page"}))
    with watched() as read:
        everywhere.clients["admin"].get(page.path)
    assert page.names <= read
    asks = [
        Ask("admin", "GET", page.requested(f"{name}={value}"), page.name)
        for name, value in itertools.product(sorted(page.names), VALUES)
    ]
    faults = reported(faults_of(everywhere.clients, asks, {}))
    assert not faults, faults


def in_parts(everywhere: Everywhere) -> Iterator[Ask]:
    """Every value in every part of every address, read and written to."""
    for name, (who, *_names) in read_table().items():
        if name in LEFT_OUT:
            continue
        for value, path in with_parts(everywhere.at(name, frozenset()), VALUES):
            for method in ("GET", "POST"):
                yield Ask(who, method, path, name)
                if value in WORST:
                    yield from (Ask(other, method, path, name) for other in ORDER if other != who)


def test_no_part_of_an_address_is_a_fault(everywhere):
    faults = reported(faults_of(everywhere.clients, sample(in_parts(everywhere)), {}))
    assert not faults, faults


def in_api() -> Iterator[Ask]:
    """Every value in every parameter and part of every address of the API, for the office and for a worker."""
    for who in ("office", "worker"):
        for method, address, names in api_addresses():
            name, path = f"{method} {address}", api_path(address)
            for parameter, value in itertools.product(names, VALUES):
                yield Ask(who, method, f"{path}?{parameter}={value}", name)
            for parameter, shape in itertools.product(names, SHAPES):
                yield Ask(who, method, f"{path}?{shape.format(parameter)}", name)
            for value in VALUES:
                yield Ask(who, method, f"{path}?{value}={value}", name)
                yield from (Ask(who, method, one, name) for one in api_paths(address, value))


@pytest.fixture
def program(cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 10**9
    make_world(cast)
    return {
        "office": make_token(name="Accounting", user=cast.olivia, by=cast.olivia, scopes=tuple(scopes()))[1],
        "worker": make_token(name="App", worker=cast.theo, by=cast.olivia)[1],
    }


def test_no_value_is_a_fault_of_the_api(program):
    headers = {who: {"Authorization": f"Bearer {token}"} for who, token in program.items()}
    clients = {who: Client() for who in program}
    faults = reported(faults_of(clients, sample(in_api()), headers))
    assert not faults, faults
