"""*Why?* names who decided what came back with a new link, never who only linked."""

from __future__ import annotations

import pytest
import time_machine

from console.reader import UNLIMITED, StaffReader
from console.taking_back import take_back_request
from permissions.explain import explain
from permissions.models import PermissionOverride
from permissions.services import grant, set_override
from permissions.services.portal_users import link_customer, unlink_customer


def _why(cast, reader=UNLIMITED):
    return explain(cast.colm, "cancel_jobs", cast.acme, reader).deciding.text


def _denied(cast, day, by):
    with time_machine.travel(f"{day} 10:00:00+00:00"):
        set_override(cast.colm.links.get(customer=cast.acme), "cancel_jobs", "deny", by=by, reason="Too many")


def _relinked(cast, day, by):
    with time_machine.travel(f"{day} 10:00:00+00:00"):
        unlink_customer(cast.colm.links.get(customer=cast.acme), by=by)
        link_customer(cast.colm, cast.acme, by=by)


def test_it_names_who_decided_and_when_and_that_it_applies_again(cast):
    _denied(cast, "2026-11-12", cast.olivia)
    _relinked(cast, "2026-11-29", cast.dana)
    said = _why(cast)
    assert "by Olivia" in said and "because: Too many" in said
    assert said.index("12 Nov 2026") < said.index("applied again on 29 Nov 2026")
    assert "Dana" not in said and "Portico" not in said


def test_so_it_does_the_second_time_it_comes_back(cast):
    _denied(cast, "2026-11-12", cast.olivia)
    _relinked(cast, "2026-11-20", cast.dana)
    _relinked(cast, "2026-11-29", cast.dana)
    said = _why(cast)
    assert "by Olivia" in said and "12 Nov 2026" in said and "applied again on 29 Nov 2026" in said


def test_who_decides_anew_is_named_alone(cast):
    _denied(cast, "2026-11-12", cast.olivia)
    _relinked(cast, "2026-11-20", cast.olivia)
    with time_machine.travel("2026-11-29 10:00:00+00:00"):
        link = cast.colm.links.get(customer=cast.acme)
        set_override(link, "cancel_jobs", "deny", by=cast.dana, reason="Still too many")
    said = _why(cast)
    assert "by Dana" in said and "again" not in said and "Olivia" not in said


def test_who_only_took_a_removal_back_is_not_named(cast):
    _denied(cast, "2026-11-12", cast.dana)
    unlink_customer(cast.colm.links.get(customer=cast.acme), by=cast.dana)
    gone = PermissionOverride.history.filter(history_type="-").first()
    take_back_request(gone.request_id, by=cast.olivia)
    _relinked(cast, "2026-12-29", cast.olivia)
    said = _why(cast)
    assert "by Dana" in said and "12 Nov 2026" in said and "Olivia" not in said


@pytest.mark.parametrize("customer", ["acme", "birch"])
def test_a_narrowed_reader_learns_it_of_their_own_customers_only(cast, customer):
    _denied(cast, "2026-11-12", cast.olivia)
    _relinked(cast, "2026-11-29", cast.olivia)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, getattr(cast, customer), change=True, by=cast.olivia)
    said = _why(cast, StaffReader(type(cast.dana).objects.get(pk=cast.dana.pk)))
    assert ("by Olivia" in said) is (customer == "acme")
