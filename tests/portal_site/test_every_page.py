"""What holds of every page of the companion site, whoever adds one."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.site_map import Page, Site

QUERIES = 12
BYTES = 100_000
A_YEAR = 31_536_000


@pytest.fixture
def site(cast, portal):
    return Site(cast, portal)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The static files as an installation has them."""
    return tmp_path_factory.mktemp("collected")


@pytest.fixture
def as_installed(collected, settings):
    """Static files hashed and compressed, as in production."""
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.compression.CompressedStaticFiles"}}
    settings.STATIC_ROOT = collected
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    if not any(collected.iterdir()):
        call_command("collectstatic", interactive=False, verbosity=0)


class Needs(HTMLParser):
    """The addresses a browser fetches to show a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") in ("stylesheet", "icon", "preload", "manifest"):
            self.found.add(said.get("href") or "")
        elif tag in ("script", "img", "iframe", "source") and said.get("src"):
            self.found.add(said["src"] or "")


def weight(answer: Any) -> int:
    """What an answer weighs on the wire: head and body."""
    body = b"".join(answer) if answer.streaming else answer.content
    return len(body) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())


def first_visit(client: Client, page: Page) -> dict[str, int]:
    """{address: bytes} of everything a browser with nothing kept fetches to show a page."""

    def fetch(path: str) -> Any:
        return client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})

    answer = fetch(page.path)
    bare = client.get(page.path).content.decode()
    weights, waiting = {page.path: weight(answer)}, Needs(bare).found
    while waiting:
        path = waiting.pop()
        if path in weights or path.startswith("data:"):
            continue
        assert path.startswith("/"), f"{page.path} asks another host: {path}"
        got = fetch(path)
        assert got.status_code == 200, f"{page.path} needs {path}, which answers {got.status_code}"
        weights[path] = weight(got)
        if path.endswith(".css"):
            style = b"".join(client.get(path)).decode()
            waiting |= {urljoin(path, named) for named in re.findall(r"url\([\"']?(?!data:)([^)\"'#]+)", style)}
    return weights


def test_no_page_asks_the_database_more_than_twelve_times(site):
    clients = {who: site.client(who) for who in site.people}
    counted = {}
    for page in site.pages():
        with CaptureQueriesContext(connection) as caught:
            clients[page.who].get(page.path)
        counted[page] = len(caught)
    assert counted
    too_many = {page: queries for page, queries in counted.items() if queries > QUERIES}
    assert not too_many


def test_no_page_weighs_more_than_a_hundred_kilobytes_on_a_first_visit(site, as_installed):
    clients = {who: site.client(who) for who in site.people}
    too_heavy = {}
    for page in site.pages():
        weights = first_visit(clients[page.who], page)
        if sum(weights.values()) > BYTES:
            too_heavy[page] = weights
    assert not too_heavy


def test_static_files_are_hashed_compressed_and_kept_for_a_year(site, as_installed):
    client = site.client("Cora")
    pages = [page.path for page in site.pages() if page.who == "Cora"]
    needed = {path for page in pages for path in Needs(client.get(page).content.decode()).found}
    static = {path for path in needed if path.startswith("/static/")}
    assert static
    for path in static:
        got = client.get(path, headers={"Accept-Encoding": "gzip, deflate, br"}).headers
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path), path
        assert int(re.search(r"max-age=(\d+)", got["Cache-Control"])[1]) >= A_YEAR, path
        assert "immutable" in got["Cache-Control"], path
        assert got["Content-Encoding"] == "br", path
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip", path


def test_the_businesss_colour_is_kept_for_a_year_too(site, client):
    colour = next(path for path in Needs(client.get("/login/").content.decode()).found if path.startswith("/brand.css"))
    assert f"max-age={A_YEAR}" in client.get(colour).headers["Cache-Control"]


def test_a_page_goes_out_compressed_and_a_picture_as_it_is(site):
    client = site.client("Cora")
    offered = {"Accept-Encoding": "gzip"}
    assert client.get("/jobs/", headers=offered).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/jobs/").headers
    picture = client.get(f"/jobs/{site.open.number}/files/{site.file.reference}/", headers=offered)
    assert picture.headers["Content-Type"] == "image/jpeg" and "Content-Encoding" not in picture.headers


def test_a_second_start_compresses_nothing_again(as_installed):
    call_command("collectstatic", interactive=False, verbosity=0)
    storage: Any = storages["staticfiles"]
    done = storage.hashed_files.values()
    assert any(name.startswith("bootstrap/") for name in done)
    again = dict(storage.compress_files(done))
    assert not {name for name in again if name.endswith(".css")}
