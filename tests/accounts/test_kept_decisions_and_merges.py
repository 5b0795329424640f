"""What the office decided on a link that is gone, where customers became one and were parted again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.act import Road, acting
from console.taking_back import take_back_request
from permissions.models import PermissionOverride
from permissions.services import link_customer, set_override, unlink_customer
from permissions.services.kept_decisions import kept_decisions
from permissions.services.merging import merge_customers


def decided(link):
    return dict(link.overrides.values_list("permission", "effect"))


@pytest.mark.parametrize("effect", ["allow", "deny"])
def test_a_merge_that_was_taken_back_leaves_nothing_of_birch_at_acme(cast, effect):
    set_override(cast.cora.links.get(customer=cast.birch), "cancel_jobs", effect, by=cast.olivia)
    with acting(by=cast.olivia) as act:
        merge_customers(cast.acme, cast.birch, by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    link = cast.cora.links.get(customer=cast.acme)
    assert decided(link) == {}
    assert not kept_decisions(cast.cora, cast.acme, going=link)
    unlink_customer(link, by=cast.olivia)
    assert decided(link_customer(cast.cora, cast.acme, by=cast.olivia)) == {}


@pytest.mark.parametrize("ended", [False, True])
def test_of_two_denials_the_longer_holds_and_what_has_ended_decides_nothing(cast, time_machine, ended):
    soon = timezone.now() + timedelta(hours=1)
    for customer, ends in ((cast.birch, soon), (cast.acme, None)):
        link = link_customer(cast.carl, customer, by=cast.olivia)
        set_override(link, "cancel_jobs", "deny", by=cast.olivia, ends_at=ends)
        unlink_customer(link, by=cast.olivia)
    if ended:
        time_machine.move_to(soon + timedelta(hours=1))
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    time_machine.move_to(soon + timedelta(hours=2))
    assert decided(link_customer(cast.carl, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_a_colleagues_denial_does_not_become_the_offices_by_a_merge(cast):
    with acting(by=cast.colm.user, road=Road.PORTAL):
        link = cast.cora.links.get(customer=cast.birch)
        PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="deny")
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    unlink_customer(cast.cora.links.get(), by=cast.olivia)
    assert decided(link_customer(cast.cora, cast.acme, by=cast.olivia)) == {}
