"""What the office decided about a person and a customer holds when the link goes and comes again."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.act import acting
from console.taking_back import take_back_request
from permissions.services import set_override
from permissions.services.colleagues import invite_colleague, remove_colleague
from permissions.services.portal_users import invite_portal_user, link_customer, remove_portal_user, unlink_customer
from tests.console.forms import filled


def _effects(link):
    return dict(link.overrides.values_list("permission", "effect"))


@pytest.fixture
def link(cast):
    link = cast.colm.links.filter(customer=cast.acme).first() or link_customer(cast.colm, cast.acme, by=cast.olivia)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    return link


def test_a_colleague_who_removes_and_invites_again_does_not_wipe_a_deny(cast, link):
    set_override(cast.cora, "manage_colleagues", "allow", by=cast.olivia)
    remove_colleague(cast.cora, link)
    invite_colleague(cast.cora, cast.acme, email=cast.colm.user.email.upper(), name="Colm")
    assert _effects(cast.colm.links.get(customer=cast.acme))["cancel_jobs"] == "deny"


def test_nor_does_the_office(cast, link):
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_what_the_office_took_back_before_stays_away(cast, link):
    set_override(link, "cancel_jobs", None, by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {}


def test_a_stranger_gets_nothing_of_it(cast, link):
    unlink_customer(link, by=cast.olivia)
    others = link_customer(cast.carl, cast.acme, by=cast.olivia)
    assert _effects(others) == {}


def test_the_history_says_where_it_comes_from(cast, link):
    unlink_customer(link, by=cast.olivia)
    again = link_customer(cast.colm, cast.acme, by=cast.dana).overrides.get()
    row = again.history.get()
    assert row.history_change_reason == "Decided on an earlier link to this customer"
    assert (row.actor, again.reason) == ("Portico", "Too many")


def test_it_holds_the_third_time_too(cast, link):
    set_override(cast.cora, "manage_colleagues", "allow", by=cast.olivia)
    for _time in range(2):
        remove_colleague(cast.cora, cast.colm.links.get(customer=cast.acme))
        invite_colleague(cast.cora, cast.acme, email=cast.colm.user.email, name="Colm")
    assert cast.colm.links.get(customer=cast.acme).overrides.filter(permission="cancel_jobs").count() == 1


def test_what_a_colleague_lacked_does_not_come_back_when_the_office_links(cast):
    set_override(cast.cora, "manage_colleagues", "allow", by=cast.olivia)
    set_override(cast.cora.links.get(customer=cast.acme), "cancel_jobs", "deny", by=cast.olivia)
    link = cast.colm.links.filter(customer=cast.acme).first()
    if link:
        unlink_customer(link, by=cast.olivia)
    invite_colleague(cast.cora, cast.acme, email=cast.colm.user.email, name="Colm")
    link = cast.colm.links.get(customer=cast.acme)
    assert _effects(link)["cancel_jobs"] == "deny"
    unlink_customer(link, by=cast.olivia)
    assert "cancel_jobs" not in _effects(link_customer(cast.colm, cast.acme, by=cast.olivia))


def test_a_removal_taken_back_and_a_new_link_make_no_doubles(cast, link):
    request = uuid.uuid4()
    with acting(by=cast.olivia, request_id=request):
        unlink_customer(link, by=cast.olivia)
    take_back_request(request, by=cast.olivia)
    link = cast.colm.links.get(customer=cast.acme)
    assert _effects(link) == {"cancel_jobs": "deny"}
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_a_new_link_can_be_taken_back_with_what_came_back(cast, link):
    unlink_customer(link, by=cast.olivia)
    request = uuid.uuid4()
    with acting(by=cast.olivia, request_id=request):
        link_customer(cast.colm, cast.acme, by=cast.olivia)
    take_back_request(request, by=cast.olivia)
    assert not cast.colm.links.filter(customer=cast.acme).exists()
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_a_person_removed_and_invited_again_in_capitals_has_what_was_decided(cast, link):
    set_override(cast.colm, "edit_jobs", "deny", by=cast.olivia)
    set_override(cast.colm, "any_customer", "allow", by=cast.olivia)
    remove_portal_user(cast.colm, by=cast.olivia)
    person = invite_portal_user(email=cast.colm.user.email.upper(), customers=[cast.acme], by=cast.olivia).person
    assert person == cast.colm
    assert _effects(person) == {"edit_jobs": "deny"}
    assert _effects(person.links.get()) == {"cancel_jobs": "deny"}


def test_a_decision_that_ended_meanwhile_stays_away(cast, link):
    with time_machine.travel("2030-01-01 12:00Z", tick=False):
        set_override(link, "cancel_jobs", "deny", by=cast.olivia, ends_at=timezone.now() + timedelta(days=1))
        unlink_customer(link, by=cast.olivia)
    with time_machine.travel("2030-01-03 12:00Z", tick=False):
        assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {}


def test_the_office_reads_what_is_kept_and_what_applies_again(cast, link, sign_in):
    client = sign_in(cast.olivia)
    text = client.get(f"/admin/accounts/portaluser/{cast.colm.pk}/remove/").content.decode()
    assert "1 decision is kept and applies again" in text
    answer = client.post(f"/admin/accounts/customerlink/{link.pk}/delete/", {"post": "yes"}, follow=True)
    assert "1 decision is kept and applies again if Colm" in answer.content.decode()
    said = {"portal_user": cast.colm.pk, "customer": cast.acme.pk}
    page = client.get("/admin/accounts/customerlink/add/")
    question = client.post("/admin/accounts/customerlink/add/", filled(page) | said)
    seen = {"_effect_seen": question.wsgi_request.shown_effect["mark"]}
    answer = client.post("/admin/accounts/customerlink/add/", filled(page) | said | seen, follow=True)
    assert "1 decision from before applies again." in answer.content.decode()


def test_a_portal_user_is_told_nothing_of_it(cast, link):
    unlink_customer(link, by=cast.olivia)
    invited = invite_portal_user(email=cast.colm.user.email, customers=[cast.acme], by=cast.cora.user)
    assert "decision" not in invited.sentence


def test_what_was_made_with_a_link_and_taken_back_with_it_stays_away(cast):
    with acting(by=cast.olivia) as act:
        link = link_customer(cast.carl, cast.birch, by=cast.olivia)
        set_override(link, "view_worker", "allow", by=cast.olivia, reason="By mistake")
    take_back_request(act.request_id, by=cast.olivia)
    assert _effects(link_customer(cast.carl, cast.birch, by=cast.olivia)) == {}


def test_that_somebody_acts_for_any_customer_does_not_come_back_with_a_link(cast, link):
    set_override(link, "any_customer", "allow", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia)) == {"cancel_jobs": "deny"}


def test_that_somebody_may_not_does(cast, link):
    set_override(link, "any_customer", "deny", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    assert _effects(link_customer(cast.colm, cast.acme, by=cast.olivia))["any_customer"] == "deny"
