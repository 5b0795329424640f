"""Where a walk over the companion site stops: every address (tests/site_map.py), and what no address alone shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import DatabaseError
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp.oath import totp
from playwright.sync_api import Page

from accounts.choices import PortalUserState
from accounts.services import two_factor
from business.models import PortalSettings
from jobs.services import complete_job
from tests.factories import PASSWORD
from tests.site_map import Site

JOBS = ("open", "late", "done", "started", "cancelled", "postponed")


@dataclass(frozen=True)
class Stop:
    """One page: the name of its pictures, whose window it is in, and how one gets there.

    ``changes``: the facts it changes are put back after it.
    """

    name: str
    who: str
    go: Callable[[Page, Site], Any]
    changes: Callable[[Site], Any] | None = None


def to(path: str, then: Callable[[Page], Any] | None = None) -> Callable[[Page, Site], None]:
    """Goes to an address; "{open}", "{late}"... stand for the numbers of jobs. ``then``: what she does there."""

    def go(page: Page, site: Site) -> None:
        numbers = {
            name: getattr(site, name).number for name in ("open", "late", "done", "started", "cancelled", "postponed")
        }
        page.goto(path.format(**numbers, wardrobe=site.wardrobe.slug))
        if then is not None:
            then(page)

    return go


def sends(**fields: str) -> Callable[[Page], None]:
    """Fills fields in and sends the form of the page."""

    def send(page: Page) -> None:
        for name, words in fields.items():
            page.fill(f"main [name={name}]", words)
        with page.expect_navigation():
            page.click("main form button[type=submit]")

    return send


def stops(site: Site) -> list[Stop]:
    """Every stop, in an order in which none spoils the next."""
    return [*_addresses(site), *SPECIAL]


def _addresses(site: Site) -> list[Stop]:
    found, taken = [], set()
    for one in site.pages():
        name = one.name.split(":")[1].replace("_", "-")
        if name in taken:
            name = f"{name}-{one.who.split()[0].lower()}"
        taken.add(name)
        found.append(Stop(name, one.who, lambda page, _site, path=one.path: page.goto(path)))
    return found


def _forged(page: Page) -> None:
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    sends(username="cora@example.com", password="x")(page)


def _too_many_fields(page: Page) -> None:
    with page.expect_navigation():
        page.evaluate(
            """() => { const form = document.querySelector('main form');
                for (let n = 0; n < 1100; n++) { const field = document.createElement('input');
                    field.type = 'hidden'; field.name = 'field' + n; form.append(field); }
                form.submit(); }"""
        )


def _guesses(page: Page) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sends(username="guessed@example.com", password="nonsense")(page)
        if page.locator("main [name=username]").count() == 0:
            return


def _wrong_answers(page: Page) -> None:
    for _ in range(6):
        sends(answer="nobody@example.com")(page)


def _new_password(page: Page, site: Site) -> None:
    user = site.cast.colm.user
    key = urlsafe_base64_encode(force_bytes(user.pk))
    page.goto(f"/password/new/{key}/{default_token_generator.make_token(user)}/")


def _recovery_codes(page: Page, site: Site) -> None:
    page.goto("/me/two-factor/")
    user = site.cast.colm.user
    user.refresh_from_db()
    page.fill("[name=own_password]", PASSWORD)
    page.fill("[name=code]", f"{totp(two_factor.begin_enrolment(user).secret):06d}")
    with page.expect_navigation():
        page.press("[name=code]", "Enter")


def _link_ended(page: Page, site: Site) -> None:
    page.goto(site.door(site.ending))
    sends(answer="gita@example.com")(page)
    complete_job(site.ending, by=site.cast.dana)
    page.reload()


def _cancels_by_link(page: Page, site: Site) -> None:
    page.goto(site.door(site.gitas))
    if page.locator("[name=answer]").count():
        sends(answer="gita@example.com")(page)
    page.goto(f"{site.door(site.gitas)}cancel/")
    page.fill("[name=words]", "We moved")
    with page.expect_navigation():
        page.click("main form button[type=submit]")


def _staff_at_a_link(page: Page, site: Site) -> None:
    page.goto(site.door(site.gitas))


def _code(page: Page, site: Site) -> None:
    page.goto(site.door(site.coded))
    sends(answer="gita@example.com")(page)


def _no_code(page: Page, site: Site) -> None:
    page.goto(site.door(site.nameless))
    sends(answer=site.nameless.number)(page)


@contextmanager
def _portal(site: Site, **facts: Any) -> Any:
    before = {name: getattr(site.portal, name) for name in facts}
    PortalSettings.objects.update(**facts)
    yield
    PortalSettings.objects.update(**before)


@contextmanager
def _state(person: Any, state: str) -> Any:
    before, person.state = person.state, state
    person.save()
    yield
    person.state = before
    person.save()


def _a_fault(_site: Site) -> Any:
    return mock.patch("portal_site.visitor.Visitor.may", side_effect=DatabaseError("a fault"))


def _by_code(site: Site) -> Any:
    return _portal(site, guest_proof=PortalSettings.GuestProof.CODE)


def _off(site: Site) -> Any:
    return _portal(site, portal_enabled=False)


SPECIAL = [
    Stop("login-refused", "visitor", to("/login/", sends(username="cora@example.com", password="nonsense"))),
    Stop("signup-refused", "visitor", to("/signup/", sends())),
    Stop("password-reset-refused", "visitor", to("/password/", sends(email="cora"))),
    Stop("password-new", "visitor", _new_password),
    Stop(
        "password-new-refused", "visitor", lambda page, _site: sends(new_password1="short", new_password2="other")(page)
    ),
    Stop("join-activation", "visitor", lambda page, site: page.goto(f"/join/{site.activation.token}/")),
    Stop(
        "join-refused",
        "visitor",
        lambda page, site: (page.goto(f"/join/{site.invitation.token}/"), sends(full_name="")(page)),
    ),
    Stop("join-expired", "visitor", lambda page, site: page.goto(f"/join/{site.expired.token}/")),
    Stop("join-ended", "visitor", to("/join/nothing/")),
    Stop("stop-unknown", "visitor", to("/stop/nothing/")),
    Stop(
        "stop-done",
        "visitor",
        lambda page, site: (page.goto(f"/stop/{site.message.token}/"), page.click("main button >> nth=0")),
    ),
    Stop(
        "guest-refused",
        "visitor",
        lambda page, site: (page.goto(site.door(site.gitas)), sends(answer="carl@example.com")(page)),
    ),
    Stop("guest-too-many-tries", "visitor", to("/l/nothing/", _wrong_answers)),
    Stop("guest-link-ended", "a guest", _link_ended),
    Stop("guest-code", "another guest", _code, _by_code),
    Stop("guest-code-refused", "another guest", lambda page, _site: sends(code="12")(page), _by_code),
    Stop("guest-no-code", "a third guest", _no_code, _by_code),
    Stop("not-found", "visitor", to("/nothing/")),
    Stop("too-old", "visitor", to("/login/", _forged)),
    Stop("bad-request", "visitor", to("/login/", _too_many_fields)),
    Stop("locked-out", "visitor", to("/login/", _guesses)),
    Stop("portal-off", "visitor", to("/login/"), _off),
    Stop("jobs-past", "Cora", to("/jobs/?when=past&sort=place")),
    Stop("jobs-last-page", "Cora", to("/jobs/?page=2")),
    Stop("jobs-none-found", "Cora", to("/jobs/?q=nothing")),
    Stop("jobs-filters", "Cora", to("/jobs/", lambda page: page.click("details.filters summary"))),
    Stop("account-menu", "Cora", to("/", lambda page: page.click(".top details.menu summary"))),
    Stop(
        "account-switched",
        "Cora",
        to("/", lambda page: (page.click(".top details.menu summary"), page.click("button:has-text('Birch Hotel')"))),
    ),
    Stop(
        "account-all",
        "Cora",
        to("/", lambda page: (page.click(".top details.menu summary"), page.click("button:has-text('All accounts')"))),
    ),
    Stop("job-late", "Cora", to("/jobs/{late}/")),
    Stop("job-started", "Cora", to("/jobs/{started}/")),
    Stop("job-done", "Cora", to("/jobs/{done}/")),
    Stop("job-cancelled", "Cora", to("/jobs/{cancelled}/")),
    Stop("job-postponed", "Cora", to("/jobs/{postponed}/")),
    Stop("job-ask-for-change", "Cora", to("/jobs/{late}/edit/")),
    Stop("job-ask-for-change-refused", "Cora", to("/jobs/{late}/edit/", sends())),
    Stop("job-ask-to-cancel", "Cora", to("/jobs/{late}/cancel/")),
    Stop("job-edit-refused", "Cora", to("/jobs/{open}/edit/", sends(field_bins="many", contact_email="cora"))),
    Stop("job-cancel-refused", "Cora", to("/jobs/{open}/cancel/", sends())),
    Stop("new-job-refused", "Cora", to("/jobs/new/{wardrobe}/", sends(field_bins="many"))),
    Stop("new-job-again", "Cora", to("/jobs/new/{wardrobe}/?again={open}")),
    Stop(
        "password-change-refused",
        "Cora",
        to("/me/password/", sends(old_password="x", new_password1="12345678", new_password2="1")),
    ),
    Stop(
        "colleagues-refused",
        "Cora",
        to("/colleagues/", lambda page: (page.fill("[name=email]", "dora"), page.click("text=Send the invitation"))),
    ),
    Stop("second-step-refused", "Hanna before her second step", to("/login/code/", sends(code="123456"))),
    Stop("home-unlinked", "Uli", to("/")),
    Stop("me-unlinked", "Uli", to("/me/")),
    Stop("no-account", "Nell", to("/")),
    Stop("forbidden", "Colm", to("/colleagues/")),
    Stop("two-factor-codes", "Colm", _recovery_codes),
    Stop("two-factor-on", "Colm", to("/me/two-factor/")),
    Stop("guest-staff", "Dana", _staff_at_a_link),
    Stop("looking", "Dana as Cora", to("/jobs/{open}/")),
    Stop(
        "only-looking",
        "Dana as Cora",
        to("/me/password/", sends(old_password="x", new_password1="x", new_password2="x")),
    ),
    Stop("fault", "Cora", to("/"), _a_fault),
    Stop("suspended", "Colm", to("/"), lambda site: _state(site.cast.colm, PortalUserState.SUSPENDED)),
    Stop("guest-cancelled", "Gita at her link", _cancels_by_link),
]


def client_of(who: str, site: Site) -> Client:
    """A test client with the session of one of the people."""
    if who in site.people:
        return site.client(who)
    people = {
        "Uli": site.uli.user,
        "Colm": site.cast.colm.user,
        "Nell": site.cast.nell,
        "Dana": site.cast.dana,
        "Dana as Cora": site.cast.dana,
    }
    client = Client()
    if who in people:
        client.force_login(people[who], backend="permissions.backend.PorticoBackend")
    if who == "Dana as Cora":
        path = f"/admin/accounts/portaluser/{site.cast.cora.pk}/view_as/"
        client.post(path, {"reason": "She called", "_form_submitted": "True"})
    return client
