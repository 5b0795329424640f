from __future__ import annotations

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from templates_app.values import UNKNOWN_NAMED, clean_values


def test_most_of_many_unknown_fields_are_counted():
    with pytest.raises(ValidationError) as refused:
        clean_values([], {f"k{number}": "x" for number in range(100_000)})
    problems = refused.value.message_dict
    assert len(problems) == UNKNOWN_NAMED + 1
    assert problems[NON_FIELD_ERRORS] == ["and 99,980 more"]
