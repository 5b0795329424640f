from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from jobs.services import update_job
from templates_app.definitions import FieldDefinition
from templates_app.models import TemplateField
from templates_app.values import clean_values, is_shown
from tests.factories import make_job, make_template


def field(**facts):
    stored = {"key": "x", "label": "X", "kind": "text", "portal_use": "required", "worker_use": "optional", **facts}
    return FieldDefinition.read(stored)


@pytest.mark.parametrize(
    ("facts", "good", "bad", "sentence"),
    [
        ({"kind": "number", "minimum": 1, "maximum": 10}, "10", "11", "at most 10"),
        ({"kind": "number", "minimum": 1}, 1, 0.5, "at least 1"),
        ({"kind": "currency", "maximum": 99.5}, "99.50", "99.51", "at most 99.5"),
        ({"kind": "text", "minimum": 3}, "abc", "ab", "at least 3 characters"),
        ({"kind": "multi_pick", "choices": ["a", "b", "c"], "maximum": 2}, ["a", "b"], ["a", "b", "c"], "at most 2"),
    ],
)
def test_limits_are_held_and_named(facts, good, bad, sentence):
    assert "x" in clean_values([field(**facts)], {"x": good})
    with pytest.raises(ValidationError) as problem:
        clean_values([field(**facts)], {"x": bad})
    assert sentence in problem.value.message_dict["x"][0]


STREET = field(key="street", kind="checkbox", label="On the street", portal_use="optional")
PERMIT = field(key="permit", label="Permit", shown_when="street", shown_value="yes")


def test_a_field_is_needed_only_while_its_condition_holds():
    assert clean_values([STREET, PERMIT], {"street": False}, use="portal_use") == {"street": False}
    with pytest.raises(ValidationError):
        clean_values([STREET, PERMIT], {"street": True}, use="portal_use")


def test_what_its_condition_hides_is_dropped():
    assert clean_values([STREET, PERMIT], {"street": False, "permit": "P-1"}) == {"street": False}
    assert clean_values([STREET, PERMIT], {"street": True, "permit": "P-1"})["permit"] == "P-1"


@pytest.mark.parametrize(
    ("value", "wanted", "shown"),
    [
        ("Large", "large", True),
        ("small", "large", False),
        (["a", "b"], "b", True),
        ("any", "", True),
        (None, "", False),
    ],
)
def test_a_condition_asks_for_a_value_whatever_its_case(value, wanted, shown):
    given = {} if value is None else {"size": value}
    assert is_shown(field(shown_when="size", shown_value=wanted), given) is shown


def test_unticking_the_box_takes_the_field_it_showed_with_it(cast):
    template = make_template(
        fields=(
            {"label": "Street", "kind": "checkbox"},
            {"label": "Permit", "kind": "text", "shown_when": "street", "shown_value": "yes"},
        )
    )
    job = make_job(cast.acme, template, values={"street": True, "permit": "P-1"})
    assert update_job(job, {"values": {"street": False}}, by=cast.dana).values == {"street": False}


def test_limits_that_contradict_are_refused(db):
    template = make_template()
    with pytest.raises(ValidationError):
        TemplateField(template=template, label="Size", kind="number", minimum=5, maximum=1).full_clean()


def test_a_default_that_its_own_rule_forbids_is_refused(db):
    template = make_template()
    with pytest.raises(ValidationError):
        TemplateField(template=template, label="Size", kind="number", maximum=1, default="2").full_clean()
