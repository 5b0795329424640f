"""A model says of itself what is true of it; what a room above says stands in a registry of the room below, typed."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields, replace

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from audit.declarations import LazyFunction, declared
from audit.derived import DerivedSource, derivations
from audit.hooks import TAKE_BACK, WATCHED
from audit.registry import Answer, Registry
from audit.take_back import TakeBack, take_back_of
from audit.token_columns import OpensByToken
from audit.watching import Watch
from tests.architecture.tree import Module, modules

# What changes a list, a set or a dictionary.
CHANGES = {
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault",
    "update",
}  # fmt: skip
MADE_BY = {"list", "dict", "set", "defaultdict", "deque", "Counter", "OrderedDict", "WeakKeyDictionary", "WeakSet"}
# Kept by their own module alone: worked out once.
MEMOS = {"audit.events._PLANS"}
# Where registries may stand.
HOOKS = "/hooks.py"


def our_modules() -> list[Module]:
    return [one for one in modules() if "/migrations/" not in one.path and not one.path.startswith(("bin/", "tests/"))]


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_container(value: ast.expr | None) -> bool:
    if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
        return True
    return isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) in MADE_BY


def containers_in(tree: ast.Module) -> set[str]:
    """The names of a module's lists, sets and dictionaries."""
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and is_container(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def imported_in(tree: ast.Module) -> dict[str, str]:
    """What a name of a module stands for: {"RULES": "audit.rules.RULES", "rules": "audit.rules"}."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    return found


def changed_by(node: ast.AST) -> list[ast.expr]:
    """What a statement changes in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        return [node.func.value]
    if isinstance(node, (ast.Assign, ast.Delete)):
        return [one.value for one in node.targets if isinstance(one, ast.Subscript)]
    if isinstance(node, ast.AugAssign):
        return [node.target.value if isinstance(node.target, ast.Subscript) else node.target]
    return []


def changed_in(tree: ast.Module, own: str) -> set[str]:
    """The dotted names of the containers that a module changes: another's anywhere, its own in a function."""
    known, found = imported_in(tree), set()
    within = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        for target in changed_by(node):
            parts = ast.unparse(target).split(".")
            if parts[0] in known:
                found.add(".".join([known[parts[0]], *parts[1:]]))
            elif len(parts) == 1 and id(node) in within:
                found.add(f"{own}.{parts[0]}")
    return found


def filled_from_elsewhere(trees: dict[str, ast.Module]) -> set[str]:
    """The module-level containers among some modules, by dotted name, that are changed after they are made."""
    there = {f"{name}.{container}" for name, tree in trees.items() for container in containers_in(tree)}
    return there & {changed for name, tree in trees.items() for changed in changed_in(tree, name)}


def test_no_container_of_a_module_is_filled_from_another():
    found = filled_from_elsewhere({dotted(one.path): one.tree for one in our_modules()})
    assert found == MEMOS, "Declare it in the model, or make it a Registry in the hooks.py of the lower room."


@pytest.mark.parametrize(
    "filled",
    [
        "from low import ENTRIES\nENTRIES.append(1)",
        "def ready():\n    from low import ENTRIES\n    ENTRIES['a'] = 1",
        "import low\nlow.ENTRIES |= {1: 2}",
        "from low import ENTRIES as kept\nkept.update(a=1)",
    ],
)
def test_one_that_is_filled_is_noticed(filled):
    trees = {"low": ast.parse("ENTRIES: dict[str, int] = {}"), "high": ast.parse(filled)}
    assert filled_from_elsewhere(trees) == {"low.ENTRIES"}


def test_so_is_one_behind_a_function():
    low = ast.parse("_entries = []\ndef register(entry):\n    _entries.append(entry)")
    assert filled_from_elsewhere({"low": low}) == {"low._entries"}


def test_registries_stand_in_one_file_of_their_room():
    found = {
        one.path
        for one in our_modules()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Registry", "Answer")
    }
    assert len(found) > 3, "the walk finds nothing"
    assert all(path.endswith(HOOKS) and path.count("/") == 1 for path in found), found


def test_a_registry_refuses_doubles_and_says_whose_they_are():
    registry: Registry[str, int] = Registry("Numbers")
    registry.add("one", 1)
    with pytest.raises(ImproperlyConfigured, match=rf"Numbers: 'one' is added by {__name__}, but {__name__} added"):
        registry.add("one", 2)
    assert dict(registry) == {"one": 1} and registry.added_by() == {"one": __name__}


def test_an_answer_is_given_once():
    answer: Answer[int] = Answer("The number")
    with pytest.raises(ImproperlyConfigured, match="The number: no installed app answers"):
        answer.get()
    answer.give(1)
    with pytest.raises(ImproperlyConfigured, match="answers already"):
        answer.give(2)
    assert answer.get() == 1


# --- what models declare


def test_what_is_added_about_a_model_is_about_one_that_is_there_and_says_nothing_itself():
    for registry, name in ((TAKE_BACK, "take_back"), (WATCHED, "watched")):
        for label in dict(registry.items()):
            assert not hasattr(apps.get_model(label), name), f"{label} says it itself"


def test_a_declaration_is_of_its_kind():
    for name, kind in {"take_back": TakeBack, "watched": Watch, "derived": tuple, "encrypted": dict}.items():
        # A proxy is the record of another model, which says it.
        named = {m for m in apps.get_models() if not m._meta.proxy and getattr(m, name, None) is not None}
        assert named == {model for model, _value in declared(name, kind)} and named


def lazy_functions() -> list[tuple[str, str, LazyFunction]]:
    """(whose, what for, it) of every function that a model names."""
    found = []
    for model in (one for one in apps.get_models() if not one._meta.proxy):
        rule = take_back_of(model)
        for one in fields(rule):
            value = getattr(rule, one.name)
            if isinstance(value, LazyFunction):
                found.append((model.__name__, one.name, value))
    return found + [(one.source.__name__, "write", one.write) for one in derivations()]


# What each is called with: types as they are written, "" where each model has its own.
TAKES = {
    "before_save": ["", "RestoreStep"],
    "after_save": ["", "RestoreStep"],
    "remove": ["", "by"],
    "refuse": ["RestoreStep", "Plan"],
    "why_not_by": ["RestoreStep", ""],
    "write": ["Collection[int]"],
}
RETURNS = {"refuse": "str", "why_not_by": "str"}


@pytest.mark.parametrize(("whose", "what", "lazy"), lazy_functions(), ids=lambda one: str(getattr(one, "name", one)))
def test_a_function_that_a_model_names_is_there_and_fits(whose, what, lazy):
    signature = inspect.signature(lazy.function)
    needed = [one for one in signature.parameters.values() if one.default is one.empty]
    assert len(needed) == len(TAKES[what])
    for given, expected in zip(needed, TAKES[what], strict=True):
        if expected == "by":
            assert given.name == "by" and given.kind is given.KEYWORD_ONLY
        else:
            assert given.annotation == (expected or whose) or (not expected and what == "why_not_by")
    assert signature.return_annotation == RETURNS.get(what, "None")


def test_a_derived_column_is_there_and_its_source_writes_it():
    for model, said in declared("derived", tuple):
        for one in said:
            assert model._meta.get_field(one.column)
            assert issubclass(one.source, DerivedSource), f"{one.source} does not tell when it changes"


def test_a_model_that_opens_by_a_token_keeps_it_encrypted():
    opening = {model for model in apps.get_models() if issubclass(model, OpensByToken)}
    assert opening and opening <= {model for model, _columns in declared("encrypted", dict)}


def test_a_rule_of_a_model_is_what_is_asked(monkeypatch):
    job = apps.get_model("jobs.Job")
    monkeypatch.setattr(job, "take_back", replace(job.take_back, missed=False))
    assert take_back_of(job).missed is False
