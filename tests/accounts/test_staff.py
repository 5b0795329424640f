from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import Customer, User
from accounts.services import invite_staff, make_invitation, save_staff, switch_off_staff
from accounts.services.staff import may_touch, send_password_link, switch_on_staff
from console.errors import NotAllowed, Refused
from console.roles import Role, save_role
from permissions.models import CustomerGrant
from permissions.services import grant, withdraw_grant


def role(name):
    return Group.objects.get(name=name)


def with_staff_rights(user):
    """Gives a dispatcher the right to keep staff, and no more."""
    wanted = Permission.objects.filter(codename__in=["view_user", "add_user", "change_user"])
    user.user_permissions.add(*wanted)
    return User.objects.get(pk=user.pk)


def test_a_new_colleague_is_invited_by_mail(cast):
    user = invite_staff(email="New@harbour.example", name="Nora", roles=[role(Role.SUPPORT)], by=cast.olivia)
    assert (user.email, user.is_staff, user.has_usable_password()) == ("new@harbour.example", True, False)
    assert user.invitations.get().purpose == "staff"


def test_she_who_is_no_administrator_makes_none(cast):
    keeper = with_staff_rights(cast.dana)
    with pytest.raises(NotAllowed):
        invite_staff(email="new@harbour.example", name="Nora", roles=[role(Role.ADMINISTRATOR)], by=keeper)
    assert not User.objects.filter(email="new@harbour.example").exists()


def test_she_gives_only_what_she_holds(cast):
    keeper = with_staff_rights(cast.dana)
    save_staff(cast.nell, roles=[role(Role.DISPATCHER)], by=keeper)
    assert cast.nell.groups.get().name == Role.DISPATCHER
    with pytest.raises(NotAllowed):
        save_staff(cast.nell, roles=[role(Role.SUPPORT)], by=keeper)


def test_nobody_changes_her_own_roles_or_limits(cast):
    keeper = with_staff_rights(cast.dana)
    with pytest.raises(NotAllowed):
        save_staff(keeper, roles=[], by=keeper)
    keeper.only_granted_customers = True
    with pytest.raises(NotAllowed):
        save_staff(keeper, by=keeper)


def test_an_administrators_account_is_touched_by_administrators_only(cast):
    cast.olivia.email = "dana-reads-this@harbour.example"
    with pytest.raises(NotAllowed):
        save_staff(cast.olivia, by=with_staff_rights(cast.dana))


def test_an_account_that_may_do_more_is_not_hers_to_touch(cast):
    """Whoever changes its address, or has its password link, has its rights."""
    keeper = with_staff_rights(cast.sam)
    cast.dana.email = "sam-reads-this@harbour.example"
    actions = [
        lambda: save_staff(cast.dana, by=keeper),
        lambda: send_password_link(cast.dana, by=keeper),
        lambda: switch_off_staff(cast.dana, by=keeper),
    ]
    for action in actions:
        with pytest.raises(NotAllowed):
            action()
    assert User.objects.get(pk=cast.dana.pk).email == "dana@harbour.example"


def test_nor_when_it_is_switched_off(cast):
    keeper = with_staff_rights(cast.sam)
    dana = switch_off_staff(cast.dana, by=cast.olivia)
    with pytest.raises(NotAllowed):
        switch_on_staff(dana, by=keeper)
    dana.email = "sam-reads-this@harbour.example"
    with pytest.raises(NotAllowed):
        save_staff(dana, by=keeper)


def test_an_account_that_may_do_no_more_is(cast):
    keeper = with_staff_rights(cast.dana)
    cast.nell.phone = "+49 40 1"
    assert save_staff(cast.nell, by=keeper).phone == "+49 40 1"
    assert switch_off_staff(cast.nell, by=keeper).is_active is False


def narrow(user, *customers, by):
    User.objects.filter(pk=user.pk).update(only_granted_customers=True)
    for customer in customers:
        grant(user, customer, change=True, by=by)
    return User.objects.get(pk=user.pk)


def test_who_is_narrowed_touches_nobody_who_sees_more(cast):
    keeper = narrow(with_staff_rights(cast.dana), cast.acme, by=cast.olivia)
    assert not may_touch(cast.nell, keeper)
    assert not may_touch(narrow(cast.nell, cast.acme, cast.cedar, by=cast.olivia), keeper)
    withdraw_grant(cast.nell, cast.cedar, by=cast.olivia)
    nell = User.objects.get(pk=cast.nell.pk)
    assert may_touch(nell, keeper)
    nell.only_granted_customers = False
    with pytest.raises(NotAllowed):
        save_staff(nell, by=keeper)


