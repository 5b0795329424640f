"""A list from a later to an earlier day finds nothing, and says why."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.conftest import Cast

pytestmark = pytest.mark.django_db
SENTENCE = "the first day is after the last, so nothing is found. Swap the two days."
LISTS = {
    "/admin/jobs/job/": "planned_start",
    "/admin/billing/invoice/": "issued_on",
    "/admin/billing/ordertobill/": "completed_at",
}


@pytest.mark.parametrize("address", LISTS)
def test_bill_is_told_that_the_first_day_is_after_the_last(cast: Cast, sign_in: Any, address: str) -> None:
    name = LISTS[address]
    bill = sign_in(cast.olivia)
    told = bill.get(address, {f"{name}_from": "2026-12-24", f"{name}_to": "2026-12-01"}).content.decode()
    assert SENTENCE in told
    for first, last in (("2026-12-01", "2026-12-24"), ("2026-12-01", "2026-12-01"), ("2026-12-01", "")):
        assert SENTENCE not in bill.get(address, {f"{name}_from": first, f"{name}_to": last}).content.decode()


def test_the_change_log_says_it_too(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.olivia).get(reverse("admin:changelog"), {"since": "2026-12-24", "until": "2026-12-01"})
    assert SENTENCE in page.content.decode()
