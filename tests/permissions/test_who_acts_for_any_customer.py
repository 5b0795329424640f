"""Dana works with Acme only. Colm is linked to Acme alone, but may act for any customer: he is not hers to change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Invitation, PortalUser, User
from accounts.services import make_invitation
from accounts.services.two_factor import switch_off_for
from audit.act import acting
from business.models import PortalSettings
from console.errors import NotAllowed
from console.reach import require_reach
from console.taking_back import NotTakenBack, take_back_request
from permissions.models import PermissionOverride, PortalUserGrant, TemplateAccess
from permissions.services import (
    grant,
    invite_portal_user,
    link_customer,
    remove_portal_user,
    save_portal_user,
    set_only_listed_templates,
    set_override,
    set_template_access,
    suspend_portal_user,
    unlink_customer,
)
from tests.console.forms import filled
from tests.factories import PASSWORD


@pytest.fixture
def dana(cast):
    User.objects.filter(pk=cast.dana.pk).update(only_granted_customers=True)
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


@pytest.fixture(params=["allowed", "allowed for a week", "default", "default, denied for a week"])
def colm(request, cast):
    """Colm, who may act for any customer, as one way or another has it."""
    week = timezone.now() + timedelta(days=7)
    if request.param.startswith("default"):
        _allow_by_default()
    if request.param != "default":
        effect, ends = ("deny" if "denied" in request.param else "allow"), (week if "week" in request.param else None)
        set_override(cast.colm, "any_customer", effect, by=cast.olivia, ends_at=ends)
    return PortalUser.objects.get(pk=cast.colm.pk)


def _allow_by_default(yes: bool = True) -> None:
    settings = PortalSettings.load()
    settings.default_permissions["any_customer"] = yes
    settings.save()


def test_she_sees_him_and_changes_him_not(cast, dana, colm):
    assert colm in PortalUser.objects.visible_to(dana)
    assert colm not in PortalUser.objects.visible_to(dana, "change")
    assert not dana.has_perm("accounts.change_portaluser", colm)


@pytest.mark.parametrize(
    "change",
    [
        lambda colm, by, cast: save_portal_user(colm, name="Colm", email="dana.private@example.com", by=by),
        lambda colm, by, cast: suspend_portal_user(colm, by=by),
        lambda colm, by, cast: remove_portal_user(colm, by=by),
        lambda colm, by, cast: make_invitation(colm.user, by=by),
        lambda colm, by, cast: switch_off_for(colm.user, by=by, reason="He rang"),
        lambda colm, by, cast: set_override(colm, "cancel_jobs", "allow", by=by),
        lambda colm, by, cast: set_template_access(colm, cast.inspection, "add", by=by),
        lambda colm, by, cast: set_only_listed_templates(colm, True, by=by),
        lambda colm, by, cast: grant(cast.nell, colm, change=True, by=by),
    ],
)
def test_no_service_changes_him_for_her(cast, dana, colm, change):
    with pytest.raises(NotAllowed):
        change(colm, dana, cast)
    assert User.objects.get(pk=colm.user_id).email == "colm@example.com"


def test_his_page_is_read_only_for_her(cast, dana, colm, sign_in):
    client, url = sign_in(dana), f"/admin/accounts/portaluser/{colm.pk}/change/"
    page = client.get(url)
    assert page.status_code == 200
    sent = filled(page) | {"email": "dana.private@example.com", "full_name": "Colm", "own_password": PASSWORD}
    assert client.post(url, sent).status_code == 403
    assert User.objects.get(pk=colm.user_id).email == "colm@example.com"


def test_what_hangs_on_him_is_not_hers_and_what_hangs_on_her_customer_is(cast, dana, colm):
    link = colm.links.get()
    invitation = Invitation.objects.create(user=colm.user, purpose="invitation", expires_at=timezone.now())
    own = set_override(colm, "view_map", "deny", by=cast.olivia)
    access = set_template_access(colm, cast.inspection, "add", by=cast.olivia)
    grant(cast.nell, colm, change=True, by=cast.olivia)
    for record in (invitation, own, access, PortalUserGrant.objects.first()):
        assert record in type(record)._default_manager.within_reach(dana, "view")
        assert record not in type(record)._default_manager.within_reach(dana, "change"), record
    assert set_override(link, "cancel_jobs", "deny", by=dana)
    assert link.overrides.get() in PermissionOverride.objects.within_reach(dana, "change")
    unlink_customer(link, by=dana)


def test_whom_she_was_granted_herself_she_changes(cast, dana, colm):
    grant(dana, colm, change=True, by=cast.olivia)
    assert suspend_portal_user(colm, by=dana)


@pytest.mark.parametrize("how", ["ended", "denied by default", "denied for good"])
def test_who_no_longer_acts_for_any_customer_is_hers(cast, dana, how):
    effect, ends = ("deny", None) if how == "denied for good" else ("allow", timezone.now() - timedelta(minutes=1))
    if how == "denied for good":
        _allow_by_default()
    PermissionOverride.objects.create(portal_user=cast.colm, permission="any_customer", effect=effect, ends_at=ends)
    assert dana.has_perm("accounts.change_portaluser", cast.colm)
    assert TemplateAccess.objects.within_reach(dana, "change").count() == 0


def test_by_default_the_refusal_says_that_everybody_does(cast, dana):
    _allow_by_default()
    for record in (cast.colm, cast.cora):
        with pytest.raises(NotAllowed, match="By default every portal user may act for any customer"):
            require_reach(dana, record)
    with pytest.raises(NotAllowed) as refusal:
        require_reach(dana, cast.carl)
    assert "granted to you" in str(refusal.value)


def test_by_default_she_invites_nobody_and_sends_no_invitation_again(cast, dana):
    waiting = invite_portal_user(email="una@example.com", customers=[cast.acme], by=dana).person
    _allow_by_default()
    remove_portal_user(cast.carl, by=cast.olivia)
    for email in ("new@example.com", "una@example.com", "carl@example.com"):
        with pytest.raises(NotAllowed, match="By default every portal user"):
            invite_portal_user(email=email, customers=[cast.acme], by=dana)
    with pytest.raises(NotAllowed):
        make_invitation(waiting.user, by=dana)
    assert not User.objects.filter(email="new@example.com").exists()


def test_she_links_him_to_her_customer_all_the_same(cast, dana):
    set_override(cast.carl, "any_customer", "allow", by=cast.olivia)
    assert link_customer(cast.carl, cast.acme, by=dana)
    assert invite_portal_user(email="colm@example.com", customers=[cast.acme], by=dana).invitation is None


def test_whoever_is_not_narrowed_changes_him(cast, colm):
    assert suspend_portal_user(colm, by=cast.dana)


def test_it_costs_no_query_of_its_own(cast, dana, django_assert_num_queries: Any):
    dana.has_perm("accounts.change_portaluser", cast.carl)
    with django_assert_num_queries(1) as queries:
        assert set(PortalUser.objects.visible_to(dana, "change")) == {cast.colm}
    assert isinstance(queries, CaptureQueriesContext)


def test_no_denial_is_taken_back_by_whoever_may_not_allow(cast, dana):
    """Where all act for any customer by default, the denial is what keeps him Acme's."""
    _allow_by_default()
    with acting(by=cast.olivia) as act:
        set_override(cast.colm, "any_customer", "deny", by=cast.olivia)
    dana.user_permissions.add(Permission.objects.get(codename="restore_changelog"))
    with pytest.raises(NotTakenBack):
        take_back_request(act.request_id, by=User.objects.get(pk=dana.pk))
    assert PermissionOverride.objects.get().effect == "deny"


def test_a_grant_of_the_person_lets_the_address_be_changed_too(cast, dana):
    set_override(cast.colm, "any_customer", "allow", by=cast.olivia)
    grant(dana, cast.colm, change=True, by=cast.olivia)
    dana = User.objects.get(pk=dana.pk)
    save_portal_user(PortalUser.objects.get(pk=cast.colm.pk), name="Colm", email="colm.new@example.com", by=dana)
    assert PortalUser.objects.get(pk=cast.colm.pk).user.email == "colm.new@example.com"
