"""CONTRIBUTING's recipes: each names the test that a forgotten step turns red, and whatever they name is there."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import APPS, ROOT, files

# name -> what it says
RECIPES = {
    name: " ".join(text.split())
    for name, text in re.findall(
        r"^- \*\*(.+?)\*\*(.+?)(?=^- \*\*|^## )",
        (ROOT / "CONTRIBUTING.md").read_text().partition("## Recipes")[2].partition("## The cast")[0] + "## ",
        flags=re.MULTILINE | re.DOTALL,
    )
}
# Recipes that no test can follow, and why.
UNTESTED = {"A channel.": "what it sends to is outside; mypy compares its class with the protocol"}


def test_there_are_recipes():
    assert {"A portal permission.", "A status.", "A model.", "An app.", "A setting."} <= set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_a_test_or_a_check(name):
    named = re.search(r"`(?:tests/[\w/.]*)?test_\w+\.py`|`bin/check", RECIPES[name])
    assert named or name in UNTESTED, "Name the test that fails when a step of it is forgotten."


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_recipe_names_is_there(name):
    """Tests and modules by their path, tests by their file alone, and names of modules beside them."""
    there = set(files())
    names = {path.rsplit("/", 1)[-1] for path in there}
    rooms = "|".join((*APPS, "tests", "docs", "bin"))
    paths = re.findall(rf"`((?:{rooms})/[\w/.]+)`", RECIPES[name])
    assert [path for path in paths if path not in there and not any(one.startswith(path) for one in there)] == []
    assert [one for one in re.findall(r"`(test_\w+\.py)`", RECIPES[name]) if one not in names] == []


@pytest.mark.parametrize("name", RECIPES)
def test_names_of_code_in_a_recipe_are_used_somewhere(name):
    """`ADDRESSES`, `DerivedSource`, `request.visitor.require`: a renamed one leaves no recipe behind."""
    code = CODE
    words = [word for word in re.findall(r"`@?([A-Za-z_][\w.]*)(?:\(.*?\))?`", RECIPES[name]) if "/" not in word]
    named = {word.rsplit(".", 1)[-1] for word in words if not word.endswith((".py", ".po", ".txt", ".toml", ".in"))}
    assert {word for word in named if not re.search(rf"\b{word}\b", code)} == set()


CODE = "\n".join((ROOT / path).read_text() for path in files() if path.endswith((".py", ".toml", ".html")))
