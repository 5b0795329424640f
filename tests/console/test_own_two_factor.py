"""Staff find their own two-factor sign-in in the menu under their name, and nobody sends them to pages they lack."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models.payloads import TwoFactorSwitchedOff
from accounts.services.events import record_account_event
from tests.alerts.mails import send_mails


def test_nell_finds_her_two_factor_sign_in_in_the_menu_and_the_way_back(cast, sign_in):
    client = sign_in(cast.nell)
    address = reverse("portal_site:two_factor")
    assert f'href="{address}"' in client.get(reverse("admin:index")).content.decode()
    assert f'href="{reverse("admin:index")}"' in client.get(address).content.decode()


def test_a_member_of_staff_who_is_a_portal_user_too_finds_both_ways_back(cast, sign_in):
    cast.cora.user.is_staff = True
    cast.cora.user.save()
    page = sign_in(cast.cora).get(reverse("portal_site:two_factor")).content.decode()
    assert f'href="{reverse("admin:index")}"' in page
    assert f'href="{reverse("portal_site:me")}"' in page


def test_cora_is_not_offered_the_console(cast, sign_in):
    page = sign_in(cast.cora).get(reverse("portal_site:two_factor")).content.decode()
    assert f'href="{reverse("admin:index")}"' not in page


@pytest.mark.parametrize(
    ("who", "place"), [("dana", "in the menu under your name"), ("cora", "“My account”, “Two-factor sign-in”")]
)
def test_the_mail_says_where_each_switches_it_on_again(cast, settings, who, place):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    person = getattr(cast, who)
    record_account_event(getattr(person, "user", person), TwoFactorSwitchedOff())
    send_mails()
    assert place in mail.outbox[0].body


def test_nell_is_sent_to_an_administrator_and_not_to_a_page_she_lacks(cast, sign_in):
    page = sign_in(cast.nell).get(reverse("admin:jobs_job_changelist"))
    assert page.status_code == 403
    assert "ask an administrator" in page.content.decode()
    assert "My account" not in page.content.decode()
