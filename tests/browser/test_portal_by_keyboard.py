"""Every page of the companion site by keyboard alone: everything is reached, in order, and one sees where one is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW
from tests.factories import make_job

# What a person may want to reach; of a group of radio buttons one is enough.
INTERACTIVE = """() => {
    const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
    const groups = new Set();
    return [...all].filter(e => {
        if (e.disabled || e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true})) return false;
        if (e.type === 'radio') { const first = !groups.has(e.name); groups.add(e.name); return first; }
        return true;
    }).map((e, n) => { (e.type === 'radio' ? document.querySelectorAll(`[name="${e.name}"]`) : [e])
        .forEach(one => { one.dataset.walk = n; }); return e.outerHTML.slice(0, 100); });
}"""
HERE = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect();
    let marked = false;
    for (let one = e, up = 0; one && up < 4; one = one.parentElement, up++) {
        const style = getComputedStyle(one);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) marked = true;
    }
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
    const covered = !at || !(e.contains(at) || at.contains(e) || (e.labels && [...e.labels].some(l => l.contains(at))));
    return {walk: e.dataset.walk || null, marked, covered, words: e.outerHTML.slice(0, 100)};
}"""

DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def problems_of(page: Page, name: str) -> list[str]:
    """Presses Tab through a page until everything was reached; what was wrong on the way."""
    wanted = dict(enumerate(page.evaluate(INTERACTIVE)))
    found, order = [], []
    # Fields for a day and an hour take several presses each.
    for _ in range(2 * len(wanted) + 40):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None:
            continue
        number = int(here["walk"]) if here["walk"] is not None else None
        if number in order:
            if order[-1] == number:
                continue
            break
        if number is None:
            found.append(f"{name}: focus goes where nobody needs it: {here['words']}")
            break
        order.append(number)
        if not here["marked"]:
            found.append(f"{name}: one does not see that the focus is here: {here['words']}")
        if here["covered"]:
            # What has the focus is scrolled into view with the next picture.
            page.evaluate(DRAWN)
            here = page.evaluate(HERE)
        if here["covered"]:
            found.append(f"{name}: something lies over it: {here['words']}")
    found += [f"{name}: not reached: {words}" for number, words in wanted.items() if number not in order]
    # From wherever the page began, once round and in the order in which it is read.
    start = order.index(min(order)) if order else 0
    if order[start:] + order[:start] != sorted(order):
        found.append(f"{name}: not in the order in which it is read: {order}")
    return found


def test_everything_on_every_page_is_reached_by_tab(walk):
    """On a telephone, where the bar at the foot may lie over what has the focus (WCAG 2.2, 2.4.11)."""
    found = []
    for stop, page in walk():
        page.set_viewport_size(NARROW)
        page.emulate_media(reduced_motion="reduce")
        found += problems_of(page, stop.name)
    assert not found, "\n".join(found)


def test_the_first_press_offers_to_skip_to_the_content(walk):
    """But where a page begins in its one field."""
    for stop, page in walk(only="Cora"):
        begins_at_the_top = page.evaluate("document.activeElement === document.body")
        if begins_at_the_top and page.locator("header").count():
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip", stop.name
            assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0, stop.name
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "content", stop.name


def test_she_cancels_a_job_without_a_mouse(cast, page_for):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    page: Page = page_for(cast.cora)

    def tab_to(words: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if words in (page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")):
                return
        raise AssertionError(f"Tab does not lead to {words!r}")

    tab_to(job.number)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Skip exchange")
    tab_to("Cancel this job")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Cancel this job?")
    tab_to("words")
    page.keyboard.type("We moved")
    tab_to("Yes, cancel it")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("is cancelled")
    job.refresh_from_db()
    assert not job.is_open
