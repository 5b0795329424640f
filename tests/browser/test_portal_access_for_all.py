"""Every page of the companion site, for everybody: WCAG 2.2 AA in both themes, on a small telephone, at twice the size,
for a thumb. With ``PICTURES=1`` the walk leaves pictures of each page in ``var/screenshots``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test.signals import template_rendered

from tests.browser import axe
from tests.browser.conftest import NARROW, WIDE, pictures_folder

PAGES = "portal_site/pages/"
# What is lower than a thumb is wide.
SMALL = """() => [...document.querySelectorAll('main button, main .btn, nav a, .foot a, summary, label.choice')]
    .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 43.5)
    .map(e => location.pathname + ' ' + e.outerHTML.slice(0, 90))"""


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that pages were made of."""
    names: set[str] = set()

    def note(template, **_facts) -> None:
        names.add(template.name)

    template_rendered.connect(note, weak=False)
    yield names
    template_rendered.disconnect(note)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_page(walk, axe_core, rendered, dark):
    folder = pictures_folder()
    found, theme = [], "dark" if dark else "light"
    for stop, page in walk(dark=dark):
        found += axe.violations(page, axe_core)
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            # As tall as the page, so that the bar at the foot of a telephone stands at its foot.
            tall = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": size["width"], "height": tall})
            if folder:
                page.screenshot(path=folder / f"{stop.name}-{size['width']}-{theme}.png")
        found += axe.violations(page, axe_core)
    assert not found, "\n".join(found)
    root = Path(django_settings.BASE_DIR) / "portal_site" / "templates"
    unseen = {f"{PAGES}{page.name}" for page in (root / PAGES).glob("*.html")} - rendered
    assert not unseen, f"No stop shows {sorted(unseen)}: say in tests/browser/stops.py how one gets there."


def test_no_page_is_wider_than_the_window_and_thumbs_hit_what_they_aim_at(walk):
    """On the smallest telephone, at 200 % of the browser's zoom, and with letters of twice the size."""
    too_wide, small = [], set()
    for stop, page in walk():
        page.set_viewport_size(NARROW)
        small |= set(page.evaluate(SMALL))
        for width, letters in ((320, ""), (WIDE["width"] // 2, ""), (WIDE["width"], "200%")):
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate("size => { document.documentElement.style.fontSize = size }", letters)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                too_wide.append(f"{stop.name}: {wide} px in {width} {letters}")
    assert not too_wide, "\n".join(too_wide)
    assert not small, "\n".join(sorted(small))
