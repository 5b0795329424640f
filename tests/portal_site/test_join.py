from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.choices import PortalUserState
from accounts.models import Invitation
from accounts.services.staff import invite_staff
from permissions.services import invite_portal_user, suspend_portal_user
from tests.alerts.mails import send_mails

GOOD = "the gate is green"


@pytest.fixture
def nina(cast):
    return invite_portal_user(email="nina@cedar.example", name="Nina", customers=[cast.cedar], by=cast.dana)


def answer(**changed):
    return {"full_name": "Nina Novak", "phone": "040 1", "password": GOOD, **changed}


def test_the_address_in_the_mail_is_that_of_the_page(nina):
    path = reverse("portal_site:join", args=[nina.invitation.token])
    assert nina.invitation.url.endswith(path)


def test_she_sets_her_password_and_is_in(nina, client):
    url = nina.invitation.url
    assert "nina@cedar.example" in client.get(url).content.decode()
    landed = client.post(url, answer(), follow=True)
    nina.person.refresh_from_db()
    nina.person.user.refresh_from_db()
    assert nina.person.state == PortalUserState.ACTIVE and nina.person.user.full_name == "Nina Novak"
    assert landed.wsgi_request.user == nina.person.user and landed.status_code == 200


def test_reading_it_changes_nothing(nina, client):
    client.get(nina.invitation.url)
    nina.person.refresh_from_db()
    assert nina.person.state == PortalUserState.INVITED and Invitation.objects.get().is_good


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 8"), ("password", "too common"), ("nina novak", "too similar"), ("12345678", "too common")],
)
def test_a_password_is_refused_with_the_reason(nina, client, password, why):
    page = client.post(nina.invitation.url, answer(password=password)).content.decode()
    assert why in page and Invitation.objects.get().is_good


@pytest.mark.parametrize("password", ["correct horse", "ümläute & spaces ", "7295 1180 3367"])
def test_any_characters_and_no_rules_of_composition(nina, client, password):
    assert client.post(nina.invitation.url, answer(password=password)).status_code == 302


def test_a_link_works_once(nina, client, sign_in):
    client.post(nina.invitation.url, answer())
    assert sign_in().get(nina.invitation.url).status_code == 404
    assert sign_in().post(nina.invitation.url, answer(password="another one entirely")).status_code == 404
    nina.person.user.refresh_from_db()
    assert nina.person.user.check_password(GOOD)


def test_an_expired_one_offers_a_fresh_mail(nina, client, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=8))
    page = client.get(nina.invitation.url)
    assert page.status_code == 410 and "Send a fresh mail" in page.content.decode()
    assert client.post(nina.invitation.url, answer()).status_code == 410
    client.post(f"{nina.invitation.url}fresh/")
    assert send_mails() == 1
    assert mail.outbox[-1].to == ["nina@cedar.example"]
    assert Invitation.objects.good().get().url in mail.outbox[-1].body


def test_a_fresh_mail_kills_the_link_before_it(nina, client, cast):
    from permissions.services import resend_invitation

    resend_invitation(nina.person, by=cast.dana)
    assert client.get(nina.invitation.url).status_code == 404


def test_one_who_was_suspended_meanwhile_stays_out(nina, client, cast):
    suspend_portal_user(nina.person, by=cast.dana)
    assert client.post(nina.invitation.url, answer()).status_code == 404
    nina.person.refresh_from_db()
    assert nina.person.state == PortalUserState.SUSPENDED


def test_a_link_that_never_was(db, client):
    assert client.get("/join/nothing-of-the-kind/").status_code == 404
    assert client.post("/join/nothing-of-the-kind/fresh/").status_code == 404


def test_a_colleague_of_the_office_lands_in_the_console(cast, client):
    user = invite_staff(email="nora@harbour.example", name="Nora", by=cast.olivia)
    landed = client.post(user.invitations.get().url, answer(full_name="Nora"))
    assert landed["Location"] == "/admin/"


def test_the_page_is_kept_nowhere(nina, client):
    page = client.get(nina.invitation.url)
    assert "no-store" in page["Cache-Control"] and page["Referrer-Policy"] == "same-origin"
