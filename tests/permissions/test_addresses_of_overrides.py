"""An address that names a link or a permission in vain: Dana is told, and nothing is chosen for her."""

from __future__ import annotations

import pytest

from accounts.models import PortalUser
from permissions.models import PermissionOverride
from permissions.services import set_override

GONE = "The customer link in this address no longer exists, or you can&#x27;t see it."
SENT = {"_form_submitted": "True", "reason": "", "ends_at": ""}


@pytest.fixture
def address(cast):
    """The dialog for Cora, at a link of hers that is gone."""
    link = cast.cora.links.get(customer=cast.acme)
    set_override(cast.cora, "manage_colleagues", "allow", by=cast.olivia)
    gone = link.pk
    link.delete()
    return f"/admin/accounts/portaluser/{cast.cora.pk}/set_permission/?permission=manage_colleagues&level={gone}"


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_dana_is_told_that_the_link_is_gone_and_the_permission_is_kept(cast, sign_in, address, htmx):
    answer = sign_in(cast.dana).get(address, headers=htmx)
    form = answer.context["form"]
    assert GONE in answer.content.decode()
    assert (form["permission"].value(), form["level"].value(), form["effect"].value()) == ("manage_colleagues", "-", "")


@pytest.mark.parametrize("level", ["-", "999999"])
def test_dana_who_saves_without_choosing_is_asked_to_choose(cast, sign_in, address, level):
    said = SENT | {"level": level, "permission": "manage_colleagues", "effect": "inherit"}
    answer = sign_in(cast.dana).post(address, said)
    assert answer.context["form"].errors["level"]
    assert PermissionOverride.objects.get().effect == "allow"


def test_dana_who_says_no_effect_is_asked_for_one(cast, sign_in, address):
    answer = sign_in(cast.dana).post(address, SENT | {"level": "", "permission": "manage_colleagues"})
    assert answer.context["form"].errors["effect"]
    assert PermissionOverride.objects.get().effect == "allow"


def test_dana_who_chooses_saves(cast, sign_in, address):
    said = SENT | {"level": "", "permission": "manage_colleagues", "effect": "deny"}
    assert sign_in(cast.dana).post(address, said).status_code == 302
    assert PermissionOverride.objects.get().effect == "deny"


def test_no_effect_is_foreseen_while_nothing_is_chosen(cast, sign_in, address):
    said = {"_preview": "1", "level": "-", "permission": "manage_colleagues", "effect": "deny"}
    assert sign_in(cast.dana).post(address, said).context["form"].forecast() is None


def test_a_permission_that_there_is_not_is_not_replaced_by_the_first(cast, sign_in):
    address = f"/admin/accounts/portaluser/{cast.cora.pk}/set_permission/?permission=fly&level="
    answer = sign_in(cast.dana).get(address)
    assert "“fly” is not a permission." in answer.content.decode()
    assert answer.context["form"]["permission"].value() == ""
    said = SENT | {"level": "", "permission": "", "effect": "deny"}
    assert sign_in(cast.dana).post(address, said).context["form"].errors["permission"]
    assert not PermissionOverride.objects.exists()


@pytest.mark.parametrize("wanted", ["permission=cancel_jobs&level=999999", "permission=fly"])
def test_on_the_page_of_a_link_what_is_named_in_vain_is_told_too(cast, sign_in, wanted):
    link = cast.cora.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    answer = sign_in(cast.dana).get(f"/admin/accounts/customerlink/{link.pk}/set_permission/?{wanted}")
    assert 'role="note"' in answer.content.decode()
    assert answer.context["form"]["effect"].value() == ""


def test_the_cell_of_a_link_opens_with_what_is_said_there(cast, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    address = f"/admin/accounts/customerlink/{link.pk}/set_permission/?permission=cancel_jobs&level="
    for wanted in (address, f"{address}{link.pk}"):
        answer = sign_in(cast.dana).get(wanted)
        assert 'role="note"' not in answer.content.decode()
        assert answer.context["form"]["reason"].value() == "Too many"


def test_the_page_of_a_link_tells_nothing_of_the_person_with_the_same_key(cast, sign_in):
    link = cast.carl.links.get()
    other, _made = PortalUser.objects.get_or_create(pk=link.pk, defaults={"user": cast.nell})
    set_override(other, "cancel_jobs", "deny", by=cast.olivia, reason="Rash")
    address = f"/admin/accounts/customerlink/{link.pk}/set_permission/?permission=cancel_jobs&level="
    answer = sign_in(cast.dana).get(address)
    assert answer.status_code == 200
    assert answer.context["form"]["reason"].value() is None
    assert answer.context["form"]["effect"].value() == "inherit"


def test_a_reset_at_a_link_that_is_gone_is_told_before_and_refused(cast, sign_in, address):
    address = address.replace("set_permission", "reset_override")
    client = sign_in(cast.dana)
    assert GONE in client.get(address).content.decode()
    assert GONE in client.post(address, {"_form_submitted": "True"}).content.decode()
    assert PermissionOverride.objects.exists()
