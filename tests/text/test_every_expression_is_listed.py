"""No expression reads text from outside unless it is one of ``audit.expressions``, with a limit, and is counted."""

from __future__ import annotations

import ast

from audit.expressions import Expression
from config import cleaners
from tests.architecture.tree import modules

# Who may import ``re`` besides: they read what is ours.
OURS_ALONE = {
    "audit/expressions.py": "the expressions themselves",
    "config/env.py": "the settings of this installation",
    "config/api.py": "the addresses in the code",
    "config/api_page.py": "the sentences of the API's document",
}
# Django's own, which try any length, and lookups by which a database would.
UNLIMITED = {"RegexValidator", "RegexField"}
# What a function is called that reads text.
VERBS = ("clean_", "split_", "same_", "normal_", "undefused", "defused", "plain", "decimal_from", "file_name_for")
# Such functions whose text is no longer than what another of them let through.
READ_BEFORE = {
    "portal_site.brand.parse": "a colour of seven characters",
    "jobs.cleaning.clean_column": "is told the name of a column; what is in it is read by ADDRESS and mask_addresses",
}


def modules_of_ours():
    return [module for module in modules() if not module.path.startswith("bin/")]


def name_of(module):
    return module.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def test_re_is_imported_by_the_expressions_alone():
    found = []
    for module in modules_of_ours():
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if (
                "re" in names
                or "regex" in names
                or (isinstance(node, ast.ImportFrom) and node.module in ("re", "regex"))
            ):
                found.append(module.path)
    assert found, "the walk finds nothing"
    assert not set(found) - set(OURS_ALONE), "Use audit.expressions.Expression, which has a limit"


def test_no_validator_and_no_lookup_tries_an_expression_on_any_length():
    found = []
    for module in modules_of_ours():
        for node in ast.walk(module.tree):
            name = getattr(node, "id", getattr(node, "attr", ""))
            if name in UNLIMITED and module.path != "audit/expressions.py":
                found.append(f"{module.path}: {name}")
            if isinstance(node, ast.keyword) and (node.arg or "").endswith(("__regex", "__iregex")):
                found.append(f"{module.path}: {node.arg}")
    assert not found


def test_every_expression_is_counted_when_the_cleaners_are():
    """Whatever module makes one is imported by what reads text."""
    cleaners.cleaners()
    counted = {one.place for one in Expression.all()}
    making = {
        name_of(module)
        for module in modules_of_ours()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("Expression", "LimitedRegexValidator")
        and not any(keyword.arg == "listed" for keyword in node.keywords)
    } - {"audit.expressions"}
    assert making <= counted


def test_every_function_that_reads_text_is_in_the_table():
    found = {
        f"{name_of(module)}.{node.name}"
        for module in modules_of_ours()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith(VERBS)
        and any(_takes_text(argument) for argument in node.args.args)
    }
    assert found - set(cleaners.FUNCTIONS) - set(READ_BEFORE) == set(), "Add them to FUNCTIONS in config/cleaners.py"


def _takes_text(argument):
    return argument.annotation is None or ast.unparse(argument.annotation) in ("str", "Any", "object", "str | None")


def test_the_table_names_what_there_is():
    functions = {
        f"{name_of(module)}.{node.name}"
        for module in modules_of_ours()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(cleaners.FUNCTIONS) - functions - {"json"} == set()
