"""A real Chromium on the real site: ``page_for(cast.dana)`` is a page on which Dana has signed in.

Without Chromium these tests are skipped and say so; with REQUIRE_BROWSER=1 they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, Playwright, Request, Response

from accounts.models import PortalUser, User
from tests.browser import axe
from tests.browser.stops import Stop, client_of, stops
from tests.factories import PASSWORD
from tests.site_map import Site

HERE = Path(__file__).parent
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "No Chromium on this machine: install the package chromium, or say where it is with CHROMIUM=/path."
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every story here runs in a browser, and its site sees only what is committed."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all stories of a process."""
    path = _chromium()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)
    chromium = playwright.chromium.launch(executable_path=path, args=ARGS)
    yield chromium
    chromium.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of the running site, and of the links it writes into messages."""
    settings.SITE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def page_for(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """``page_for(person)``: a page in a window of its own, signed in by the form; without a person, a visitor's.

    ``dark`` and ``narrow`` choose the look, ``locale`` the language that the browser asks for; without ``scripts``
    none runs. A story fails when a page of it threw an error, answered with a 500 (unless it is told to
    ``expect_faults``) or asked anything of another host.
    """
    contexts = []
    complaints: list[str] = []

    def watch(page: Page, expect_faults: bool) -> None:
        def on_request(request: Request) -> None:
            if not request.url.startswith((site, "data:", "blob:", "about:")):
                complaints.append(f"a page asked another host: {request.url}")

        def on_response(response: Response) -> None:
            if response.status >= 500 and not expect_faults:
                complaints.append(f"{response.request.method} {response.url} answered {response.status}")

        page.on("pageerror", lambda error: complaints.append(f"an error on {page.url}: {error}"))
        page.on("request", on_request)
        page.on("response", on_response)

    def _page_for(
        person: User | PortalUser | None = None,
        *,
        dark: bool = False,
        narrow: bool = False,
        locale: str = "en-GB",
        scripts: bool = True,
        expect_faults: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=site,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale=locale,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        watch(page, expect_faults)
        if person is not None:
            _sign_in(page, person)
        return page

    yield _page_for
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def _sign_in(page: Page, person: User | PortalUser) -> None:
    """As she would: with her address and her password, on her own door."""
    user = person.user if isinstance(person, PortalUser) else person
    page.goto("/login/" if isinstance(person, PortalUser) else "/admin/")
    page.fill("input[name=username]", user.email)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    assert page.locator("input[name=password]").count() == 0, f"{user} could not sign in"


@pytest.fixture
def business(cast: Any, portal: Any, settings: Any) -> Site:
    """The site with something of everything (tests/site_map.py); guesses are counted."""
    settings.AXES_ENABLED = True
    return Site(cast, portal)


@pytest.fixture
def walk(business: Site, page_for: Any, site: str) -> Callable[..., Iterator[tuple[Stop, Page]]]:
    """``for stop, page in walk()``: every stop, each in its person's window; ``only``: those of one person."""

    def _walk(*, dark: bool = False, only: str = "") -> Iterator[tuple[Stop, Page]]:
        windows: dict[str, Page] = {}
        for stop in stops(business):
            if only and stop.who != only:
                continue
            page = windows.get(stop.who)
            if page is None:
                page = windows[stop.who] = page_for(dark=dark, expect_faults=True)
                session = client_of(stop.who, business).cookies.get(django_settings.SESSION_COOKIE_NAME)
                if session is not None:
                    page.context.add_cookies([{"name": session.key, "value": session.value, "url": site}])
            page.set_viewport_size(WIDE)  # type: ignore[arg-type]
            with stop.changes(business) if stop.changes else nullcontext():
                stop.go(page, business)
                page.wait_for_load_state()  # a click comes back before the page it leads to is there
                yield stop, page

    return _walk


@pytest.fixture(scope="session")
def axe_core() -> str:
    """The text of axe-core. Without it the test is skipped; with REQUIRE_BROWSER=1 it fails."""
    try:
        return axe.script(django_settings.VAR_DIR / "axe-core")
    except axe.NotThere as why:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(str(why), pytrace=False)
        pytest.skip(str(why))


def pictures_folder() -> Path | None:
    """Where pictures of pages go; None unless they are asked for with PICTURES=1: they take time."""
    if os.environ.get("PICTURES") != "1":
        return None
    folder: Path = django_settings.VAR_DIR / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """``screenshot(page, "jobs")``: the page as it stands, wide and narrow, as pictures in var/screenshots."""
    folder = pictures_folder()

    def _screenshot(page: Page, name: str) -> None:
        if folder is None:
            return
        before = page.viewport_size
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=folder / f"{name}-{size['width']}.png", full_page=True)
        if before:
            page.set_viewport_size(before)

    return _screenshot
