"""Every page of the companion site, for everybody: WCAG 2.2 AA in both themes, on a small telephone, at twice the size,
for a thumb, by keyboard alone. With ``PICTURES=1`` the walk leaves pictures of each page in ``var/screenshots``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test.signals import template_rendered
from playwright.sync_api import Page

from tests.browser import axe
from tests.browser.conftest import NARROW, WIDE, pictures_folder
from tests.browser.keyboard import problems_of

PAGES = "portal_site/pages/"
# What is lower than a thumb is wide.
SMALL = """() => [...document.querySelectorAll('main button, main .btn, nav a, .foot a, summary, label.choice')]
    .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that pages were made of."""
    names: set[str] = set()

    def note(template, **_facts) -> None:
        names.add(template.name)

    template_rendered.connect(note, weak=False)
    yield names
    template_rendered.disconnect(note)


def test_nothing_stands_in_anybodys_way_on_any_page(walk, axe_core, rendered):
    """One walk, for it is the walking that takes the time: axe wide, narrow, light and dark; then what only a thumb, an
    enlarged letter or the Tab key finds.
    """
    found: list[str] = []
    for stop, page in walk():
        # No colour on its way from one theme to the other.
        page.emulate_media(reduced_motion="reduce")
        found += axe.violations(page, axe_core)
        tall(page, NARROW)
        found += axe.violations(page, axe_core)
        pictures(page, f"{stop.name}-%s-light.png")
        page.emulate_media(color_scheme="dark")
        # What is the same in both themes was asked above.
        found += axe.violations(page, axe_core, rules=["color-contrast", "link-in-text-block"])
        pictures(page, f"{stop.name}-%s-dark.png")
        page.emulate_media(color_scheme="light")
        found += too_small_or_too_wide(page, stop.name)
        found += out_of_reach_by_keyboard(page, stop.name)
    assert not found, "\n".join(found)
    root = Path(django_settings.BASE_DIR) / "portal_site" / "templates"
    unseen = {f"{PAGES}{page.name}" for page in (root / PAGES).glob("*.html")} - rendered
    assert not unseen, f"No stop shows {sorted(unseen)}: say in tests/browser/stops.py how one gets there."


def tall(page: Page, size: dict[str, int]) -> None:
    """As tall as the page, so that the bar at the foot of a telephone stands at its foot."""
    page.set_viewport_size(size)
    height = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": height})


def pictures(page: Page, name: str) -> None:
    folder = pictures_folder()
    for size in (WIDE, NARROW) if folder else ():
        tall(page, size)
        page.screenshot(path=folder / (name % size["width"]))


def too_small_or_too_wide(page: Page, name: str) -> list[str]:
    """On the smallest telephone, at 200 % of the browser's zoom, and with letters of twice the size."""
    page.set_viewport_size(NARROW)
    found = [f"{name}: lower than a thumb is wide: {words}" for words in page.evaluate(SMALL)]
    for width, letters in ((320, ""), (WIDE["width"] // 2, ""), (WIDE["width"], "200%")):
        page.set_viewport_size({"width": width, "height": 640})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", letters)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: {wide} px in {width} {letters}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def out_of_reach_by_keyboard(page: Page, name: str) -> list[str]:
    """On a telephone, where the bar at the foot may lie over what has the focus (WCAG 2.2, 2.4.11)."""
    page.set_viewport_size(NARROW)
    return problems_of(page, name)
