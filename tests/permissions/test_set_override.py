from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.choices import PortalUserState
from accounts.models import PortalUser
from console.errors import NotAllowed, Refused, UnknownPermission
from permissions.models import PermissionOverride
from permissions.resolver import decide, rights_of
from permissions.services import set_override
from tests.factories import make_job


def test_on_a_link_it_counts_for_that_customer_only(cast):
    link = cast.cora.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.dana, reason="Too many")
    rights = rights_of(cast.cora)
    assert not decide(rights, "cancel_jobs", make_job(cast.acme, cast.exchange))
    assert decide(rights, "cancel_jobs", make_job(cast.birch, cast.exchange))


def test_it_stands_in_the_history_with_before_and_after(cast):
    set_override(cast.cora, "cancel_jobs", "allow", by=cast.olivia)
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana, reason="Too many")
    newest, before = PermissionOverride.history.all()[:2]
    assert (newest.actor, newest.effect, before.effect) == ("Dana", "deny", "allow")
    assert newest.history_change_reason == "Too many"


def test_saying_the_same_again_writes_nothing(cast):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    assert PermissionOverride.history.count() == 1


def test_inheriting_takes_the_row_away(cast):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    assert set_override(cast.cora, "cancel_jobs", None, by=cast.dana) is None
    assert not PermissionOverride.objects.exists()


def test_an_end_in_the_past_is_refused(cast):
    with pytest.raises(Refused):
        set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana, ends_at=timezone.now() - timedelta(minutes=1))


def test_an_unknown_permission_is_a_mistake(cast):
    with pytest.raises(UnknownPermission):
        set_override(cast.cora, "fly", "allow", by=cast.dana)


def test_nobody_raises_her_own_rights(cast):
    dana = PortalUser.objects.create(user=cast.dana, state=PortalUserState.ACTIVE)
    with pytest.raises(NotAllowed):
        set_override(dana, "any_customer", "allow", by=cast.dana)


def _click(client, person, **said):
    url = f"/admin/accounts/portaluser/{person.pk}/set_permission/"
    data = {"level": "", "permission": "cancel_jobs", "effect": "deny", "_form_submitted": "True", **said}
    return client.post(url, data)


def test_dana_sets_it_in_a_dialog(cast, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    assert _click(sign_in(cast.dana), cast.cora, level=str(link.pk), reason="Too many").status_code == 302
    override = PermissionOverride.objects.get()
    assert (override.link, override.effect, override.reason) == (link, "deny", "Too many")
    page = sign_in(cast.dana).get(f"/admin/accounts/portaluser/{cast.cora.pk}/change/").content.decode()
    assert "is-deny" in page and "Too many" in page


@pytest.mark.parametrize(("effect", "said"), [("deny", "may not: Cancel jobs."), ("allow", "may: Cancel jobs.")])
def test_it_says_who_may_what_from_now_on(cast, sign_in, effect, said):
    client = sign_in(cast.dana)
    _click(client, cast.cora, effect=effect)
    _click(client, cast.cora, effect=effect, level=str(cast.cora.links.get(customer=cast.acme).pk))
    everywhere, at_acme = map(str, get_messages(client.get("/admin/").wsgi_request))
    assert (everywhere, at_acme) == (f"{cast.cora} {said}", f"{cast.cora} ({cast.acme}) {said}")


def test_a_link_of_somebody_else_is_no_choice(cast, sign_in):
    link = cast.carl.links.get()
    answer = _click(sign_in(cast.dana), cast.cora, level=str(link.pk))
    assert answer.status_code == 200 and not PermissionOverride.objects.exists()


@pytest.mark.parametrize(("who", "code"), [("sam", 403), ("nell", 404), ("carl", 302)])
def test_others_are_refused(cast, sign_in, who, code):
    assert _click(sign_in(getattr(cast, who)), cast.cora).status_code == code
    assert not PermissionOverride.objects.exists()


def test_reading_the_question_writes_nothing(cast, sign_in):
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/set_permission/?permission=cancel_jobs&effect=deny"
    assert sign_in(cast.dana).get(url).status_code == 200
    assert not PermissionOverride.objects.exists()
