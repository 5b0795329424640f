"""Whoever may invite portal users must not come to own the account of somebody greater."""

from __future__ import annotations

import pytest

from accounts.models import Invitation, PortalUser
from accounts.services import invite_staff, make_invitation, use_invitation
from console.errors import NotAllowed, Refused
from permissions.services import invite_portal_user, reactivate_portal_user, remove_portal_user, suspend_portal_user
from tests.factories import PASSWORD


@pytest.fixture
def olivias_portal(cast):
    """Olivia is a portal user too, by another administrator's doing."""
    return PortalUser.objects.create(user=cast.olivia, state="active")


def test_a_dispatcher_gives_no_portal_login_to_an_administrator(cast):
    with pytest.raises(NotAllowed):
        invite_portal_user(email=cast.olivia.email, customers=[cast.acme], by=cast.dana)
    assert not Invitation.objects.exists()


def test_nor_by_removing_and_inviting_again(cast, olivias_portal):
    for action in (remove_portal_user, suspend_portal_user):
        with pytest.raises(NotAllowed):
            action(olivias_portal, by=cast.dana)
    olivias_portal.state = "removed"
    olivias_portal.save()
    with pytest.raises(NotAllowed):
        invite_portal_user(email=cast.olivia.email, customers=[], by=cast.dana)


def test_an_administrator_brings_staff_back_without_a_mail_that_opens_the_account(cast, olivias_portal):
    remove_portal_user(olivias_portal, by=None)
    done = invite_portal_user(email=cast.olivia.email, customers=[cast.acme], by=None)
    assert done.invitation is None and done.person.state == "active"


def test_somebody_switched_off_stays_so(cast):
    person = PortalUser.objects.create(user=cast.bill, state="removed")
    cast.bill.is_active = False
    cast.bill.save()
    invite_portal_user(email=cast.bill.email, customers=[], by=None)
    cast.bill.refresh_from_db()
    assert not cast.bill.is_active
    assert person.pk


def test_a_new_member_of_staff_cannot_be_taken_before_she_comes(cast):
    boss = invite_staff(email="boss@harbour.example", name="Boss", by=cast.olivia)
    with pytest.raises(NotAllowed):
        invite_portal_user(email=boss.email, customers=[cast.acme], by=cast.dana)
    assert Invitation.objects.get().purpose == Invitation.Purpose.STAFF


def test_a_portal_invitation_opens_no_staff_account(cast, olivias_portal):
    letter = make_invitation(cast.olivia, by=None)
    with pytest.raises(Refused):
        use_invitation(letter, password="another long secret")
    cast.olivia.refresh_from_db()
    assert cast.olivia.check_password(PASSWORD)


def test_the_dialog_shows_no_staff_link(cast, olivias_portal, sign_in):
    letter = make_invitation(cast.olivia, by=None, purpose=Invitation.Purpose.STAFF)
    for person in (cast.dana, cast.ines):
        page = sign_in(person).get(f"/admin/accounts/portaluser/{olivias_portal.pk}/invitation/")
        assert letter.token not in page.content.decode()


def test_a_button_that_is_not_offered_does_nothing_by_its_address(cast, sign_in):
    client = sign_in(cast.dana)
    answer = client.post(f"/admin/accounts/portaluser/{cast.cora.pk}/reactivate/", {"_form_submitted": "1"})
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "has changed meanwhile" in page
    with pytest.raises(Refused):
        reactivate_portal_user(cast.cora, by=cast.dana)
