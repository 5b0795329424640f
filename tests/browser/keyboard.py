"""A page by keyboard alone: is everything reached, in the order in which it is read, and does one see where one is."""

from __future__ import annotations

from playwright.sync_api import Page

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
