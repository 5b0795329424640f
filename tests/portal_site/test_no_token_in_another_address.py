"""Who is sent to sign in from an address with a token comes back to the start: no other address holds the token."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.masking import holds_token, secret_routes
from tests.audit.test_masking import TOKEN, filled


@pytest.fixture
def halfway(cast, sign_in):
    """Cora, who has given the password and not the code."""
    cast.cora.user.two_factor_since = timezone.now()
    cast.cora.user.save()
    return sign_in(cast.cora)


@pytest.fixture
def away(cast, sign_in):
    """Dana, who has not clicked for long."""
    dana = sign_in(cast.dana)
    dana.get("/admin/")
    session = dana.session
    session["staff_session_used"] = 0
    session.save()
    return dana


@pytest.mark.parametrize("who", ["halfway", "away"])
@pytest.mark.parametrize("route", sorted({route.partition(">")[0]: route for route in secret_routes()}.values()))
def test_the_way_to_the_door_holds_no_token(request, who, route):
    answer = request.getfixturevalue(who).get(filled(route))
    assert answer.status_code == 302 or (answer.status_code < 500 and who == "halfway")
    address = answer.headers.get("Location", "")
    assert TOKEN not in address and "next=" not in address


def test_a_token_in_a_parameter_is_left_out_too(halfway, away):
    for client, path in ((halfway, "/jobs/"), (away, "/admin/jobs/job/")):
        answer = client.get(path, {"q": f"https://portal.example/l/{TOKEN}/"})
        assert answer.status_code == 302 and TOKEN not in answer.url


def test_other_pages_are_come_back_to(client, halfway, away):
    assert halfway.get("/jobs/").url == "/login/code/?next=%2Fjobs%2F"
    assert away.get("/admin/jobs/job/").url == "/admin/login/?next=%2Fadmin%2Fjobs%2Fjob%2F"
    assert client.get("/jobs/").url == "/login/?next=/jobs/" and not holds_token("/jobs/")


@pytest.mark.django_db
def test_nor_is_a_visitors_search(client):
    answer = client.get("/jobs/", {"q": f"/l/{TOKEN}/"})
    assert answer.url == "/login/"
