"""Whatever staff who are narrowed ask for, no text of another customer or template is in the answer.

In CI a sample is asked, the same each time; ``DOORS=whole`` asks everything as everybody.
"""

from __future__ import annotations

import os
import random

from console.scope import forget_reach
from tests.doors.crawl import WHOLE, Found, crawl

# As many requests as are asked of each reader, and every so manieth reader, in the quick run.
SAMPLE, READERS = int(os.environ.get("DOORS_SAMPLE", "120")), 4


def test_nobody_is_shown_what_is_foreign_to_them(doors, capsys):
    chance = random.Random(12)
    asks = list(doors.addresses.all())
    readers = doors.readers if WHOLE else doors.readers[:: max(1, len(doors.readers) // READERS)]
    found = Found()
    for reader in readers:
        crawl(reader, asks if WHOLE else chance.sample(asks, min(SAMPLE, len(asks))), doors.world.texts, found)
    with capsys.disabled():
        print(
            f"\n{found.requested} of {len(asks) * len(doors.readers)} requests, {len(doors.world.texts)} texts, "
            f"{len(readers)} readers: {dict(found.answers)}"
        )
    assert found.answers[200] > len(readers) * 5, "hardly anything was answered"
    assert not found.faults and not found.hits, found.report()


def test_whoever_is_not_narrowed_is_shown_them(doors):
    """Else the test above would say nothing: the texts are there to be found."""
    olivia = next(reader for reader in doors.readers if reader.name.startswith("everything"))
    olivia.user.only_granted_customers = olivia.user.only_granted_templates = False
    olivia.user.save()
    forget_reach(olivia.user)
    asks = [ask for ask in doors.addresses.plain() if ask.data is None][:400]
    found = crawl(olivia, random.Random(3).sample(asks, 60), doors.world.texts, Found())
    assert found.hits
