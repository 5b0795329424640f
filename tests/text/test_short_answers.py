"""A date, time, number or choice of any form, and of the API, is refused by its length before it is read."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from pydantic import TypeAdapter
from pydantic import ValidationError as SchemaError

from api.schemas import In
from audit.short_answers import MOST_OF_A_CHOICE, SHORT
from config import cleaners
from console.addresses import DayField, MomentInAddressField

# Many kinds of text: none of them is a value, and all of them have a beginning that could be one.
LONG = [beginning * 40_000 for beginning in ("1", "a", " 1", "2026-01-01 ", "1.", "-", "²")]


def fields_of_forms():
    """(where it stands, the field) of every form of ours."""
    cleaners.cleaners()
    for form in cleaners._below(forms.BaseForm):
        if form.__module__.split(".")[0] in cleaners.OURS:
            for name, field in getattr(form, "base_fields", {}).items():
                yield f"{form.__module__}.{form.__qualname__}.{name}", field


def test_every_short_field_of_every_form_refuses_long_text_by_its_length():
    seen = 0
    for where, field in fields_of_forms():
        # Records are looked up by their keys.
        if not isinstance(field, tuple(SHORT)) or isinstance(field, forms.ModelChoiceField):
            continue
        seen += 1
        for text in LONG:
            given = [text] if isinstance(field, forms.MultipleChoiceField) else text
            with pytest.raises(ValidationError) as refused:
                field.clean(given)
            # Fields of an address have a limit of their own, and say what they do with every other nonsense.
            by_itself = isinstance(field, DayField | MomentInAddressField)
            assert by_itself or "at most" in str(refused.value), where
            assert len(str(refused.value)) < 200, where
    assert seen > 50


def test_a_choice_that_there_is_not_is_not_answered_at_length():
    field = forms.MultipleChoiceField(choices=[("a", "A")])
    with pytest.raises(ValidationError) as refused:
        field.clean(["a", "x" * (MOST_OF_A_CHOICE + 1)])
    assert len(str(refused.value)) < 200
    assert field.clean(["a"]) == ["a"]


def test_values_of_sensible_length_are_read_as_before():
    assert forms.IntegerField().clean(" 12 ") == 12
    assert forms.IntegerField().clean(12) == 12
    assert str(forms.DateField().clean("2026-11-28")) == "2026-11-28"
    assert forms.ChoiceField(choices=[("b" * 900, "B")]).clean("b" * 900) == "b" * 900


def test_no_field_of_the_api_reads_long_text_as_a_value():
    seen = 0
    for schema in sorted(cleaners._below(In), key=lambda schema: schema.__qualname__):
        for name, field in schema.model_fields.items():
            adapter = TypeAdapter(field.rebuild_annotation())
            for text in LONG:
                seen += 1
                with pytest.raises(SchemaError):
                    adapter.validate_python(text)
                    pytest.fail(f"{schema.__qualname__}.{name} takes {len(text):,} characters")
    assert seen > 400
