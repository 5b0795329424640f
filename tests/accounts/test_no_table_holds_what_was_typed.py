"""Wherever a password is asked for, nothing of a form that was refused is kept: a try is counted, and that is all."""

from __future__ import annotations

from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.test import Client
from django.urls import reverse

from portal_site.second_step import DONE
from tests.accounts.test_own_password_again import grants_of, said
from tests.accounts.test_second_factor_at_rest import switch_on
from tests.jobs.test_no_table_holds_a_token import holders

TYPED = "Mistyped77secret"
TOKEN = "Qx7fT2mK9Qx7fT2mK9"
NEXT = f"next=/l/{TOKEN}/"
NEW = {"new_password1": f"new {TYPED}", "new_password2": f"new {TYPED}"}


@pytest.fixture(autouse=True)
def counted(settings: Any) -> None:
    settings.AXES_ENABLED = True


def _door(path):
    return lambda cast, who: who().post(f"{path}?{NEXT}", {"username": "dana@harbour.example", "password": TYPED})


def _new_password(path, person):
    return lambda cast, who: who(getattr(cast, person)).post(f"{path}?{NEXT}", {"old_password": TYPED} | NEW)


def _second_step(action):
    form = {"action": action, "code": TYPED[:12], "own_password": TYPED, "next": f"/l/{TOKEN}/"}
    return lambda cast, who: who(cast.cora).post("/me/two-factor/", form)


def _page_of(name, person):
    def ask(cast: Any, who: Any) -> Any:
        olivia, record = who(cast.olivia), getattr(cast, person)
        user = getattr(record, "user", record)
        url = reverse(f"admin:accounts_{name}_change", args=[record.pk])
        facts = said(user, email=f"{TYPED}@harbour.example", own_password=TYPED)
        return olivia.post(url, grants_of(olivia.get(url)) | facts)

    return ask


def _lost_telephone(cast, who):
    if cast.cora.user.two_factor_since is None:
        switch_on(cast.cora.user)
    url = reverse("admin:accounts_portaluser_two_factor_off", args=[cast.cora.pk])
    return who(cast.olivia).post(url, {"reason": TYPED, "own_password": TYPED})


PLACES = {
    "the companion site's door": _door("/login/"),
    "the console's door": _door("/admin/login/"),
    "a new password of Cora's": _new_password("/me/password/", "cora"),
    "a new password in the console": _new_password("/admin/password_change/", "dana"),
    "the second step, on": _second_step("confirm"),
    "the second step, new recovery codes": _second_step("renew"),
    "the second step, off": _second_step("off"),
    "another address for a member of staff": _page_of("user", "dana"),
    "another address for Cora": _page_of("portaluser", "cora"),
    "a lost telephone": _lost_telephone,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_mistyped_password_is_counted_and_not_kept(cast, sign_in, place):
    if place in ("the second step, new recovery codes", "the second step, off"):
        switch_on(cast.cora.user)
        sign_in = _past_the_second_step(sign_in)
    for _time in range(2):
        answer = PLACES[place](cast, sign_in)
        assert answer.status_code in (200, 422), answer.status_code
    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == 2
    assert [attempt.post_data, attempt.get_data] == ["", ""]
    assert [held for typed in (TYPED, TYPED.lower(), TYPED[:12], TOKEN) for held in holders(typed)] == []


def _past_the_second_step(sign_in):
    def signed_in(person: Any) -> Client:
        client = sign_in(person)
        session = client.session
        session[DONE] = person.user.pk
        session.save()
        return client

    return signed_in


AN_ADDRESS = "my@secret.pass"


@pytest.mark.parametrize("door", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("typed", [TYPED, f"{TYPED[:8]}@{TYPED[8:]}", f"browser:{TYPED}", AN_ADDRESS])
def test_a_password_in_the_field_of_the_address_is_counted_under_a_digest(client, db, caplog, door, typed):
    for _time in range(2):
        assert client.post(door, {"username": typed, "password": "x"}).status_code in (200, 422)
    # The companion site says at once what is no address, and looks at no password.
    looked_at = door == "/admin/login/" or typed == AN_ADDRESS
    assert [one.failures_since_start for one in AccessAttempt.objects.all()] == ([2] if looked_at else [])
    assert [held for part in (typed, typed.lower()) for held in holders(part)] == []
    assert typed.lower() not in caplog.text.lower()


def test_an_address_with_a_token_is_kept_without_it(cast):
    facts = {"user_agent": "x", "ip_address": "192.0.2.1", "http_accept": "x", "path_info": f"/join/{TOKEN}/"}
    AccessLog.objects.create(username="dana@harbour.example", **facts)
    assert AccessLog.objects.get().path_info == "/join/…/" and holders(TOKEN) == []
