"""A room names a model of another room by importing it, not by a string: a string hides that it looks upward."""

from __future__ import annotations

import ast

from tests.architecture.tree import APPS, modules

# (app, model) of models of the same room, for which an import would be a circle.
WITHIN = {("jobs/cleaning.py", "jobs")}


def test_no_model_of_another_room_is_named_by_a_string():
    named = [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("get_model", "get_registered_model")
        and (app := _app_of(node))
        and (module.path, app) not in WITHIN
    ]
    assert not named, "Import the model, or let the upper room declare what it adds (CONTRIBUTING.md, The rooms)."


def _app_of(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return ""
    app = first.value.split(".")[0]
    return app if app in APPS else ""
