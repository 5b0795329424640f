"""An open computer is not enough: second step, e-mail and password ask for one's own password once more."""

from __future__ import annotations

import pytest

from accounts.models import User
from audit.models import SecurityEvent
from tests.factories import PASSWORD

TRIES = 8
NEW = {"new_password1": "a quite new one", "new_password2": "a quite new one"}


@pytest.fixture
def counted(settings):
    settings.AXES_ENABLED = True


def address(user):
    return f"/admin/accounts/user/{user.pk}/change/"


def said(user, **more):
    return {"full_name": user.full_name, "email": user.email, "phone": "", "language": ""} | more


def grants_of(page):
    """The management forms as the page sends them."""
    return {
        f"{formset.formset.prefix}-{name}": 0
        for formset in page.context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


def save(client, url, facts):
    return client.post(url, grants_of(client.get(url)) | facts)


def email_of(user):
    return User.objects.get(pk=user.pk).email


def test_olivia_changes_danas_address_with_her_own_password_only(cast, sign_in):
    olivia = sign_in(cast.olivia)
    facts = said(cast.dana, email="dana.new@harbour.example")
    for wrong in ({}, {"own_password": "nonsense"}):
        assert "not your password" in save(olivia, address(cast.dana), facts | wrong).content.decode()
        assert email_of(cast.dana) == "dana@harbour.example"
    assert save(olivia, address(cast.dana), facts | {"own_password": PASSWORD}).status_code == 302
    assert email_of(cast.dana) == "dana.new@harbour.example"


def test_other_changes_of_dana_ask_for_nothing(cast, sign_in):
    assert save(sign_in(cast.olivia), address(cast.dana), said(cast.dana, full_name="Dana D.")).status_code == 302
    assert User.objects.get(pk=cast.dana.pk).full_name == "Dana D."


def test_coras_address_asks_too(cast, sign_in):
    url, dana = f"/admin/accounts/portaluser/{cast.cora.pk}/change/", sign_in(cast.olivia)
    page = dana.get(url)
    assert 'name="own_password"' in page.content.decode()
    facts = {"full_name": "Cora", "phone": "", "email": "cora.new@example.com"}
    assert "not your password" in save(dana, url, facts).content.decode()
    assert email_of(cast.cora.user) == "cora@example.com"


def test_wrong_ones_are_guesses_and_the_ninth_try_is_paused_in_the_form(cast, counted, sign_in):
    olivia = sign_in(cast.olivia)
    facts = said(cast.dana, email="dana.new@harbour.example")
    for _ in range(TRIES):
        save(olivia, address(cast.dana), facts | {"own_password": "nonsense"})
    page = save(olivia, address(cast.dana), facts | {"own_password": PASSWORD})
    assert "wrong too often" in page.content.decode()
    assert email_of(cast.dana) == "dana@harbour.example"
    failed = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.OWN_PASSWORD_FAILED, about=cast.olivia.email)
    assert sum(row.times for row in failed) >= TRIES and {row.user_id for row in failed} == {cast.olivia.pk}
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.SIGN_IN_FAILED).exists(), "nobody tried to sign in"


def test_the_consoles_password_page_counts_and_notes(cast, counted, sign_in, committed):
    dana = sign_in(cast.dana)
    assert "not your password" in dana.post("/admin/password_change/", {"old_password": "x"} | NEW).content.decode()
    with committed():
        answer = dana.post("/admin/password_change/", {"old_password": PASSWORD} | NEW)
    assert answer.status_code == 302 and dana.get("/admin/").status_code == 200
    changed = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.PASSWORD_CHANGED, about=cast.dana.email)
    assert changed.exists()
    for _ in range(TRIES):
        dana.post("/admin/password_change/", {"old_password": "x"} | NEW)
    page = dana.post("/admin/password_change/", {"old_password": NEW["new_password1"]} | NEW)
    assert "wrong too often" in page.content.decode()


def test_the_second_step_is_not_begun_without_the_password(cast, sign_in):
    cora = sign_in(cast.cora)
    for wrong in ("", "nonsense"):
        page = cora.post("/me/two-factor/", {"action": "confirm", "code": "000000", "own_password": wrong})
        assert page.status_code == 422 and "password" in page.content.decode()
        assert "code is not right" not in page.content.decode(), "nor is the code looked at"
