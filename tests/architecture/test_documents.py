"""What the documents name, exists."""

from __future__ import annotations

import re

import pytest

from config.demo import business
from tests.architecture.tree import APPS, ROOT, files

DOCUMENTS = [path for path in files() if path.endswith(".md")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:" + "|".join((*APPS, "tests", "bin", "docs")) + r")/[\w./*-]+)(?:::\w+)?`")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_names_files_that_exist(path):
    text = (ROOT / path).read_text()
    wanted = {str((ROOT / path).parent / link) for link in LINK.findall(text)}
    wanted |= {str(ROOT / named) for named in NAMED.findall(text)}
    missing = [name for name in sorted(wanted) if not list(ROOT.glob(name.removeprefix(f"{ROOT}/")))]
    assert not missing


def test_the_readme_names_every_account_of_the_demo():
    text = (ROOT / "README.md").read_text()
    missing = [account.email for account in business.ACCOUNTS if f"`{account.email}`" not in text]
    assert not missing
    assert f"`{business.PASSWORD}`" in text


def test_decisions_are_numbered_once():
    numbers = [path.rsplit("/", 1)[1][:4] for path in DOCUMENTS if path.startswith("docs/decisions/")]
    assert len(numbers) == len(set(numbers))


def test_every_recipes_test_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`(test_\w+\.py)`", text))
    assert named and named <= {path.rsplit("/", 1)[-1] for path in files()}


def test_every_decision_that_is_named_exists():
    there = {path.rsplit("/", 1)[1][:4] for path in DOCUMENTS if path.startswith("docs/decisions/")}
    named: dict[str, str] = {}
    for path in files():
        if path.endswith((".py", ".md", ".html", ".txt", ".toml", ".css", ".js")):
            text = (ROOT / path).read_text()
            named |= dict.fromkeys(re.findall(r"(?:decisions?/|[Dd]ecision (?:record )?)(\d{4})\b", text), path)
    assert len(named) > 20
    assert {number: path for number, path in named.items() if number not in there} == {}
