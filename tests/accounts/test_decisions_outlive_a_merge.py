"""What the office decided about a person and a customer holds when that customer becomes part of another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.act import acting
from console.taking_back import take_back_request
from permissions.models import PermissionOverride
from permissions.services import set_override
from permissions.services.merging import merge_customers
from permissions.services.portal_users import link_customer, unlink_customer


def _effects(link):
    return dict(link.overrides.values_list("permission", "effect"))


@pytest.fixture
def both(cast):
    """Cora's links to Acme and to Birch."""
    return cast.cora.links.get(customer=cast.acme), cast.cora.links.get(customer=cast.birch)


@pytest.mark.parametrize(
    "acme, birch, left",
    [
        (None, "deny", "deny"),
        (None, "allow", "allow"),
        ("allow", "deny", "deny"),
        ("deny", "allow", "deny"),
        ("deny", "deny", "deny"),
        ("allow", None, "allow"),
    ],
)
def test_of_two_links_of_cora_the_denial_is_left_now_and_on_a_later_link(cast, both, acme, birch, left):
    for link, effect in zip(both, (acme, birch), strict=True):
        if effect:
            set_override(link, "cancel_jobs", effect, by=cast.olivia, reason="Too many")
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    link = cast.cora.links.get()
    assert _effects(link) == {"cancel_jobs": left}
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.cora, cast.acme, by=cast.olivia)) == {"cancel_jobs": left}


def test_a_denial_that_has_ended_denies_nothing_and_the_longer_of_two_holds(cast, both):
    ours, theirs = both
    now = timezone.now()
    set_override(ours, "cancel_jobs", "deny", by=cast.olivia, ends_at=now + timedelta(days=1))
    set_override(theirs, "cancel_jobs", "deny", by=cast.olivia)
    set_override(ours, "edit_jobs", "allow", by=cast.olivia)
    set_override(theirs, "edit_jobs", "deny", by=cast.olivia, ends_at=now + timedelta(days=1))
    PermissionOverride.objects.filter(permission="edit_jobs", link=theirs).update(ends_at=now - timedelta(days=1))
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    assert _effects(ours) == {"cancel_jobs": "deny", "edit_jobs": "allow"}
    assert ours.overrides.get(permission="cancel_jobs").ends_at is None


def test_a_merge_taken_back_puts_each_decision_back(cast, both):
    ours, theirs = both
    set_override(theirs, "cancel_jobs", "deny", by=cast.olivia)
    set_override(ours, "edit_jobs", "allow", by=cast.olivia)
    set_override(theirs, "edit_jobs", "deny", by=cast.olivia)
    with acting(by=cast.olivia) as act:
        merge_customers(cast.acme, cast.birch, by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    assert _effects(cast.cora.links.get(customer=cast.acme)) == {"edit_jobs": "allow"}
    assert _effects(cast.cora.links.get(customer=cast.birch)) == {"cancel_jobs": "deny", "edit_jobs": "deny"}


@pytest.fixture
def gone(cast):
    """Carl was linked to Birch and denied there; the link is gone."""
    link = link_customer(cast.carl, cast.birch, by=cast.olivia)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    unlink_customer(link, by=cast.olivia)


def test_carls_denial_at_birch_holds_at_acme_which_birch_became(cast, gone):
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    link = link_customer(cast.carl, cast.acme, by=cast.olivia)
    assert _effects(link) == {"cancel_jobs": "deny"}
    set_override(link, "cancel_jobs", "allow", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.carl, cast.acme, by=cast.olivia)) == {"cancel_jobs": "allow"}


def test_over_two_merges_too_and_against_what_acme_allowed(cast, gone):
    own = link_customer(cast.carl, cast.acme, by=cast.olivia)
    set_override(own, "cancel_jobs", "allow", by=cast.olivia)
    unlink_customer(own, by=cast.olivia)
    merge_customers(cast.cedar, cast.birch, by=cast.olivia)
    merge_customers(cast.acme, cast.cedar, by=cast.olivia)
    unlink_customer(cast.carl.links.get(), by=cast.olivia)
    assert _effects(link_customer(cast.carl, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_a_merge_that_was_taken_back_brings_nothing_to_acme(cast, gone):
    with acting(by=cast.olivia) as act:
        merge_customers(cast.acme, cast.birch, by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    assert _effects(link_customer(cast.carl, cast.acme, by=cast.olivia)) == {}
    assert _effects(link_customer(cast.carl, cast.birch, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_the_page_says_how_many_decisions_move_to_who_may_see_them(cast, both, sign_in):
    ours, theirs = both
    for code in ("cancel_jobs", "edit_jobs"):
        set_override(theirs, code, "deny", by=cast.olivia)
    set_override(ours, "edit_jobs", "deny", by=cast.olivia)
    page = f"/admin/customers/{cast.acme.pk}/merge/{cast.birch.pk}/"
    assert "1 decision about a person<" in sign_in(cast.olivia).get(page).content.decode()
