"""Whatever stands in the way, the page says what happened, what to do, and whom to call."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation
from business.models import PortalSettings
from jobs.services import complete_job
from jobs.services.link_door import TRIES_PER_LINK
from permissions.models import PermissionOverride
from permissions.services import invite_portal_user, suspend_portal_user
from tests.factories import PASSWORD, make_job


def not_there(cast, sign_in, job):
    return sign_in(cast.cora).get("/nothing/")


def of_somebody_else(cast, sign_in, job):
    return sign_in(cast.carl).get(f"/jobs/{job.number}/")


def not_allowed(cast, sign_in, job):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="cancel_jobs", effect="deny")
    return sign_in(cast.cora).get(f"/jobs/{job.number}/cancel/")


def our_fault(cast, sign_in, job):
    client = sign_in(cast.cora)
    client.get("/")
    client.raise_request_exception = False
    with mock.patch("portal_site.visitor.Visitor.may", side_effect=RuntimeError):
        return client.get("/")


def open_too_long(cast, sign_in, job):
    return Client(enforce_csrf_checks=True).post("/login/", {"username": "cora@example.com", "password": "x"})


def suspended_in_the_middle(cast, sign_in, job):
    client = sign_in(cast.cora)
    client.get("/")
    cast.cora.state = "suspended"
    cast.cora.save()
    return client.get("/jobs/")


def suspended_at_the_door(cast, sign_in, job):
    suspend_portal_user(cast.cora, by=cast.dana)
    return sign_in().post("/login/", {"username": "cora@example.com", "password": PASSWORD})


def switch_off():
    settings = PortalSettings.load()
    settings.portal_enabled = False
    settings.save()


def off_for_a_visitor(cast, sign_in, job):
    switch_off()
    return sign_in().get("/login/")


def off_for_who_is_in(cast, sign_in, job):
    client = sign_in(cast.cora)
    switch_off()
    return client.get("/jobs/")


def off_for_a_guest(cast, sign_in, job):
    switch_off()
    return sign_in().get(f"/l/{job.portal_links.get().token}/")


def invitation_too_old(cast, sign_in, job):
    invitation = invite_portal_user(email="nina@x.example", name="Nina", customers=[], by=cast.dana).invitation
    Invitation.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    return sign_in().get(f"/join/{invitation.token}/")


def invitation_used(cast, sign_in, job):
    return sign_in().get("/join/thereneverwasone/")


def reset_link_too_old(cast, sign_in, job):
    return sign_in().get("/password/new/MQ/x-y/")


def guest(job, client=None):
    client = client or Client()
    client.post(f"/l/{job.portal_links.get().token}/", {"answer": "gita@example.com"})
    return client


def link_ended(cast, sign_in, job):
    client = guest(job)
    complete_job(job, by=cast.dana)
    return client.get(f"/l/{job.portal_links.get().token}/")


def wrong_answer(cast, sign_in, job):
    return sign_in().post(f"/l/{job.portal_links.get().token}/", {"answer": "x@example.com"})


def too_many_answers(cast, sign_in, job):
    client, path = sign_in(), f"/l/{job.portal_links.get().token}/"
    for _ in range(TRIES_PER_LINK):
        client.post(path, {"answer": "x@example.com"})
    return client.post(path, {"answer": "x@example.com"})


def no_way_for_a_code(cast, sign_in, job):
    settings = PortalSettings.load()
    settings.guest_proof = PortalSettings.GuestProof.CODE
    settings.save()
    bare = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita")
    return sign_in().post(f"/l/{bare.portal_links.get().token}/", {"answer": bare.number})


def too_many_passwords(cast, sign_in, job):
    client = sign_in()
    for _ in range(9):
        response = client.post("/login/", {"username": "cora@example.com", "password": "wrong"})
    return response


def staff_without_an_account(cast, sign_in, job):
    return sign_in(cast.nell).get("/jobs/")


# Who meets it, its status, what happened, what to do.
DOORS = [
    (not_there, 404, "does not exist", "first page"),
    (of_somebody_else, 404, "does not exist", "first page"),
    (not_allowed, 403, "not open to you", "please ask us"),
    (our_fault, 500, "our fault", "try again"),
    (open_too_long, 403, "open too long", "load the page again"),
    (suspended_in_the_middle, 403, "suspended", "call us"),
    (suspended_at_the_door, 200, "suspended", "call us"),
    (off_for_a_visitor, 403, "switched off", "call us"),
    (off_for_who_is_in, 403, "switched off", "call us"),
    (off_for_a_guest, 403, "switched off", "call us"),
    (invitation_too_old, 410, "too old", "Send a fresh mail"),
    (invitation_used, 404, "no longer works", "newest mail or ask us"),
    (reset_link_too_old, 200, "no longer works", "Send a new link"),
    (link_ended, 410, "has ended", "call us"),
    (wrong_answer, 403, "did not open it", "call us"),
    (too_many_answers, 429, "Too many tries", "call us"),
    (no_way_for_a_code, 403, "could not send you a code", "call us"),
    (too_many_passwords, 429, "Too many tries", "I forgot my password"),
    (staff_without_an_account, 200, "no account on this site", "To the console"),
]


@pytest.mark.parametrize(
    ("door", "status", "happened", "to_do"), DOORS, ids=lambda value: getattr(value, "__name__", "")
)
def test_it_says_what_happened_what_to_do_and_whom_to_call(cast, sign_in, settings, door, status, happened, to_do):
    settings.AXES_ENABLED = True
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    response = door(cast, sign_in, job)
    page = response.content.decode()
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert response.status_code == status
    assert main is not None
    assert happened in main[0]
    assert to_do in main[0]
    assert 'href="tel:+49405550100"' in page
    assert "office@harbour.example" in page
    assert page.count("<h1") == 1
    if "Cora" not in str(response.wsgi_request.user):
        assert job.number not in page
