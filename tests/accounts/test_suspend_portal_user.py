from __future__ import annotations

import pytest

from accounts.choices import PortalUserState
from accounts.models import PortalUser
from console.errors import Refused
from permissions.services import reactivate_portal_user, remove_portal_user, set_override, suspend_portal_user


def test_her_sessions_end_at_once(cast, sign_in):
    client = sign_in(cast.cora)
    assert "_auth_user_id" in client.session
    suspend_portal_user(cast.cora, by=cast.dana, reason="Left the company")
    request = client.get("/admin/login/").wsgi_request
    assert not request.user.is_authenticated


def test_it_stands_in_the_history_with_name_and_reason(cast):
    suspend_portal_user(cast.cora, by=cast.dana, reason="Left the company")
    row = PortalUser.history.filter(id=cast.cora.pk).first()
    assert (row.actor, row.history_change_reason, row.state) == ("Dana", "Left the company", "suspended")


def test_others_stay_in(cast, sign_in):
    client = sign_in(cast.colm)
    suspend_portal_user(cast.cora, by=cast.dana)
    assert client.get("/admin/login/").wsgi_request.user == cast.colm.user


def test_she_comes_back_with_what_she_had(cast):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    suspend_portal_user(cast.cora, by=cast.dana)
    reactivate_portal_user(cast.cora, by=cast.dana)
    cast.cora.refresh_from_db()
    assert cast.cora.state == PortalUserState.ACTIVE
    assert cast.cora.links.count() == 2 and cast.cora.overrides.count() == 1


def test_nobody_is_suspended_twice(cast):
    suspend_portal_user(cast.cora, by=cast.dana)
    with pytest.raises(Refused):
        suspend_portal_user(cast.cora, by=cast.dana)


def test_removing_takes_login_and_links_and_leaves_jobs_and_history(cast):
    set_override(cast.cora.links.first(), "cancel_jobs", "deny", by=cast.dana)
    remove_portal_user(cast.cora, by=cast.dana)
    cast.cora.refresh_from_db()
    assert cast.cora.state == PortalUserState.REMOVED and not cast.cora.links.exists()
    assert not cast.cora.user.is_active and not cast.cora.user.has_usable_password()
    assert PortalUser.history.filter(id=cast.cora.pk).exists()


def test_staff_keep_their_staff_account(cast):
    person = PortalUser.objects.create(user=cast.sam, state=PortalUserState.ACTIVE)
    remove_portal_user(person, by=cast.olivia)
    cast.sam.refresh_from_db()
    assert cast.sam.is_active and cast.sam.has_usable_password()
