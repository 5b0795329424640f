"""Coming in for the first time: Vera signs up by herself, Nina is invited, and both find their way to a job."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.choices import PortalUserState
from accounts.models import Customer, Invitation, PortalUser
from business.models import PortalSettings
from jobs.models import Job
from permissions.services import invite_portal_user
from tests.alerts.mails import send_mails

GOOD = "the gate is green"


def path_of(invitation: Invitation) -> str:
    """The link of the mail, without its host: where the test's own site runs is known to the page."""
    return "/" + invitation.url.split("/", 3)[3]


@pytest.fixture
def public(portal):
    portal.access = PortalSettings.Access.PUBLIC
    portal.new_customer_for_signup = True
    portal.signup_asks_company = True
    portal.save()
    return portal


def test_vera_signs_up_and_asks_for_her_first_job(cast, public, page_for, screenshot):
    page: Page = page_for(narrow=True)
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    screenshot(page, "portal-sign-up")
    # A password everybody uses is refused with the reason, and what she typed stays.
    page.get_by_label("Your name").fill("Vera Vogt")
    page.get_by_label("E-mail").fill("vera@new.example")
    page.get_by_label("Mobile or telephone").fill("0151 2345678")
    page.get_by_label("Company").fill("Vogt Gardens")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("#id_password_error")).to_contain_text("too common")
    expect(page.get_by_label("Your name")).to_have_value("Vera Vogt")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("h1")).to_have_text("Look into your mail")
    screenshot(page, "portal-sign-up-sent")
    # Before she followed the mail she does not get in.
    page.goto("/login/")
    page.get_by_label("E-mail").fill("vera@new.example")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#problems")).to_contain_text("not active yet")
    page.goto(path_of(Invitation.objects.get()))
    screenshot(page, "portal-confirm-address")
    page.get_by_label("The password you chose").fill(GOOD)
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page.locator("h1")).to_have_text("Hello Vera")
    expect(page.locator("main")).to_contain_text("Nothing is planned at the moment")
    screenshot(page, "portal-first-home")
    # One kind of job: one press.
    page.get_by_role("link", name="Skip exchange").click()
    page.get_by_label("Street and number").fill("3 Garden Row")
    page.get_by_label("Town").fill("Hamburg")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator("main")).to_contain_text("We have your request")
    job = Job.objects.get()
    assert job.customer == Customer.objects.get(name="Vogt Gardens")
    assert job.created_by == PortalUser.objects.get(user__email="vera@new.example").user
    assert job.address_to_check


def test_nina_is_invited_sets_her_password_and_comes_back_with_it(cast, page_for, screenshot):
    nina = invite_portal_user(email="nina@cedar.example", name="Nina", customers=[cast.cedar], by=cast.dana)
    send_mails()
    page: Page = page_for(narrow=True)
    page.goto(path_of(nina.invitation))
    expect(page.locator("h1")).to_have_text("Create your password")
    screenshot(page, "portal-invitation")
    page.get_by_label("Your name").fill("Nina Novak")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.locator("h1")).to_have_text("Hello Nina")
    nina.person.refresh_from_db()
    assert nina.person.state == PortalUserState.ACTIVE
    page.get_by_role("link", name="My account").click()
    expect(page.locator("main")).to_contain_text("Cedar School")
    screenshot(page, "portal-me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    # The link is used up, and says where to go.
    page.goto(path_of(nina.invitation))
    expect(page.locator("h1")).to_have_text("This link no longer works")
    page.locator("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("NINA@cedar.example")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text(re.compile("Hello Nina"))
