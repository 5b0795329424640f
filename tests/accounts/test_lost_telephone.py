"""Somebody lost telephone and recovery codes: the office switches her second step off, and she is told."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice

from accounts.models import AuthenticatorApp
from accounts.services import two_factor
from console.errors import NotAllowed, Refused
from console.roles import Role, give_role
from tests.alerts.mails import send_mails
from tests.factories import PASSWORD, make_user

WHY = "Called back on the number we have"


def switch_on(user):
    return two_factor.confirm_enrolment(user, f"{totp(two_factor.begin_enrolment(user).secret):06d}", by=user)


@pytest.fixture(autouse=True)
def _mails_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def cora(cast):
    switch_on(cast.cora.user)
    return cast.cora


def click(client, button, obj, **said):
    form = {"_form_submitted": "1", "reason": WHY, "own_password": PASSWORD} | said
    return client.post(reverse(f"admin:{button}", args=[obj.pk]), form)


PORTAL, STAFF = "accounts_portaluser_two_factor_off", "accounts_user_two_factor_off"


def test_olivia_switches_it_off_and_cora_is_told(cast, cora, sign_in):
    session = sign_in(cora)
    click(sign_in(cast.olivia), PORTAL, cora)
    send_mails()
    cora.user.refresh_from_db()
    assert cora.user.two_factor_since is None
    assert not AuthenticatorApp.objects.exists()
    assert not StaticDevice.objects.exists()
    assert session.get("/").status_code == 302, "whoever has the telephone has no session either"
    row = cora.user.history.first()
    assert (row.history_user, row.history_change_reason) == (cast.olivia, WHY)
    assert mail.outbox[0].to == [cora.user.email]
    assert "switched off two-factor sign-in" in mail.outbox[0].body
    assert "+49 40 5550100" in mail.outbox[0].body, "whom to call if it was not she"


def test_the_button_is_there_only_while_it_is_on(cast, cora, sign_in):
    olivia = sign_in(cast.olivia)
    assert reverse(f"admin:{PORTAL}", args=[cora.pk]) in olivia.get(_page(cora)).content.decode()
    assert reverse(f"admin:{PORTAL}", args=[cast.colm.pk]) not in olivia.get(_page(cast.colm)).content.decode()


def _page(person):
    return reverse("admin:accounts_portaluser_change", args=[person.pk])


def test_whoever_comes_from_a_stale_page_reads_that_it_is_off_already(cast, sign_in):
    client = sign_in(cast.olivia)
    for button, person in ((PORTAL, cast.cora), (STAFF, cast.dana)):
        answer = click(client, button, person)
        assert "Two-factor sign-in is off already." in [str(one) for one in get_messages(answer.wsgi_request)]


def test_without_saying_how_she_knows_nothing_happens(cast, cora, sign_in):
    click(sign_in(cast.olivia), PORTAL, cora, reason=" ")
    cora.user.refresh_from_db()
    assert cora.user.two_factor_since


def test_dana_sam_and_nell_may_not(cast, cora, sign_in):
    assert click(sign_in(cast.dana), PORTAL, cora).status_code == 403
    assert click(sign_in(cast.sam), PORTAL, cora).status_code == 403
    assert click(sign_in(cast.nell), PORTAL, cora).status_code in (403, 404)
    cora.user.refresh_from_db()
    assert cora.user.two_factor_since


def test_staff_too(cast, sign_in):
    switch_on(cast.dana)
    click(sign_in(cast.olivia), STAFF, cast.dana)
    send_mails()
    cast.dana.refresh_from_db()
    assert cast.dana.two_factor_since is None
    assert mail.outbox[0].to == [cast.dana.email]


def test_nobody_switches_off_her_own_this_way(cast):
    switch_on(cast.olivia)
    with pytest.raises(Refused, match="your own"):
        two_factor.switch_off_for(cast.olivia, by=cast.olivia, reason=WHY)


def test_nobody_opens_an_account_that_may_do_more(cast):
    helper = make_user("helper@harbour.example", is_staff=True)
    give_role(helper, Role.SUPPORT, by=None)
    switch_on(cast.olivia)
    with pytest.raises(NotAllowed):
        two_factor.switch_off_for(cast.olivia, by=helper, reason=WHY)


def test_twice_is_refused(cast, cora):
    two_factor.switch_off_for(cora.user, by=cast.olivia, reason=WHY)
    with pytest.raises(Refused, match="off already"):
        two_factor.switch_off_for(cora.user, by=cast.olivia, reason=WHY)
