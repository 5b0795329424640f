"""docs/architecture.md draws the rooms as they are, and every name on it leads somewhere."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from itertools import pairwise

import pytest

from tests.architecture.tree import APPS, ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
NAMES = sorted(set(re.findall(r"`((?:" + "|".join(APPS) + r")(?:\.\w+)+)`", PAGE)))


def found(name: str) -> object:
    """The module, class or function of that dotted name. Raises ImportError or AttributeError."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            thing = getattr(thing, part)
        return thing
    raise ImportError(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_somewhere(name):
    assert found(name) is not None


def test_a_name_that_leads_nowhere_is_seen():
    for name in ("jobs.services.cancel_jobs", "jobs.nothing", "imports.plan.Planner.planned"):
        with pytest.raises((ImportError, AttributeError)):
            found(name)


def test_it_walks_a_request_a_row_and_an_event():
    assert len(NAMES) > 50
    assert {"config", "portal_site", "imports", "alerts", "jobs", "permissions", "audit", "background"} <= {
        name.split(".")[0] for name in NAMES
    }


def test_the_drawing_shows_the_rooms_in_their_order():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    # A room in brackets is one to come.
    layers = [
        {room.strip() for room in layer.split("|") if "(" not in room and (ROOT / room.strip()).is_dir()}
        for layer in contract["layers"]
    ]
    drawing = re.search(r"```mermaid\n(.*?)```", PAGE, re.S)[1]
    rooms = re.findall(r"^\s*(\w+)\[", drawing, re.M)
    assert set(rooms) == set().union(*layers)
    height = {room: number for number, layer in enumerate(layers) for room in layer}
    arrows = [line.split("-->") for line in drawing.splitlines() if "-->" in line]
    pairs = [(upper.strip(), lower.strip()) for chain in arrows for upper, lower in pairwise(chain)]
    assert pairs and {room for pair in pairs for room in pair} == set(rooms)
    assert [pair for pair in pairs if height[pair[0]] >= height[pair[1]]] == []
