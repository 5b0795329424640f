"""A person who acts for several customers, and a dispatcher who was granted one of them."""

from __future__ import annotations

import pytest

from accounts.models import PortalUser, User
from console.errors import NotAllowed
from permissions.models import PermissionOverride
from permissions.services import grant, invite_portal_user, set_only_listed_templates, set_override, set_template_access


@pytest.fixture
def dana(cast):
    """Dana, who works with Acme only. Cora acts for Acme and Birch, Colm for Acme."""
    User.objects.filter(pk=cast.dana.pk).update(only_granted_customers=True)
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


def test_she_sees_both_and_changes_the_one(cast, dana):
    assert set(PortalUser.objects.visible_to(dana)) == {cast.cora, cast.colm}
    assert set(PortalUser.objects.visible_to(dana, "change")) == {cast.colm}
    assert dana.has_perm("accounts.view_portaluser", cast.cora)
    assert not dana.has_perm("accounts.change_portaluser", cast.cora)
    assert not dana.has_perm("accounts.view_as_portaluser", cast.cora)


def test_a_grant_of_the_person_lets_her_change_her(cast, dana):
    grant(dana, cast.cora, change=True, by=cast.olivia)
    assert dana.has_perm("accounts.change_portaluser", cast.cora)


def test_what_counts_for_all_customers_is_not_hers(cast, dana):
    with pytest.raises(NotAllowed):
        set_override(cast.cora, "cancel_jobs", "allow", by=dana)
    with pytest.raises(NotAllowed):
        set_template_access(cast.cora, cast.inspection, "add", by=dana)
    with pytest.raises(NotAllowed):
        set_only_listed_templates(cast.cora, True, by=dana)
    assert set_override(cast.colm, "cancel_jobs", "allow", by=dana)


def test_what_counts_for_her_customer_is(cast, dana):
    assert set_override(cast.cora.links.get(customer=cast.acme), "cancel_jobs", "deny", by=dana)
    with pytest.raises(NotAllowed):
        set_override(cast.cora.links.get(customer=cast.birch), "cancel_jobs", "deny", by=dana)


@pytest.mark.parametrize("effect", ["allow", "deny", None])
def test_any_customer_is_never_hers_to_give(cast, dana, effect):
    for target in (cast.colm, cast.colm.links.get()):
        with pytest.raises(NotAllowed):
            set_override(target, "any_customer", effect, by=dana)
    assert not PermissionOverride.objects.exists()


def test_the_page_of_the_person_is_read_only(cast, dana, sign_in):
    client = sign_in(dana)
    url = f"/admin/accounts/portaluser/{cast.cora.pk}"
    assert client.get(f"{url}/change/").status_code == 200
    for button in ("set_permission", "suspend", "remove", "view_as"):
        assert client.post(f"{url}/{button}/", {"_form_submitted": "True"}).status_code == 403
    cast.cora.refresh_from_db()
    assert cast.cora.is_active


def test_on_the_page_of_her_link_she_sets_a_permission(cast, dana, sign_in):
    client = sign_in(dana)
    link = cast.cora.links.get(customer=cast.acme)
    url = f"/admin/accounts/customerlink/{link.pk}"
    said = {"permission": "cancel_jobs", "effect": "deny", "reason": "Too many", "_form_submitted": "True"}
    assert f"{url}/set_permission/?permission=cancel_jobs" in client.get(f"{url}/change/").content.decode()
    assert client.get(f"{url}/set_permission/?permission=cancel_jobs").status_code == 200
    for _click in range(2):
        client.post(f"{url}/set_permission/?permission=cancel_jobs", said)
    row = PermissionOverride.objects.get()
    assert (row.link, row.portal_user, row.permission, row.effect) == (link, None, "cancel_jobs", "deny")
    other = cast.cora.links.get(customer=cast.birch)
    assert client.post(f"/admin/accounts/customerlink/{other.pk}/set_permission/", said).status_code == 404


def test_inviting_her_names_no_customer_beyond_reach(cast, dana):
    assert "Birch Hotel" in invite_portal_user(email="cora@example.com", customers=[], by=cast.olivia).sentence
    said = invite_portal_user(email="cora@example.com", customers=[], by=dana).sentence
    assert "Acme Builders" in said and "Birch Hotel" not in said


@pytest.mark.parametrize(("who", "code"), [("sam", 403), ("nell", 404), ("carl", 302)])
def test_others_are_refused_there(cast, sign_in, who, code):
    link = cast.cora.links.get(customer=cast.acme)
    said = {"permission": "cancel_jobs", "effect": "deny", "_form_submitted": "True"}
    answer = sign_in(getattr(cast, who)).post(f"/admin/accounts/customerlink/{link.pk}/set_permission/", said)
    assert answer.status_code == code
    assert not PermissionOverride.objects.exists()
