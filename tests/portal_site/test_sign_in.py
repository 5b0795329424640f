from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import PortalUserState
from tests.factories import PASSWORD

LOGIN = "/login/"


def enter(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": email, "password": password, **extra})


def test_cora_comes_in(cast, client):
    response = enter(client, "cora@example.com")
    assert response.status_code == 302
    assert response.url == reverse("portal_site:home")


def test_the_case_of_her_address_does_not_matter(cast, client):
    assert enter(client, " Cora@Example.COM ").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(cast, client):
    wrong = enter(client, "cora@example.com", "nonsense").context["form"].non_field_errors()
    unknown = enter(client, "nobody@example.com", "nonsense").context["form"].non_field_errors()
    assert wrong == unknown
    assert "do not fit together" in wrong[0]


def test_half_an_address_is_named_beside_its_field(cast, client):
    page = enter(client, "cora").content.decode()
    assert "Write your whole e-mail address" in page
    assert 'aria-invalid="true"' in page


def test_she_is_brought_back_to_where_she_wanted_to_go(cast, client):
    requested = client.get("/jobs/")
    assert requested.url == "/login/?next=/jobs/"
    assert enter(client, "cora@example.com", next="/jobs/").url == "/jobs/"


def test_nobody_is_sent_to_another_site(cast, client):
    assert enter(client, "cora@example.com", next="https://evil.example/").url == "/"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PortalUserState.SUSPENDED, "suspended"),
        (PortalUserState.REMOVED, "suspended"),
        (PortalUserState.AWAITING, "not active yet"),
    ],
)
def test_who_may_not_come_in_is_told_why_after_the_right_password_only(cast, client, state, words):
    cast.cora.state = state
    cast.cora.save()
    assert words in enter(client, "cora@example.com").context["form"].non_field_errors()[0]
    assert words not in enter(client, "cora@example.com", "nonsense").context["form"].non_field_errors()[0]


def test_suspension_ends_a_session_that_is_open(cast, sign_in):
    client = sign_in(cast.cora)
    assert client.get("/").status_code == 200
    cast.cora.state = PortalUserState.SUSPENDED
    cast.cora.save()
    response = client.get("/")
    assert response.status_code == 403
    assert "+49 40 5550100" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_staff_are_told_where_the_console_is(cast, client):
    response = client.post(LOGIN, {"username": "dana@harbour.example", "password": PASSWORD}, follow=True)
    assert response.status_code == 200
    assert 'href="/admin/"' in response.content.decode()


def test_when_the_portal_is_off_customers_stay_out_and_are_told_whom_to_call(cast, portal, client, sign_in):
    inside = sign_in(cast.cora)
    portal.portal_enabled = False
    portal.save()
    for response in (client.get(LOGIN), inside.get("/")):
        assert response.status_code == 403
        assert "+49 40 5550100" in response.content.decode()
    assert "switched off" in enter(client, "cora@example.com").context["form"].non_field_errors()[0]


def test_signing_out_is_an_action_and_not_a_link(cast, sign_in):
    client = sign_in(cast.cora)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_too_many_wrong_passwords_pause_the_account(cast, client, settings):
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = enter(client, "cora@example.com", "nonsense")
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert enter(client, "cora@example.com").status_code == 429
    assert enter(Client(), "colm@example.com").status_code == 302


def test_her_visit_is_noted_to_five_minutes(cast, sign_in, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    client = sign_in(cast.cora)
    client.get("/")
    cast.cora.refresh_from_db()
    first = cast.cora.last_seen_at
    time_machine.move_to("2026-11-23T09:03:00Z", tick=False)
    client.get("/")
    cast.cora.refresh_from_db()
    assert cast.cora.last_seen_at == first
    time_machine.move_to("2026-11-23T09:06:00Z", tick=False)
    client.get("/")
    cast.cora.refresh_from_db()
    assert cast.cora.last_seen_at > first


def test_new_password_ends_every_other_session(cast, sign_in):
    here, elsewhere = sign_in(cast.cora), sign_in(cast.cora)
    response = here.post(
        "/me/password/",
        {"old_password": PASSWORD, "new_password1": "a quite new one", "new_password2": "a quite new one"},
    )
    assert response.status_code == 302
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


def test_a_common_password_is_refused_with_the_reason(cast, sign_in):
    new = {"old_password": PASSWORD, "new_password1": "password123", "new_password2": "password123"}
    page = sign_in(cast.cora).post("/me/password/", new).content.decode()
    assert "too common" in page
