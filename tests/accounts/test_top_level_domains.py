"""What web addresses end in is known to us: a new ending is red until it is on our list."""

from __future__ import annotations

from importlib.resources import files

from accounts.top_level_domains import TOP_LEVEL_DOMAINS


def test_every_name_of_the_root_zone_is_known():
    """Hypothesis brings the list as it was when it was released."""
    lines = files("hypothesis.vendor").joinpath("tlds-alpha-by-domain.txt").read_text().splitlines()
    names = {line.strip().lower() for line in lines if line and not line.startswith("#")}
    assert len(names) > 1_000
    assert names - TOP_LEVEL_DOMAINS == set()


def test_names_of_other_letters_are_known_as_people_write_them():
    assert {"рф", "中国", "xn--p1ai"} <= TOP_LEVEL_DOMAINS
