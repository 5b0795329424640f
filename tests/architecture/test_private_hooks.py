"""Private names of Django and its packages: all that we use, so that an upgrade fails here and nowhere else."""

from __future__ import annotations

import ast
import inspect
import sys
from enum import Enum

import csp.middleware
import pytest
from django.contrib.admin import ModelAdmin as DjangoAdmin
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.db.models.base import ModelState
from django.forms.models import BaseModelForm, _get_foreign_key
from django.urls import get_resolver
from import_export.forms import SelectableFieldsExportForm
from simple_history.models import HistoricalRecords
from unfold.admin import ModelAdmin

from accounts.models import Customer, User
from audit import private_hooks
from tests.architecture.tree import APPS, Module, modules

HOOKS = "audit/private_hooks.py"
# What we call, and what it takes.
CALLED = {
    _get_foreign_key: "parent_model model fk_name can_fail",
    QuerySet._raw_delete: "self using",
    DjangoAdmin._create_formsets: "self request obj change",
    ModelAdmin._get_actions_navigation: "self provided_actions allowed_actions object_id",
}
# Methods of theirs that ours replace, and that they call by name: what each takes, and which classes of ours have it.
REPLACED = {
    (HistoricalRecords, "_get_history_user_fields"): ("self", "History"),
    (AbstractBaseUser, "_get_session_auth_hash"): ("self secret", "User"),
    (BaseModelForm, "_get_validation_exclusions"): ("self", "NewJobForm LineForm"),
    (DjangoAdmin, "_changeform_view"): (
        "self request object_id form_url extra_context",
        "CountsOnce KeepsWhatWasTyped",
    ),
    (DjangoAdmin, "_filter_actions_by_permissions"): ("self request actions", "ConsoleModelAdmin"),
    (DjangoAdmin, "_get_obj_does_not_exist_redirect"): ("self request opts object_id", "ConsoleModelAdmin"),
    (SelectableFieldsExportForm, "_get_field_label"): ("self resource field_name", "ExportForm"),
    (ModelAdmin, "_filter_unfold_actions_by_permissions"): ("self request actions object_id", "ConsoleModelAdmin"),
}
THEIRS = {"django", "unfold", "simple_history", "guardian", "import_export", "csp", "axes"}
# What is documented in spite of its underscore, or is Python's.
PUBLIC = {"_meta", "_state", "_base_manager", "_default_manager", "_getframe", "_replace", "_asdict"}
# What has none and is private all the same.
PRIVATE = {"fields_cache", "_history_m2m_fields", "_csp_config", "_prefetched_objects_cache"}


def taken(method):
    return " ".join(inspect.signature(method).parameters)


# --- They are there ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", CALLED, ids=lambda method: method.__qualname__)
def test_what_we_call_takes_what_we_give(method):
    assert taken(method) == CALLED[method]


@pytest.mark.parametrize(("owner", "name"), REPLACED, ids=lambda one: getattr(one, "__name__", one))
def test_what_we_replace_is_there(owner, name):
    assert taken(getattr(owner, name)) == REPLACED[owner, name][0]


def test_what_a_record_refers_to_is_kept_in_its_state():
    assert ModelState().fields_cache == {}
    named = Customer(name="Acme")
    user = User(full_name="Cora")
    copied = private_hooks.copy_of_loaded(named)
    private_hooks.loaded_relations(copied)["label"] = user
    assert private_hooks.loaded_relations(named) == {}
    assert private_hooks.state_with({"label": user}).fields_cache == {"label": user}
    assert "_prefetched_objects_cache" in inspect.getsource(sys.modules["django.db.models.fields.related_descriptors"])


def test_a_record_becomes_the_saved_one():
    held, saved = Customer(name="Acme"), Customer(pk=7, name="Acme Ltd")
    private_hooks.become(held, saved)
    assert (held.pk, held.name, held._state) == (7, "Acme Ltd", saved._state)


def test_history_keeps_lists_under_that_name():
    assert "groups" in {field.name for field in private_hooks.lists_in_history(User.history.model)}
    assert private_hooks.lists_in_history(Customer) == ()


def test_django_csp_reads_the_policy_of_one_answer():
    assert '"_csp_config"' in inspect.getsource(csp.middleware)


# --- and nowhere else --------------------------------------------------------------------------------------


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def _own_names() -> set[str]:
    """Private names that we gave ourselves: functions, classes, and what is set on anything."""
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id if isinstance(node, ast.Name) else node.attr)
    # A method of theirs that ours replaces is theirs.
    return found - PRIVATE - {name for _owner, name in REPLACED} - {method.__name__ for method in CALLED}


def uses_in(module: Module, own: set[str]) -> list[str]:
    """Where a module uses a private name that is not ours, as "path:line name"."""
    found = []
    for node in ast.walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Attribute):
            called_by_super = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"
            names = [] if called_by_super else [node.attr]
            if node.attr == "update" and isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
                found.append(f"{module.path}:{node.lineno} __dict__.update")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in APPS:
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and node.value in PRIVATE:
            names = [node.value]
        found += [
            f"{module.path}:{node.lineno} {name}"
            for name in names
            if name in PRIVATE or (_is_private(name) and name not in own)
        ]
    return found


def test_they_are_used_in_one_module():
    own = _own_names()
    assert [use for module in modules() if module.path != HOOKS for use in uses_in(module, own)] == []


@pytest.mark.parametrize(
    "line",
    [
        "admin.site._registry[model]",
        "from django.forms.models import _get_foreign_key",
        "rows._raw_delete(using)",
        "loaded = record._state.fields_cache",
        "response._csp_config = policy",
        "getattr(row, '_history_m2m_fields', ())",
        "obj.__dict__.update(made.__dict__)",
    ],
)
def test_a_new_one_would_be_seen(line):
    assert uses_in(Module("jobs/new.py", ast.parse(line)), _own_names())


def test_every_private_method_that_we_replace_is_named():
    get_resolver().url_patterns  # noqa: B018  the pages are loaded
    found = set()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in APPS:
            continue
        for ours in list(vars(module).values()):
            if not inspect.isclass(ours) or ours.__module__ != name or issubclass(ours, Enum):
                continue
            bases = [base for base in ours.__mro__[1:] if base.__module__.split(".")[0] in THEIRS]
            found |= {
                (ours.__name__, method)
                for method, value in vars(ours).items()
                if _is_private(method) and inspect.isfunction(value) and any(method in vars(base) for base in bases)
            }
    assert found == {(ours, method) for (_owner, method), (_takes, some) in REPLACED.items() for ours in some.split()}