def test_who_is_narrowed_invites_nobody_who_sees_more(cast):
    keeper = narrow(with_staff_rights(cast.dana), cast.acme, by=cast.olivia)
    with pytest.raises(NotAllowed):
        invite_staff(email="new@harbour.example", name="Nora", by=keeper)
    assert invite_staff(email="new@harbour.example", name="Nora", by=keeper, only_granted_customers=True)


def test_the_password_link_is_shown_to_whoever_could_do_as_much(cast, sign_in):
    letter = make_invitation(cast.dana, by=cast.olivia, purpose="staff")
    url = f"/admin/accounts/user/{cast.dana.pk}/password_link/"
    assert letter.url in sign_in(cast.olivia).get(url).content.decode()
    page = sign_in(with_staff_rights(cast.sam)).get(url)
    assert page.status_code == 200 and letter.url not in page.content.decode()


def test_the_last_administrator_stays(cast):
    second = invite_staff(email="two@harbour.example", name="Two", roles=[role(Role.ADMINISTRATOR)], by=cast.olivia)
    switch_off_staff(cast.olivia, by=second)
    second.is_active = False
    with pytest.raises(NotAllowed):
        save_staff(second, by=second)
    with pytest.raises(Refused):
        save_staff(User.objects.get(pk=second.pk), roles=[], by=None)


def test_switching_off_ends_the_session(cast, sign_in):
    client = sign_in(cast.dana)
    assert client.get("/admin/accounts/customer/").status_code == 200
    switch_off_staff(cast.dana, by=cast.olivia)
    assert client.get("/admin/accounts/customer/").status_code == 302


def test_a_grant_is_given_by_others_and_has_history(cast):
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    assert {row.permission.codename for row in CustomerGrant.objects.all()} == {"view_customer", "change_customer"}
    assert {row.actor for row in CustomerGrant.history.all()} == {"Olivia"}
    with pytest.raises(NotAllowed):
        grant(cast.dana, cast.cedar, change=True, by=cast.dana)


def test_nobody_grants_what_she_may_not_do(cast):
    with pytest.raises(NotAllowed):
        grant(cast.sam, cast.acme, change=True, by=cast.nell)
    with pytest.raises(NotAllowed):
        grant(cast.nell, cast.acme, change=True, by=cast.sam)


def test_losing_the_last_grant_leaves_nothing(cast):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    withdraw_grant(cast.dana, cast.acme, by=cast.olivia)
    assert not Customer.objects.visible_to(cast.dana).exists()


def test_a_role_of_ones_own_is_nobodys_to_raise(cast):
    cast.dana.user_permissions.add(Permission.objects.get(codename="change_group"))
    keeper = User.objects.get(pk=cast.dana.pk)
    everything = set(Permission.objects.values_list("pk", flat=True))
    with pytest.raises(NotAllowed):
        save_role(role(Role.DISPATCHER), everything, by=keeper)
    with pytest.raises(NotAllowed):
        save_role(role(Role.SUPPORT), everything, by=keeper)
    with pytest.raises(Refused):
        save_role(role(Role.ADMINISTRATOR), set(), by=cast.olivia)


def test_the_pages(cast, sign_in):
    client = sign_in(cast.olivia)
    said = {"full_name": "Nora", "email": "nora@harbour.example", "phone": "", "roles": [role(Role.SUPPORT).pk]}
    assert client.post("/admin/accounts/user/add/", said).status_code == 302
    nora = User.objects.get(email="nora@harbour.example")
    assert nora.groups.get().name == Role.SUPPORT
    url = f"/admin/accounts/user/{nora.pk}"
    sent = {"customers": [cast.acme.pk], "may": "change", "_form_submitted": "True"}
    assert client.post(f"{url}/grant_records/", sent).status_code == 302
    assert CustomerGrant.objects.filter(user=nora).count() == 2
    assert "Acme Builders" in client.get(f"{url}/change/").content.decode()


@pytest.mark.parametrize(("who", "code"), [("dana", 403), ("sam", 403), ("nell", 403), ("carl", 302)])
def test_others_are_refused(cast, sign_in, who, code):
    client = sign_in(getattr(cast, who))
    assert client.post("/admin/accounts/user/add/", {"email": "x@harbour.example"}).status_code == code
    assert client.get("/admin/auth/group/").status_code == code
