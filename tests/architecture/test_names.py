"""A name has one meaning, and it is the field's word for it, not a metaphor of ours."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.tree import APPS, ROOT, files

# Where names are given by a convention: a task is called like the service it calls, a view like its page, a filter of
# templates like what it formats, an operation of the API like its service.
CONVENTIONS = re.compile(r"/(tasks|take_back_rules)\.py$|/views/|/templatetags/|/management/commands/")
# Metaphors as a part of an identifier, and words that say nothing when they stand alone. Beside each, what to write.
METAPHORS = {
    "road": "source",
    "roads": "sources",
    "deed": "action",
    "deeds": "actions",
    "insist": "require",
    "insists": "require",
    "knock": "request",
    "wish": "requested",
}
ALONE = {
    "asked": "requested",
    "hers": "theirs, or of whom",
    "ahead": "how long before",
    "among": "in_set",
    "press": "click",
    "speaking": "language",
}
# Migrations of before name it so.
KEPT = {("audit/models.py", "_road")}


def _python() -> list[str]:
    return [path for path in files() if path.endswith(".py") and "/migrations/" not in path]


def _public(path: str) -> Iterator[str]:
    for node in ast.parse((ROOT / path).read_text()).body:
        is_function = isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not _is_operation(node)
        if isinstance(node, ast.ClassDef) or is_function:
            yield node.name


def _is_operation(node: ast.FunctionDef) -> bool:
    return any("router." in ast.unparse(one) for one in node.decorator_list)


def _identifiers(text: str) -> Iterator[tuple[int, str]]:
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        # The keyboard of a browser has keys that are pressed. A test is a sentence.
        is_sentence = before == "def" and token.string.startswith("test_")
        if token.type == tokenize.NAME and not (before == "." and token.string == "press") and not is_sentence:
            yield token.start[0], token.string
        before = token.string


def _fault(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    instead = next((METAPHORS[word] for word in words if word in METAPHORS), None)
    return instead or (ALONE.get(words[0], "") if len(words) == 1 else "")


def test_a_class_or_public_function_has_one_meaning():
    where = defaultdict(set)
    for path in _python():
        if path.split("/", 1)[0] in APPS and not CONVENTIONS.search(path):
            for name in _public(path):
                where[name].add(path)
    twice = {name: sorted(paths) for name, paths in where.items() if len(paths) > 1}
    assert not twice, "Say which one it is: a day of a worker, a decision for a customer, not a cell"


def test_no_name_is_a_metaphor():
    found = [
        f"{path}:{line} {name}: {_fault(name)}"
        for path in _python()
        for line, name in _identifiers((ROOT / path).read_text())
        if _fault(name) and (path, name) not in KEPT
    ]
    assert not found, "Beside each, a word that says it"


@pytest.mark.parametrize("name", ["Road", "made_road", "ROAD_TO", "insist_on_it", "_deed", "asked", "hers", "_among"])
def test_it_would_notice(name):
    assert _fault(name)


@pytest.mark.parametrize("name", ["asked_by", "create_days_ahead", "press_release", "broadway", "others", "source"])
def test_other_words_are_free(name):
    assert not _fault(name)
