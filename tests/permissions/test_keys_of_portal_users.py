"""Dana works with one template only: no key of hers opens the companion site to somebody who sees jobs of others."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import CustomerLink, PortalUser, User
from accounts.services import make_invitation
from audit.act import acting
from console.errors import NotAllowed
from console.taking_back import NotTakenBack, take_back_request
from permissions.services import (
    enable_portal,
    grant,
    invite_portal_user,
    link_customer,
    resend_invitation,
    save_portal_user,
    set_only_listed_templates,
    set_template_access,
    unlink_customer,
)
from tests.console.forms import filled
from tests.factories import PASSWORD, make_portal_user

SAID = "This person sees jobs of templates that were not granted to you. Ask a colleague."


def narrowed(cast, *templates) -> User:
    User.objects.filter(pk=cast.dana.pk).update(only_granted_templates=True)
    for template in templates:
        grant(cast.dana, template, change=False, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


@pytest.fixture
def dana(cast):
    """Works with inspections; skip exchange, everybody's by default, was not granted to her."""
    return narrowed(cast, cast.inspection)


KEYS = {
    "invite": lambda cast: lambda by: invite_portal_user(email="new@example.com", customers=[cast.acme], by=by),
    "enable": lambda cast: lambda by: enable_portal(cast.acme, email="new@example.com", by=by),
    "link": lambda cast: lambda by: link_customer(cast.carl, cast.acme, by=by),
    "address": lambda cast: lambda by: save_portal_user(cast.carl, name="Carl", email="new@example.com", by=by),
    "password": lambda cast: lambda by: make_invitation(cast.carl.user, by=by),
    "again": lambda cast: _resend(cast),
}


def _resend(cast):
    person = make_portal_user("ivy@example.com", cast.acme, state="invited")
    return lambda by: resend_invitation(person, by=by)


@pytest.mark.parametrize("name", KEYS)
def test_she_hands_out_no_key_that_opens_more_than_she_sees(cast, dana, name):
    hand_out = KEYS[name](cast)
    people = PortalUser.objects.count()
    with pytest.raises(NotAllowed) as refusal:
        hand_out(dana)
    assert str(refusal.value) == SAID
    assert PortalUser.objects.count() == people
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize("name", KEYS)
def test_what_lies_within_hers_she_hands_out(cast, name):
    assert KEYS[name](cast)(narrowed(cast, cast.exchange))


def test_what_one_person_has_on_top_counts(cast):
    dana = narrowed(cast, cast.exchange)
    set_template_access(cast.carl, cast.inspection, "add", by=cast.olivia)
    with pytest.raises(NotAllowed):
        KEYS["address"](cast)(dana)
    assert KEYS["address"](cast)(narrowed(cast, cast.inspection))


def test_whose_list_lies_within_hers_is_hers_and_the_list_stays(cast, dana):
    set_template_access(cast.carl, cast.inspection, "add", by=cast.olivia)
    set_only_listed_templates(cast.carl, True, by=cast.olivia)
    carl = PortalUser.objects.get(pk=cast.carl.pk)
    assert save_portal_user(carl, name="Carl", email="new@example.com", by=dana)
    with pytest.raises(NotAllowed):
        set_only_listed_templates(carl, False, by=dana)
    assert PortalUser.objects.get(pk=carl.pk).only_listed_templates


def test_a_name_a_number_and_a_template_of_hers_open_nothing(cast, dana):
    assert save_portal_user(cast.carl, name="Carl New", email="carl@example.com", phone="+49 40 5550199", by=dana)
    grant(dana, cast.inspection, change=True, by=cast.olivia)
    again = User.objects.get(pk=dana.pk)
    assert set_template_access(cast.carl, cast.inspection, "add", by=again)
    assert set_only_listed_templates(cast.carl, True, by=again)


def test_the_page_says_why(cast, dana, sign_in):
    client, url = sign_in(dana), f"/admin/accounts/portaluser/{cast.carl.pk}/change/"
    sent = filled(client.get(url)) | {"email": "new@example.com", "own_password": PASSWORD}
    answer = client.post(url, sent)
    assert SAID in answer.content.decode()
    assert User.objects.get(pk=cast.carl.user_id).email == "carl@example.com"


def test_she_takes_back_neither_the_end_of_a_link_nor_a_shorter_list(cast, dana):
    # The right to take back; nothing else is added.
    def refused(change) -> str:
        request = uuid4()
        with acting(by=cast.olivia, request_id=request):
            change()
        with pytest.raises(NotTakenBack) as refusal:
            take_back_request(request, by=dana)
        return str(refusal.value)

    assert "templates that were not granted" in refused(lambda: unlink_customer(cast.carl.links.get(), by=cast.olivia))
    assert "templates that were not granted" in refused(
        lambda: set_only_listed_templates(cast.colm, True, by=cast.olivia)
    )
    assert not CustomerLink.objects.filter(portal_user=cast.carl).exists()


@pytest.mark.parametrize("name", KEYS)
def test_whoever_is_not_narrowed_hands_out_keys(cast, name):
    assert KEYS[name](cast)(cast.dana)
