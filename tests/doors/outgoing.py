"""Where the product makes what leaves it, read from the tree, and which of those places a test has come by."""

from __future__ import annotations

import ast
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any
from unittest import mock

from django.test.signals import template_rendered

from tests.architecture.tree import ROOT, files, modules


def places_that(does: Callable[[ast.Call], bool]) -> set[str]:
    """The functions of ours, as "path:name", in which there is such a call; commands are for the operator alone."""
    found: set[str] = set()
    for module in modules():
        if "/management/" in module.path:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
                found |= {f"{module.path}:{node.name}" for one in calls if does(one)}
    return found


def called(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def templates_that(fits: Callable[[Path], bool]) -> set[str]:
    """The names of our templates of whose paths something is true."""
    paths = (Path(path) for path in files() if "/templates/" in path and not path.startswith("tests/"))
    return {str(path).split("/templates/", 1)[1] for path in paths if fits(path)}


@contextmanager
def seen_templates(by: Callable[[Any], str] = attrgetter("name")) -> Iterator[set[str]]:
    """The templates that are rendered meanwhile: their names, or what else is asked ``by``."""
    seen: set[str] = set()

    def listen(template: Any, **_others: Any) -> None:
        seen.add(by(template))

    template_rendered.connect(listen)
    try:
        yield seen
    finally:
        template_rendered.disconnect(listen)


@contextmanager
def passed_by(target: str) -> Iterator[set[str]]:
    """The functions of ours, as "path:name", from which something was called, by way of others too.

    ``target``: the dotted name of a function or method.
    """
    seen: set[str] = set()
    owner, _dot, name = target.rpartition(".")
    original = getattr(pkgutil.resolve_name(owner), name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.update(_ours(_frames()))
        return original(*args, **kwargs)

    with mock.patch(target, watched):
        yield seen


def _frames() -> Iterator[Any]:
    frame = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _ours(frames: Iterable[Any]) -> Iterator[str]:
    for frame in frames:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts:
            yield f"{path.relative_to(ROOT)}:{frame.f_code.co_name}"
