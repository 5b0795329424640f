from __future__ import annotations

import pytest

from accounts.models import CustomerLink, PortalUser
from console.errors import NotAllowed, Refused
from permissions.models import TemplateAccess
from permissions.resolver import decide, rights_of
from permissions.services import invite_colleague, remove_colleague, set_override, set_template_access


@pytest.fixture
def manager(cast):
    set_override(cast.cora.links.get(customer=cast.acme), "manage_colleagues", "allow", by=cast.dana)
    return cast.cora


def test_she_invites_somebody_to_her_customer(manager, cast, sign_in):
    client = sign_in(manager)
    assert "Colleagues" in client.get("/").content.decode()
    said = {"full_name": "Kim", "email": "kim@acme.example", "customer": cast.acme.pk}
    assert client.post("/colleagues/", said).status_code == 302
    kim = PortalUser.objects.get(user__email="kim@acme.example")
    assert [link.customer for link in kim.links.all()] == [cast.acme] and kim.user.invitations.exists()
    assert kim.history.first().actor == "Cora"


def test_a_customer_she_does_not_manage_is_no_choice(manager, cast, sign_in):
    said = {"full_name": "Kim", "email": "kim@acme.example", "customer": cast.birch.pk}
    assert sign_in(manager).post("/colleagues/", said).status_code == 200
    assert not PortalUser.objects.filter(user__email="kim@acme.example").exists()
    with pytest.raises(NotAllowed):
        invite_colleague(manager, cast.birch, email="kim@acme.example", name="Kim")


def test_never_above_her_own_rights(manager, cast):
    set_override(manager, "cancel_jobs", "deny", by=cast.dana)
    set_template_access(manager, cast.exchange, TemplateAccess.Effect.REMOVE, by=cast.dana)
    kim = invite_colleague(manager, cast.acme, email="kim@acme.example", name="Kim").person
    own, theirs = rights_of(manager), rights_of(kim)
    for code in ("cancel_jobs", "edit_jobs", "view_jobs", "manage_colleagues", "any_customer"):
        assert decide(own, code, cast.acme) or not decide(theirs, code, cast.acme)
    assert not decide(theirs, "cancel_jobs", cast.acme) and theirs.template_ids <= own.template_ids


def test_who_has_more_elsewhere_has_no_more_here(manager, cast):
    set_override(cast.carl, "create_many_jobs", "allow", by=cast.dana)
    invite_colleague(manager, cast.acme, email="carl@example.com", name="Carl")
    theirs = rights_of(cast.carl)
    assert not decide(theirs, "create_many_jobs", cast.acme) and decide(theirs, "create_many_jobs", cast.cedar)


def test_she_removes_a_colleague_and_not_herself(manager, cast, sign_in):
    client = sign_in(manager)
    people = client.get("/colleagues/").context["people"]
    references = {str(one["link"].portal_user): one["reference"] for one in people}
    client.post("/colleagues/remove/", {"who": references["Cora"]})
    assert manager.links.count() == 2
    client.post("/colleagues/remove/", {"who": references["Colm"]})
    assert not cast.colm.links.exists()
    with pytest.raises(Refused):
        remove_colleague(manager, manager.links.get(customer=cast.acme))


def test_a_link_elsewhere_is_out_of_reach(manager, cast, sign_in):
    from django.core import signing

    link = cast.carl.links.get()
    forged = signing.dumps(link.pk, salt="colleague")
    assert sign_in(manager).post("/colleagues/remove/", {"who": forged}).status_code == 404
    assert sign_in(manager).post("/colleagues/remove/", {"who": str(link.pk)}).status_code == 404
    assert CustomerLink.objects.filter(pk=link.pk).exists()


def test_without_the_right_there_is_no_such_page(cast, sign_in):
    client = sign_in(cast.colm)
    assert "Colleagues" not in client.get("/").content.decode()
    assert client.get("/colleagues/").status_code == 403
    assert client.post("/colleagues/remove/", {"who": "x"}).status_code == 403
