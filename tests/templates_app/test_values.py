"""Values of template fields: what each type takes, what it refuses, and that nothing else ever comes out."""

from __future__ import annotations

import json
import math
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from templates_app.choices import FieldKind, Use
from templates_app.definitions import FieldDefinition
from templates_app.values import clean_value, clean_values


def field(kind, **facts):
    return FieldDefinition(**{"key": "it", "label": "It", "kind": kind, "portal_use": Use.OPTIONAL} | facts)


PICK = {"choices": ("Small", "Large, with lid")}
TAKEN = [
    (FieldKind.TEXT, {}, "  gate 4 ", "gate 4"),
    (FieldKind.TEXT, {}, 12, "12"),
    (FieldKind.NUMBER, {}, "12", 12),
    (FieldKind.NUMBER, {}, "12,5", 12.5),
    (FieldKind.NUMBER, {}, -3.0, -3),
    (FieldKind.NUMBER, {}, "123456789012345", 123456789012345),
    (FieldKind.CURRENCY, {}, "120,5", "120.50"),
    (FieldKind.CURRENCY, {}, Decimal("7"), "7.00"),
    (FieldKind.CURRENCY, {}, 0.1 + 0.2, "0.30"),
    (FieldKind.CURRENCY, {}, "-0", "0.00"),
    (FieldKind.DATETIME, {}, "2026-11-22 08:30", "2026-11-22T08:30:00+01:00"),
    (FieldKind.DATETIME, {}, "2026-07-22T08:30", "2026-07-22T08:30:00+02:00"),
    (FieldKind.DATETIME, {}, "2026-07-22T08:30Z", "2026-07-22T08:30:00+00:00"),
    (FieldKind.DATETIME, {}, "2026-07-22", "2026-07-22T00:00:00+02:00"),
    (FieldKind.CHECKBOX, {}, "Ja", True),
    (FieldKind.CHECKBOX, {}, False, False),
    (FieldKind.PICK, PICK, "small", "Small"),
    (FieldKind.MULTI_PICK, PICK, "Large, with lid", ["Large, with lid"]),
    (FieldKind.MULTI_PICK, PICK, ["small", "SMALL", "Large, with lid"], ["Small", "Large, with lid"]),
    (FieldKind.MULTI_PICK, PICK, " , ;", None),
    (FieldKind.LINK, {}, "https://example.com/a", "https://example.com/a"),
    (FieldKind.LOCATION, {}, "Mill Lane 4", "Mill Lane 4"),
    *((kind, {}, nothing, None) for kind in FieldKind for nothing in (None, "", "   ", [])),
]
REFUSED = [
    (FieldKind.TEXT, {}, {"a": 1}),
    (FieldKind.TEXT, {}, "half\0way"),
    (FieldKind.TEXT, {}, "\ud800"),
    (FieldKind.TEXT, {}, "x" * 10_001),
    (FieldKind.NUMBER, {}, True),
    (FieldKind.NUMBER, {}, "nan"),
    (FieldKind.NUMBER, {}, math.inf),
    (FieldKind.NUMBER, {}, "1_000"),
    (FieldKind.NUMBER, {}, "1e15"),
    (FieldKind.NUMBER, {}, "1.234,5"),
    (FieldKind.CURRENCY, {}, "1,234"),
    (FieldKind.CURRENCY, {}, "1e40"),
    (FieldKind.CURRENCY, {}, "NaN"),
    (FieldKind.CURRENCY, {}, True),
    (FieldKind.CURRENCY, {}, "12 €"),
    (FieldKind.DATETIME, {}, "0001-01-01T00:00"),
    (FieldKind.DATETIME, {}, "2026-02-30"),
    (FieldKind.DATETIME, {}, "soon"),
    (FieldKind.CHECKBOX, {}, "maybe"),
    (FieldKind.PICK, PICK, "Huge"),
    (FieldKind.MULTI_PICK, PICK, ["Small", "Huge"]),
    (FieldKind.LINK, {}, "javascript:alert(1)"),
    (FieldKind.LINK, {}, "ftp://example.com"),
    (FieldKind.LINK, {}, "http://[::1"),
]


@pytest.mark.parametrize(("kind", "facts", "raw", "stored"), TAKEN)
def test_it_takes_what_people_write(kind, facts, raw, stored):
    value = clean_value(field(kind, **facts), raw)
    assert value == stored
    assert type(value) is type(stored)


@pytest.mark.parametrize(("kind", "facts", "raw"), REFUSED)
def test_it_refuses_the_rest_and_names_the_field(kind, facts, raw):
    with pytest.raises(ValidationError) as problem:
        clean_value(field(kind, **facts), raw)
    assert "“It”" in problem.value.messages[0]


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.datetimes()
anything = plain | st.lists(plain) | st.dictionaries(st.text(), plain)


@given(st.sampled_from(FieldKind), anything)
def test_whatever_comes_is_stored_as_json_or_refused_in_words(kind, raw):
    try:
        value = clean_value(field(kind, **PICK), raw)
    except ValidationError as problem:
        assert problem.messages[0]
        return
    stored = json.dumps(value, allow_nan=False)
    assert "\\u0000" not in stored
    # What is stored is taken again, and stays what it is: a form shows it and sends it back.
    assert clean_value(field(kind, **PICK), json.loads(stored)) == value


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_money_keeps_every_cent(amount):
    assert Decimal(clean_value(field(FieldKind.CURRENCY), str(amount))) == amount


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_time_without_a_zone_is_the_businesss_own(moment):
    stored = datetime.fromisoformat(clean_value(field(FieldKind.DATETIME), moment.isoformat()))
    assert stored.replace(tzinfo=None) == moment
    assert stored.utcoffset() == timezone.make_aware(moment).utcoffset()


def test_every_fault_is_named_at_once():
    fields = [field(FieldKind.NUMBER, key="a"), field(FieldKind.LINK, key="b")]
    with pytest.raises(ValidationError) as problem:
        clean_values(fields, {"a": "x", "b": "y", "c": 1})
    assert set(problem.value.message_dict) == {"a", "b", "c"}


def test_defaults_fill_what_was_not_given():
    assert clean_values([field(FieldKind.NUMBER, default="3")], {}) == {"it": 3}
    assert clean_values([field(FieldKind.NUMBER, default="3")], {"it": None}) == {}


@pytest.mark.parametrize("use", [Use.HIDDEN, Use.READ_ONLY])
def test_what_she_may_not_set_counts_as_not_given(use):
    fields = [field(FieldKind.NUMBER, default="3", portal_use=use)]
    assert clean_values(fields, {"it": 9}, use="portal_use") == {"it": 3}


def test_what_is_required_of_her_is_asked_for():
    fields = [field(FieldKind.MULTI_PICK, **PICK, portal_use=Use.REQUIRED)]
    for nothing in ({}, {"it": ""}, {"it": []}, {"it": ","}):
        with pytest.raises(ValidationError):
            clean_values(fields, nothing, use="portal_use")
    assert clean_values(fields, {}) == {}
