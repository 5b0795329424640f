"""Whatever forms staff who are narrowed send, no row of another customer or template is changed.

Each form of each page is sent as it stands, by each of its buttons, and with the key of something foreign in each place
that names a record; ticked rows and the API likewise; and Colm does it on the companion site. In CI a sample is sent,
the same each time; ``DOORS=whole`` sends everything as everybody.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import TypeVar

import pytest
from django.core.cache import cache

from business.catalogue import PORTAL_PERMISSIONS
from business.services import save_portal_settings
from console.scope import forget_reach
from permissions.services import set_override
from tests.doors.crawl import WHOLE, Found
from tests.doors.readers import Reader
from tests.doors.writing import Sent, Writer, pages_with_forms

T = TypeVar("T")
# As many pages, and as many forms, as are asked of each reader in the quick run.
PAGES, FORMS = 60, int(os.environ.get("DOORS_FORMS", "100"))
QUICK = ("everything works with A", "dispatcher works with T1", "everything sees A")


def some_of(all_of_them: list[T], number: int, chance: random.Random) -> list[T]:
    return all_of_them if WHOLE else chance.sample(all_of_them, min(number, len(all_of_them)))


def judge(sent: Sent, found: Found, readers: int, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(
            f"\n{sent.forms} forms at {len(sent.kinds)} addresses by {readers} readers, "
            f"{sent.accepted} accepted: {dict(sent.answers)}"
        )
    assert sent.accepted > readers * 5, "hardly anything was saved"
    assert not sent.wrongs and not sent.faults, sent.report()
    assert not found.faults and not found.hits, found.report()


def test_staff_change_nothing_that_is_foreign_to_them(doors, capsys):
    chance, found, sent = random.Random(12), Found(), Sent()
    readers = [one for one in doors.readers if WHOLE or one.name in QUICK]
    assert len(readers) >= len(QUICK), [one.name for one in doors.readers]
    for reader in readers:
        cache.clear()
        writer = Writer(doors.world, doors.addresses, reader, found, sent)
        pages = some_of(pages_with_forms(doors.addresses), PAGES, chance)
        posts = [post for ask in pages for post in writer.posts_of(ask)] + list(writer.bulk_posts())
        for post in some_of(posts, FORMS, chance):
            writer.send(post)
    judge(sent, found, len(readers), capsys)


def test_programs_change_nothing_that_is_foreign_to_whom_they_act_for(doors, capsys):
    chance, found, sent = random.Random(12), Found(), Sent()
    readers = [one for one in doors.readers if WHOLE or one.name in QUICK]
    for reader in readers:
        cache.clear()
        writer = Writer(doors.world, doors.addresses, reader, found, sent)
        for post in some_of(list(writer.api_posts()), FORMS, chance):
            writer.send(post)
    judge(sent, found, len(readers), capsys)


def test_colm_changes_nothing_of_other_customers(doors, capsys):
    chance, found, sent = random.Random(12), Found(), Sent()
    # All that there is, but to act for every customer.
    for code in set(PORTAL_PERMISSIONS) - {"any_customer"}:
        set_override(doors.world.colm, code, "allow", by=doors.world.olivia, reason="All of it")
    settings = doors.world.settings
    for permission in PORTAL_PERMISSIONS.values():
        if permission.feature:
            setattr(settings, permission.feature, True)
    save_portal_settings(settings, by=doors.world.olivia)
    colm = Reader("Colm", "", "A", True, doors.world.colm.user)
    cache.clear()
    writer = Writer(doors.world, doors.addresses, colm, found, sent)
    pages = pages_with_forms(doors.addresses, site=True)
    for post in some_of([post for ask in pages for post in writer.posts_of(ask)], FORMS, chance):
        writer.send(post)
    judge(sent, found, 1, capsys)


def test_whoever_is_not_narrowed_changes_them(doors):
    """Else the test above would say nothing: the rows are there to be changed, and a change is noticed."""
    sent = Sent()
    reader = next(one for one in doors.readers if one.name == "everything works with A")
    writer = Writer(doors.world, doors.addresses, reader, Found(), sent)
    reader.user.only_granted_customers = False
    reader.user.save()
    forget_reach(reader.user)
    foreign = doors.world.customers["B"]
    name = "admin:accounts_customer_change"
    ask = next(one for one in pages_with_forms(doors.addresses) if one.name == name and one.key == str(foreign.pk))
    post = next(one for one in writer.posts_of(ask) if one.what == "as it stands" and "name" in one.data)
    writer.send(replace(post, data={**post.data, "name": ["Another name"]}))
    assert any("accounts.Customer" in wrong for wrongs in sent.wrongs.values() for wrong in wrongs)
    foreign.refresh_from_db()
    assert foreign.name != "Another name", "what is sent is undone"
