from __future__ import annotations

import pytest
from django_otp.oath import totp

from accounts.services import two_factor
from business.models import PortalSettings
from tests.factories import PASSWORD


def app_shows(user):
    return f"{totp(two_factor.begin_enrolment(user).secret):06d}"


@pytest.fixture
def codes(cast):
    """Cora has her second step on, and these recovery codes."""
    user = cast.cora.user
    return two_factor.confirm_enrolment(user, app_shows(user), by=user)


def test_she_sets_it_up_and_sees_her_recovery_codes_once(cast, sign_in):
    client = sign_in(cast.cora)
    page = client.get("/me/two-factor/")
    assert b"data:image/svg+xml" in page.content
    cast.cora.user.refresh_from_db()
    page = client.post(
        "/me/two-factor/", {"action": "confirm", "own_password": PASSWORD, "code": app_shows(cast.cora.user)}
    )
    assert page.content.count(b"<li><code>") == 10
    assert b"<li><code>" not in client.get("/me/two-factor/").content
    assert client.get("/").status_code == 200


def test_a_wrong_code_says_so_and_switches_nothing_on(cast, sign_in):
    page = sign_in(cast.cora).post("/me/two-factor/", {"action": "confirm", "own_password": PASSWORD, "code": "000000"})
    assert page.status_code == 422 and b"not right" in page.content
    cast.cora.user.refresh_from_db()
    assert cast.cora.user.two_factor_since is None


def test_the_password_alone_opens_nothing_more(cast, codes, sign_in):
    client = sign_in(cast.cora)
    for path in ("/", "/jobs/", "/me/", "/me/two-factor/", "/me/password/", "/admin/"):
        assert client.get(path).url.startswith("/login/code/?next="), path


def test_the_second_step_leads_on_to_where_she_was_going(cast, codes, sign_in):
    client = sign_in(cast.cora)
    answer = client.post("/login/code/?next=/jobs/", {"code": codes[0], "next": "/jobs/"})
    assert answer.url == "/jobs/" and client.get("/jobs/").status_code == 200


def test_it_does_not_lead_to_other_peoples_sites(cast, codes, sign_in):
    answer = sign_in(cast.cora).post("/login/code/", {"code": codes[0], "next": "https://evil.example/"})
    assert answer.url == "/"


def test_a_wrong_second_step_says_so(cast, codes, sign_in):
    client = sign_in(cast.cora)
    assert client.post("/login/code/", {"code": "123456"}).status_code == 422
    assert client.get("/").status_code == 302


def test_an_open_computer_cannot_switch_it_off_without_a_code(cast, codes, sign_in):
    client = sign_in(cast.cora)
    client.post("/login/code/", {"code": codes[0]})
    assert (
        client.post("/me/two-factor/", {"action": "off", "own_password": PASSWORD, "code": "123456"}).status_code == 422
    )
    cast.cora.user.refresh_from_db()
    assert cast.cora.user.two_factor_since


def test_she_switches_it_off_with_a_code(cast, codes, sign_in):
    client = sign_in(cast.cora)
    client.post("/login/code/", {"code": codes[0]})
    client.post("/me/two-factor/", {"action": "off", "own_password": PASSWORD, "code": codes[1]})
    cast.cora.user.refresh_from_db()
    assert cast.cora.user.two_factor_since is None


def test_staff_are_led_to_it_when_the_office_demands_it(cast, sign_in):
    PortalSettings.objects.update(staff_two_factor=True)
    client = sign_in(cast.dana)
    assert client.get("/admin/").url == "/me/two-factor/?next=%2Fadmin%2F"
    assert b"The office asks this" in client.get("/me/two-factor/").content
    cast.dana.refresh_from_db()
    client.post("/me/two-factor/", {"action": "confirm", "own_password": PASSWORD, "code": app_shows(cast.dana)})
    assert client.get("/admin/").status_code == 200


def test_a_visitor_is_asked_to_sign_in_first(cast, sign_in):
    assert sign_in().get("/me/two-factor/").url.startswith("/login/?next=")
    assert sign_in().get("/login/code/").url.startswith("/login/?next=")
