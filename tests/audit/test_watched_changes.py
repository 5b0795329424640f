"""Changes of rights, accounts and looks through another's eyes are security events, whatever their source."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django_otp.oath import totp

from accounts.models import Customer
from accounts.services import invite_staff, save_staff, switch_off_staff, two_factor
from audit.act import acting
from audit.models import SecurityEvent
from audit.removal import delete_many
from business.services import save_portal_settings
from console.roles import Role, give_role, save_role
from console.taking_back import take_back_request
from jobs.services.tokens import make_token, revoke_token
from permissions.services import (
    end_view_as,
    grant,
    save_portal_user,
    set_only_listed_templates,
    set_override,
    set_template_access,
    start_view_as,
    withdraw_grant,
)

Kind = SecurityEvent.Kind


@pytest.fixture
def told(cast, committed):
    """``told(change)``: what is noted of a change once it is committed, as (kind, about, detail)."""

    def _told(change):
        SecurityEvent.objects.all().delete()
        with committed():
            change()
        return list(SecurityEvent.objects.order_by("pk").values_list("kind", "about", "detail"))

    return _told


def role_with_one_right(cast):
    role = Group.objects.create(name="Night shift")
    save_role(role, {Permission.objects.get(codename="view_job").pk}, by=cast.olivia)


def switched_second_step(cast):
    user = cast.cora.user
    device = two_factor.begin_enrolment(user)
    two_factor.confirm_enrolment(user, f"{totp(device.secret):06d}", by=user)
    two_factor.switch_off(user, by=user)


def looked_as_cora(cast):
    end_view_as(start_view_as(cast.cora, by=cast.dana), by=cast.dana)


def narrowed(cast):
    cast.dana.only_granted_customers = True
    save_staff(cast.dana, by=cast.olivia)


def default_denied(cast, portal):
    portal.default_permissions = portal.default_permissions | {"cancel_jobs": False}
    save_portal_settings(portal, by=cast.olivia)


CHANGES = [
    (
        "an override",
        lambda c, p: set_override(c.cora, "cancel_jobs", "deny", by=c.dana),
        "rights_changed",
        "Deny: Cancel",
    ),
    ("a grant", lambda c, p: grant(c.dana, c.acme, change=False, by=c.olivia), "rights_changed", "Acme Builders, Dana"),
    ("a role given", lambda c, p: give_role(c.nell, Role.SUPPORT, by=c.olivia), "rights_changed", "Roles: + Support"),
    ("limits", lambda c, p: narrowed(c), "rights_changed", "Only granted customers: no → yes"),
    ("a role's rights", lambda c, p: role_with_one_right(c), "rights_changed", "+ Jobs: See"),
    ("a default", default_denied, "rights_changed", "Cancel jobs: no"),
    (
        "a template",
        lambda c, p: set_template_access(c.cora, c.inspection, "add", by=c.dana),
        "rights_changed",
        "Add: Site",
    ),
    ("only listed", lambda c, p: set_only_listed_templates(c.cora, True, by=c.dana), "rights_changed", "no → yes"),
    ("staff off", lambda c, p: switch_off_staff(c.dana, by=c.olivia), "rights_changed", "Active: yes → no"),
    (
        "staff made",
        lambda c, p: invite_staff(email="s@h.example", name="Sue", by=c.olivia),
        "rights_changed",
        "Staff: no → yes",
    ),
    ("a token", lambda c, p: make_token(name="Books", user=c.olivia, by=c.olivia), "rights_changed", "Books"),
    ("the second step", lambda c, p: switched_second_step(c), "second_step_on", "switched on"),
    ("the second step", lambda c, p: switched_second_step(c), "second_step_off", "switched off"),
    ("a look", lambda c, p: looked_as_cora(c), "view_as_started", "Dana as Cora"),
    ("a look", lambda c, p: looked_as_cora(c), "view_as_ended", "Dana as Cora"),
    (
        "an address",
        lambda c, p: save_portal_user(c.cora, name="Cora", email="c@new.example", by=c.dana),
        "address_changed",
        "cora@example.com → c@new.example",
    ),
]


@pytest.mark.parametrize(("name", "change", "kind", "words"), CHANGES, ids=[f"{row[0]}: {row[2]}" for row in CHANGES])
def test_a_change_is_noted(cast, portal, told, name, change, kind, words):
    found = told(lambda: change(cast, portal))
    assert [row for row in found if row[0] == kind and words in f"{row[1]} {row[2]}"], found


def test_what_is_taken_away_is_noted_too(cast, told):
    grant(cast.dana, cast.acme, change=False, by=cast.olivia)
    [(kind, about, detail)] = told(lambda: withdraw_grant(cast.dana, cast.acme, by=cast.olivia))
    assert (kind, detail) == ("rights_changed", "deleted") and "Acme Builders" in about
    token, _plain = make_token(name="Books", user=cast.olivia, by=cast.olivia)
    [(kind, about, detail)] = told(lambda: revoke_token(token, by=cast.olivia))
    assert (kind, detail) == ("rights_changed", "changed") and "Books" in about


def test_what_was_granted_is_said_in_words(cast, told):
    [(_kind, about, _detail)] = told(lambda: grant(cast.dana, cast.acme, change=False, by=cast.olivia))
    assert about.startswith("Customer grant: Acme Builders, Dana: see it") and "|" not in about and "Can " not in about


def test_taking_a_change_of_rights_back_is_a_change_of_rights(cast, told):
    with acting(by=cast.dana) as act:
        set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    [(kind, about, detail)] = told(lambda: take_back_request(act.request_id, by=cast.olivia))
    assert (kind, detail) == ("rights_changed", "deleted") and "Cancel jobs" in about


def test_rights_that_go_with_a_customer_are_counted(cast, told):
    for user in (cast.dana, cast.sam):
        grant(user, cast.birch, change=False, by=cast.olivia)
    found = told(lambda: delete_many(Customer, [cast.birch.pk]))
    assert ("rights_changed", "2 × customer grants", "deleted") in found


def test_what_changes_no_right_is_not_noted(cast, told):
    def rename():
        with acting(by=cast.dana):
            cast.cora.user.phone = "0171 1234567"
            cast.cora.user.save()
            cast.acme.name = "Acme Holding"
            cast.acme.save()

    assert told(rename) == []


def test_a_change_that_is_not_kept_is_not_noted(cast, committed):
    from django.db import transaction

    SecurityEvent.objects.all().delete()
    with committed():
        try:
            with transaction.atomic():
                set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
                raise ValueError
        except ValueError:
            pass
    assert not SecurityEvent.objects.exists()


def test_who_did_it_stands_with_it(cast, committed):
    SecurityEvent.objects.all().delete()
    with committed():
        set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    event = SecurityEvent.objects.get()
    assert (event.user, event.actor) == (cast.dana, "Dana") and "cora" in event.about.lower()


def test_rights_and_roles_are_called_as_on_their_pages(cast, told, sign_in):
    told(lambda: role_with_one_right(cast))
    told_of = SecurityEvent.objects.get(detail__contains="See").detail
    give_role(cast.nell, Role.SUPPORT, by=cast.olivia)
    client = sign_in(cast.olivia)
    role = Group.objects.get(name="Night shift")
    assert "Jobs: See" in told_of and "view_job" not in told_of
    for page in (f"/admin/auth/group/{role.pk}/change/", "/admin/auth/group/", "/admin/accounts/user/"):
        text = client.get(page).content.decode()
        assert ">Groups<" not in text and ">By groups<" not in text and "Select group" not in text, page
