"""What somebody may type into an address, and which parameters the addresses of the project read.

The parameters are not guessed: each page is asked once while it is watched which names it reads from its address. What
is found stands in ``parameters.txt``; a page that reads a new name is named by ``test_hostile_addresses.py``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import NoReverseMatch, resolve, reverse

from accounts.services import make_token
from config.api import api
from tests.permissions.matrix_world import World, addresses

TABLE = Path(__file__).with_name("parameters.txt")
# As they stand in an address, percent and all: what is nonsense to a parser too.
VALUES = (
    "",
    "x",
    "%00",
    "a%00b",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "9" * 400,
    "1e400",
    "NaN",
    "%D9%A3",  # a digit of another alphabet
    "%C2%B2",  # a digit that is no number
    "9999-12-31",
    "0001-01-01",
    "0000-00-00",
    "2026-02-30",
    "28.11.20266",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "9999-12-31T23:59:59.999999-14:00~accounts.customer~1",
    "24:00",
    "99:99",
    "%ED%A0%80",  # half of a pair
    "%FF%FE",
    "%",
    "%zz",
    "a" * 4000,
    "a+" * 900,
    "%25" * 500,
    "%5B%5D",
    "%7B%22a%22%3A1%7D",
    "%27%22%3B--",
    "%3Cb%3E",
    "..%2F..%2F",
    "%2F%2Felsewhere.example%2F",
    "%0D%0AX-Own%3A+1",
    "%E2%80%AE",
    "external:",
    "external:%00",
    "00000000-0000-0000-0000-00000000000g",
    "None",
    "1,2,x",
)
# Those that each parameter gets alone as well: what breaks a database, a calendar, a converter.
WORST = ("a%00b", "99999999999999999999", "9999-12-31", "x")
# Stands where a value will; none is a part of an address.
STAND_INS = ("zqxhostile", "987654321", uuid.UUID(int=987654321))
_BLANK = re.compile(r"(\w+/)?{(\w+)}")
# What there is in the world of the examples.
_KNOWN = {
    "jobs/": "jobs/J-000042", "customers/": "customers/external:C-17", "workers/": "workers/external:VAN-3",
    "series/": "series/5", "links/": "links/12", "templates/": "templates/skip-exchange",
    "steps/": "steps/drive_there", "skips/": "skips/2099-12-24",
}  # fmt: skip
# The parameter in other shapes.
SHAPES = ("{0}=x&{0}=1&{0}=%00", "{0}[]=1", "{0}[a]=1", "{0}__in=1,2", "{0}")


class Watched(QueryDict):
    """The parameters of an address; remembers by which names it was asked."""

    requested: set[str]

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def get(self, name: Any, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def getlist(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().getlist(name, default)

    def _note(self, name: object) -> None:
        if hasattr(self, "requested"):
            self.requested.add(str(name))


@contextmanager
def watched() -> Iterator[set[str]]:
    """While it lasts, the names that pages read from their addresses are collected."""
    requested: set[str] = set()

    def parameters(request: WSGIRequest) -> QueryDict:
        found = request.__dict__.get("_watched")
        if found is None:
            found = request.__dict__["_watched"] = Watched(request.META.get("QUERY_STRING", ""), encoding="utf-8")
            found.requested = requested
        return found

    def replace(request: WSGIRequest, value: Any) -> None:
        request.__dict__["_watched"] = value

    with mock.patch.object(WSGIRequest, "GET", property(parameters, replace)):
        yield requested


# What an address needs before it reads the rest of its parameters.
FIRST = {
    "admin:autocomplete": "app_label=accounts&model_name=customerlink&field_name=customer",
    "admin:jobs_series_preview": "rule1_kind=week&rule1_every=1&starts_on=2026-03-02&start_time=08:00",
    "admin:jobs_job_add": "template=none",
}


# Who asks. Elsewhere: staff who work with one other customer only; nobody: not signed in.
ORDER = ("admin", "with", "guest", "elsewhere", "nobody")


@dataclass(frozen=True)
class Page:
    """One address with its parts filled in; ``names``: the parameters it reads."""

    name: str
    parts: dict[str, Any]
    names: frozenset[str]

    @property
    def path(self) -> str:
        """Where it is."""
        return reverse(self.name, kwargs=self.parts)

    def requested(self, query: str) -> str:
        """Its address with something behind the question mark, after what has to stand there first."""
        first = FIRST.get(self.name, "")
        return f"{self.path}?{first}&{query}" if first else f"{self.path}?{query}"


class Everywhere:
    """Every address of the console and the companion site, and whoever may ask for it."""

    def __init__(self, cast: Any) -> None:
        self.world = World(cast)
        # Its dialog is there for who has one.
        make_token(name="App", worker=cast.theo, by=cast.olivia)
        self.arguments = addresses()
        self.clients = {who: self.world.client(who) for who in ORDER}
        for client in self.clients.values():
            client.raise_request_exception = True

    def at(self, name: str, names: frozenset[str]) -> Page:
        """An address with the keys of what there is."""
        path = self.world.url(name, self.arguments[name])
        return Page(name, dict(resolve(path).kwargs), names)

    def reads(self, name: str) -> tuple[str, frozenset[str]]:
        """Who sees an address first, and what it reads from its parameters."""
        path = self.world.url(name, self.arguments[name])
        answers: dict[str, tuple[int, set[str]]] = {}
        for who in self._order(name):
            with watched() as requested:
                answer = self.clients[who].get(path)
                # Some forms look at an address only where there is something behind its question mark.
                self.clients[who].get(f"{path}?{FIRST.get(name) or 'anything=1'}")
            answers[who] = (answer.status_code, requested | forms_of(answer))
            if answer.status_code == 200:
                break
        who = next((one for one, answer in answers.items() if answer[0] == 200), next(iter(answers)))
        found = {one for one in answers[who][1] if not one.startswith("_") or one in (IS_POPUP_VAR, TO_FIELD_VAR)}
        return who, frozenset(found | list_parameters(name, self.world.cast.olivia)) - {"anything"}

    @staticmethod
    def _order(name: str) -> tuple[str, ...]:
        if name.startswith(("admin:", "console_")):
            return ("admin", "nobody")
        return ("guest", "with", "nobody") if "guest" in name else ("with", "guest", "nobody", "admin")


def read_table() -> dict[str, list[str]]:
    """{name of an address: who sees it first, then the parameters it reads}, as the table says."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {name: read for name, *read in lines}


