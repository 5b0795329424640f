"""What the database refuses is said in a sentence, never by the name of a rule."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models.constraints import BaseConstraint
from django.utils.functional import Promise

from tests.architecture.tree import APPS

CONSTRAINTS = [
    pytest.param(constraint, id=f"{model._meta.label}.{constraint.name}")
    for model in apps.get_models()
    if model._meta.app_label in APPS
    for constraint in model._meta.constraints
]


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_a_constraint_says_what_is_wrong(constraint):
    words = constraint.violation_error_message
    assert words != BaseConstraint.default_violation_error_message, "give it a violation_error_message"
    assert isinstance(words, Promise), "wrap it in gettext_lazy"
    assert str(words).endswith("."), "a whole sentence"
    assert constraint.name not in str(words)
