"""Whatever people write is text on every page: an element of theirs is drawn nowhere.

Mails and paper: test_harmless_element_on_paper_and_in_mail.py.

In CI every address is asked once, the same way each time, and some of the forms are sent; ``DOORS=whole`` asks
everything.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from django.db import transaction
from django.test import Client

from tests.architecture.markup import from_package
from tests.architecture.markup_of_packages import never_rendered
from tests.doors.addresses import NEVER, Addresses, Ask
from tests.doors.harmless import TYPED, Harmless, Page, wrongs_in
from tests.doors.html import Form, forms_in
from tests.doors.outgoing import seen_templates
from tests.doors.rows import Rows

WHOLE = os.environ.get("DOORS") == "whole"
# As many requests are sampled besides one of each address, and as many pages' forms are sent.
SAMPLE, FORMS = 60, 60
# Pages for whoever has an address and no account.
SIGNED_OUT = ("join", "fresh_invitation", "signup", "login", "password", "second_step", "alerts:stop", "brand")


class Visitors:
    """Somebody for each address: the administrator in the console, Colm on the site, a guest by a link, a stranger."""

    def __init__(self, world: Harmless) -> None:
        self.world = world
        self.olivia, self.colm, self.guest, self.stranger = (Client(raise_request_exception=False) for _ in range(4))
        self.olivia.force_login(world.olivia, backend="permissions.backend.PorticoBackend")
        self.colm.force_login(world.colm.user, backend="permissions.backend.PorticoBackend")
        link = world.jobs["A/T1 planned"].portal_links.get()
        link.job.refresh_from_db()
        self.link = f"/l/{link.token}/"
        self.guest.post(self.link, {"answer": link.job.contact_email})
        assert link.job.number in self.guest.get(self.link).content.decode()

    def for_(self, name: str) -> Client:
        if "guest" in name:
            return self.guest
        if any(part in name for part in SIGNED_OUT) and not name.startswith("admin:") and "change" not in name:
            return self.stranger
        return self.colm if name.startswith("portal_site:") else self.olivia


def chosen(world: Harmless) -> list[Ask]:
    addresses = Addresses(world, Rows.taken())
    asks = [ask for ask in (*addresses.plain(), *addresses.lists()) if ask.data is None]
    if WHOLE:
        return asks
    by_name: dict[str, list[Ask]] = defaultdict(list)
    for ask in asks:
        by_name[ask.name].append(ask)
    chance = random.Random(12)
    once = [chance.choice([ask for ask in some if ask.key != str(NEVER)] or some) for some in by_name.values()]
    return [*once, *chance.sample(asks, SAMPLE)]


def sent(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is sent with a form: what stands in it, and an element in every control, so that each is named as wrong."""
    buttons = {name: [value or "on"] for name, value in form.buttons[:1]}
    yield "as it stands", form.filled() | buttons
    kept = {
        name: values for name, values in form.filled().items() if "_FORMS" in name or name.startswith(("_", "csrf"))
    }
    yield "full of elements", {name: [TYPED] for name in form.types} | kept | buttons


def whence(template: Any) -> str:
    return from_package(Path(template.origin.name))


def test_an_element_that_somebody_wrote_is_drawn_nowhere(harmless, capsys):
    with seen_templates(by=whence) as rendered:
        _walk(harmless, capsys)
    assert len(rendered) > 100
    assert not (drawn := never_rendered() & rendered), f"tests/architecture/markup_of_packages.py is wrong: {drawn}"


def _walk(harmless: Harmless, capsys: Any) -> None:
    visitors, asks = Visitors(harmless), chosen(harmless)
    found: dict[str, set[str]] = defaultdict(set)
    answers = forms = shown = 0
    for ask in asks:
        with transaction.atomic():
            answer = visitors.for_(ask.name).get(ask.path, follow=True)
            transaction.set_rollback(True)
        answers += answer.status_code == 200
        for wrong in wrongs_in(answer):
            found[wrong].add(str(ask))
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        page = answer.content.decode()
        shown += bool(Page(page).shown)
        for form in forms_in(page):
            path = urljoin(ask.path, form.action) if form.action else ask.path
            if (forms >= FORMS and not WHOLE) or any(part in path for part in ("logout", "language", "i18n")):
                continue
            for how, data in sent(form):
                forms += 1
                with transaction.atomic():
                    answer = visitors.for_(ask.name).post(path, data, follow=True)
                    transaction.set_rollback(True)
                for wrong in wrongs_in(answer):
                    found[wrong].add(f"POST {path} {how}")
    with capsys.disabled():
        print(f"\n{len(asks)} pages, {answers} answered, {shown} with elements as text, {forms} forms")
    assert answers > 150 and shown > 100
    assert not found, "\n".join(f"{wrong}: {len(pages)}, e.g. {min(pages)}" for wrong, pages in sorted(found.items()))