def table_of(everywhere: Everywhere) -> dict[str, list[str]]:
    """The same, as it is."""
    found: dict[str, list[str]] = {}
    for name in everywhere.arguments:
        cookies = {who: dict(client.cookies) for who, client in everywhere.clients.items()}
        with transaction.atomic():
            who, names = everywhere.reads(name)
            transaction.set_rollback(True)
        found[name] = [who, *sorted(names)]
        # Some addresses end the session in which they are asked.
        for one, client in everywhere.clients.items():
            client.cookies.clear()
            client.cookies.update(cookies[one])
    return found


def with_parts(page: Page, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(value, address) with each value in each part of an address."""
    for part in page.parts:
        for stand_in in STAND_INS:
            try:
                path = reverse(page.name, kwargs={**page.parts, part: stand_in})
            except NoReverseMatch:
                continue
            yield from ((value, path.replace(str(stand_in), value)) for value in values)
            break


def api_addresses() -> Iterator[tuple[str, str, list[str]]]:
    """(method, address, names of its parameters) of the API, as its document says."""
    for address, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            yield method.upper(), address, names


def api_path(address: str) -> str:
    """An address of the API with what there is in its blanks."""
    return _BLANK.sub(lambda found: _KNOWN.get(found[1] or "", (found[1] or "") + "1"), address)


def api_paths(address: str, value: str) -> Iterator[str]:
    """An address of the API with a value in each of its blanks."""
    for found in _BLANK.finditer(address):
        yield api_path(address[: found.start()] + (found[1] or "") + value + address[found.end() :])


def forms_of(answer: Any) -> set[str]:
    """The fields that the form of a page can be given by its address."""
    context = answer.context or {}
    form = context.get("adminform") if hasattr(context, "get") else None
    return set(form.form.fields) if form is not None else set()


def list_parameters(name: str, user: Any) -> set[str]:
    """What every list of the console takes, and the filters it declares."""
    found = re.fullmatch(r"admin:(\w+?)_(\w+)_(changelist|export)", name)
    if found is None:
        return set()
    request = RequestFactory().get("/")
    request.user = user
    for model, page in admin.site._registry.items():
        if f"admin:{model._meta.app_label}_{model._meta.model_name}_{found[3]}" == name:
            own = {ALL_VAR, ERROR_FLAG, IS_FACETS_VAR, IS_POPUP_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR, TO_FIELD_VAR}
            return own | set(page.declared_parameters(request))  # type: ignore[attr-defined]
    return set()
