"""The rows of a run: a kind of result, or a page, that there is not is said above them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.imports.conftest import GOOD


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", []),
        ("result=&page=1", []),
        ("result=made", []),
        ("result=lost", ["“lost” is nothing to choose for “Rows” and was left out."]),
        ("page=99", ["There is no page “99” of this list. This is page 1."]),
        ("page=x", ["There is no page “x” of this list. This is page 1."]),
    ],
)
def test_ines_reads_what_the_address_asked_for_in_vain(cast, imported, sign_in, query, said):
    run = imported(GOOD, by=cast.ines)
    address = reverse("admin:imports_importrun_change", args=[run.pk])
    answer = sign_in(cast.ines).get(f"{address}?{query}")
    assert [str(message) for message in answer.context["messages"]] == said
    assert answer.context["state"] in ("", "made")
