"""How much of the code says nothing of its types: counted, and only ever fewer."""

from __future__ import annotations

import ast
import io
import tokenize
import tomllib
from collections import Counter

from tests.architecture.tree import ROOT, modules

# May be made smaller, never larger. Per 1,000 lines of Python, without tests and migrations.
MOST_ANY = 6.7
MOST_IGNORES = 20
# What is always of a known type.
KNOWN = {"by", "user", "person", "job", "record"}


def lines() -> int:
    return sum((ROOT / module.path).read_text().count("\n") for module in modules())


def uses_of_any() -> Counter[str]:
    found: Counter[str] = Counter()
    for module in modules():
        for node in ast.walk(module.tree):
            named = isinstance(node, ast.Name) and node.id == "Any"
            imported = isinstance(node, ast.ImportFrom) and any(one.name == "Any" for one in node.names)
            found[module.app] += named or imported
    return found


def ignores() -> list[str]:
    found = []
    for module in modules():
        text = (ROOT / module.path).read_text()
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.string.startswith("# type: ignore"):
                found.append(f"{module.path}:{token.start[0]}")
    return found


def test_few_things_are_of_any_type():
    found = uses_of_any()
    share = 1000 * found.total() / lines()
    assert share <= MOST_ANY, f"{share:.1f} per 1,000 lines: {found}"


def test_few_lines_ask_the_checker_to_look_away():
    found = ignores()
    assert len(found) <= MOST_IGNORES, f"{len(found)}: {found}"


def test_the_checker_is_strict_in_every_room():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] is True
    # Not an exception for any room; ``strict`` also says that an ignore which is no longer needed is an error.
    assert "overrides" not in settings
    loosened = {
        name for name, value in settings.items() if name.startswith(("disallow_", "warn_", "strict_")) and not value
    }
    assert not loosened


def known_that_are_any() -> list[str]:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                if argument.arg in KNOWN and ast.unparse(argument.annotation or ast.Constant("")) == "Any":
                    found.append(f"{module.path}:{argument.lineno} {argument.arg}")
    return found


def test_who_acts_and_what_is_acted_on_has_a_type():
    assert not known_that_are_any()
