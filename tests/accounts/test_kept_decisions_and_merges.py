"""What the office decided on a link that is gone, where customers became one and were parted again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.act import Source, acting
from console.reader import UNLIMITED, StaffReader
from console.taking_back import take_back_request
from permissions.explain import explain
from permissions.models import PermissionOverride
from permissions.services import grant, link_customer, set_override, unlink_customer
from permissions.services.kept_decisions import kept_decisions
from permissions.services.merging import merge_customers, merge_preview


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
    with acting(by=cast.colm.user, source=Source.PORTAL):
        link = cast.cora.links.get(customer=cast.birch)
        PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="deny")
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    unlink_customer(cast.cora.links.get(), by=cast.olivia)
    assert decided(link_customer(cast.cora, cast.acme, by=cast.olivia)) == {}


@pytest.fixture(params=["the kept customer", "the other"])
def gone_from(request, cast):
    """Carl works for one of the two that become one; he was denied a thing at the other, where he worked before."""
    here, there = (cast.acme, cast.birch) if request.param == "the other" else (cast.birch, cast.acme)
    link = link_customer(cast.carl, there, by=cast.olivia)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    set_override(link, "edit_jobs", "deny", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    return link_customer(cast.carl, here, by=cast.olivia)


def test_a_kept_denial_holds_on_the_link_there_is_from_the_merge_on(cast, gone_from):
    set_override(gone_from, "cancel_jobs", "allow", by=cast.olivia)
    merge_customers(cast.acme, cast.birch, by=cast.dana)
    assert decided(cast.carl.links.get(customer=cast.acme)) == {"cancel_jobs": "deny", "edit_jobs": "deny"}


def test_what_the_office_takes_back_after_the_merge_stays_away(cast, gone_from):
    merge_customers(cast.acme, cast.birch, by=cast.dana)
    link = cast.carl.links.get(customer=cast.acme)
    set_override(link, "edit_jobs", None, by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    assert decided(link_customer(cast.carl, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_a_merge_taken_back_puts_the_link_and_what_is_kept_as_they_were(cast, gone_from):
    set_override(gone_from, "cancel_jobs", "allow", by=cast.olivia)
    here = gone_from.customer
    there = cast.acme if here == cast.birch else cast.birch
    with acting(by=cast.olivia) as act:
        merge_customers(cast.acme, cast.birch, by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    assert decided(cast.carl.links.get(customer=here)) == {"cancel_jobs": "allow"}
    assert decided(link_customer(cast.carl, there, by=cast.olivia)) == {"cancel_jobs": "deny", "edit_jobs": "deny"}


def test_the_preview_counts_what_applies_again_for_who_may_read_it(cast, gone_from):
    again = "decisions from before that apply again"
    assert merge_preview(cast.birch, UNLIMITED, cast.acme)[again] == 2
    set_override(gone_from, "edit_jobs", "deny", by=cast.olivia)
    assert merge_preview(cast.birch, UNLIMITED, cast.acme)["decision from before that applies again"] == 1
    assert not any("before" in words for words in merge_preview(cast.birch, StaffReader(cast.ines), cast.acme))


def test_the_page_of_the_merge_says_it(cast, gone_from, sign_in):
    page = sign_in(cast.dana).get(f"/admin/customers/{cast.acme.pk}/merge/{cast.birch.pk}/").content.decode()
    assert "2 decisions from before that apply again<" in page


def test_why_names_who_decided_and_not_who_merged(cast, gone_from):
    merge_customers(cast.acme, cast.birch, by=cast.dana)
    said = explain(cast.carl, "cancel_jobs", cast.acme, UNLIMITED).deciding.text
    assert "by Olivia" in said and "applied again on" in said and "Too many" in said
    assert "Dana" not in said and "Portico" not in said


@pytest.mark.parametrize("acme", [None, "allow"])
def test_why_names_who_decided_on_a_link_whose_decisions_moved(cast, acme):
    if acme:
        set_override(cast.cora.links.get(customer=cast.acme), "cancel_jobs", acme, by=cast.dana)
    set_override(cast.cora.links.get(customer=cast.birch), "cancel_jobs", "deny", by=cast.olivia)
    merge_customers(cast.acme, cast.birch, by=cast.dana)
    said = explain(cast.cora, "cancel_jobs", cast.acme, UNLIMITED).deciding.text
    assert "by Olivia" in said and "Dana" not in said and "again" not in said
    unlink_customer(cast.cora.links.get(), by=cast.dana)
    link_customer(cast.cora, cast.acme, by=cast.dana)
    said = explain(cast.cora, "cancel_jobs", cast.acme, UNLIMITED).deciding.text
    assert "by Olivia" in said and "Dana" not in said and "applied again on" in said


def test_why_names_nobody_to_who_may_not_see_where_it_was_decided(cast, gone_from):
    merge_customers(cast.acme, cast.birch, by=cast.olivia)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=False, by=cast.olivia)
    dana = StaffReader(type(cast.dana).objects.get(pk=cast.dana.pk))
    said = explain(cast.carl, "cancel_jobs", cast.acme, dana).deciding.text
    was_at_acme = gone_from.customer_id == cast.birch.pk
    assert ("Olivia" in said) == was_at_acme
