"""A date and a time are read by one rule: no form has another field for them, and no code guesses a moment.

Clocks that change make times of day that do not exist or come twice (docs/decisions/0152-clocks-that-change.md).
"""

from __future__ import annotations

import ast

import pytest
from django import forms
from django.contrib import admin
from django.db import models
from django.urls import get_resolver

from console.moments import MomentField, MomentWidget
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.forms import value_fields
from templates_app.kinds import KINDS
from tests.architecture.tree import APPS, ROOT

# Django's own, which refuse such a time in words of their own, or make a moment of it without a word.
FOREIGN = {
    "DateTimeField", "SplitDateTimeField", "DateTimeInput", "SplitDateTimeWidget", "AdminSplitDateTime",
    "UnfoldAdminSplitDateTimeWidget", "UnfoldAdminSplitDateTimeVerticalWidget", "UnfoldAdminDateTimeWidget",
}  # fmt: skip
# Where the rule itself is; what caps the length of Django's class.
MAY_USE_THEM = {"console/moments.py", "audit/short_answers.py"}
# Times that nobody typed: the first moment of a day, or of an hour that a rule of the business names.
MAY_MAKE_AWARE = {
    "alerts/models/rules.py": "The end of the quiet hours: of two moments the first.",
    "config/demo/moments.py": "The demo's own times.",
    "console/addresses.py": "The first moment of a day.",
    "jobs/querysets.py": "The first moment of a day.",
}


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def uses(tree, names, owners):
    """Lines on which one of the names is taken from one of the owners, or imported by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            if isinstance(node.value, ast.Name) and node.value.id in owners:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and any(alias.name in names for alias in node.names):
            yield node.lineno


def test_no_form_declares_another_field():
    found = {
        f"{path}:{line}"
        for path, tree in sources()
        if path not in MAY_USE_THEM
        for line in uses(tree, FOREIGN, {"forms", "widgets"})
    }
    assert not found, f"use MomentField of console/moments.py: {sorted(found)}"


def test_no_code_makes_a_moment_of_a_time_without_asking():
    found = {path for path, tree in sources() if any(uses(tree, {"make_aware"}, {"timezone"}))}
    assert found == set(MAY_MAKE_AWARE), "read a time by audit/wall_clock.py, or say why not"


def every_form():
    """Every class of form of ours, wherever it is declared."""
    get_resolver().url_patterns  # noqa: B018  # loads every page
    waiting, seen = [forms.BaseForm], set()
    while waiting:
        for sub in waiting.pop().__subclasses__():
            if sub not in seen:
                seen.add(sub)
                waiting.append(sub)
    return [one for one in seen if one.__module__.partition(".")[0] in APPS]


def test_every_form_that_takes_a_moment_goes_through_the_rule():
    found = [
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in every_form()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.DateTimeField | forms.SplitDateTimeField)
        and not (isinstance(field, MomentField) and isinstance(field.widget, MomentWidget))
    ]
    assert not found
    taken = {
        name for form in every_form() for name, field in form.base_fields.items() if isinstance(field, MomentField)
    }
    assert {"requested_start", "planned_start", "start", "ends_at", "at"} <= taken, "no form was looked at"


def test_every_page_of_the_console_fills_in_a_moment_by_the_rule(rf):
    """Also where its model is all that says what there is to fill in."""
    seen = 0
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in APPS:
            continue
        for one in (page, *(inline(model, admin.site) for inline in page.inlines)):
            for column in one.model._meta.fields:
                if isinstance(column, models.DateTimeField):
                    field = one.formfield_for_dbfield(column, rf.get("/"))
                    assert field is None or isinstance(field, MomentField), f"{one}: {column}"
                    seen += 1
    assert seen


@pytest.mark.parametrize("kind", FieldKind)
def test_a_templates_field_that_takes_a_moment_asks_as_well(kind):
    definition = FieldDefinition("one", "One", kind)
    if KINDS[kind].widget is None:
        return
    office = value_fields([definition], widgets={})["value_one"].widget
    customers = KINDS[kind].portal_field(definition).widget
    for widget in (office, customers):
        is_moment = getattr(widget, "input_type", "") == "datetime-local"
        assert is_moment == isinstance(widget, MomentWidget) == (kind == FieldKind.DATETIME)
