from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError
from django.test import Client

PAGES = Path(django_settings.BASE_DIR) / "portal_site" / "templates"


def test_a_page_that_does_not_exist(cast, client, sign_in):
    for person in (None, cast.cora, cast.nell):
        response = sign_in(person).get("/nothing/")
        assert response.status_code == 404
        assert "does not exist" in response.content.decode()


def test_under_admin_it_leads_staff_back_to_the_console_and_tells_a_visitor_nothing(cast, sign_in):
    path = "/admin/nothing/"
    page = sign_in(cast.olivia).get(path).content.decode()
    assert "To the console" in page
    assert "To the console" not in sign_in(cast.cora).get("/nothing/").content.decode()


def test_a_fault_of_ours_is_admitted_without_the_database(cast, sign_in):
    client = sign_in(cast.cora)
    client.get("/")
    client.raise_request_exception = False
    with mock.patch("portal_site.visitor.Visitor.may", side_effect=DatabaseError("secret detail")):
        response = client.get("/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "Something went wrong" in page
    assert "+49 40 5550100" in page
    assert "secret detail" not in page


def test_the_page_about_a_fault_asks_the_database_nothing(cast, client, django_assert_num_queries):
    from portal_site.views.errors import plain_page

    with django_assert_num_queries(0):
        assert plain_page().status_code == 500


def test_a_form_from_elsewhere(cast):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": "cora@example.com", "password": "x"})
    assert response.status_code == 403
    assert "open too long" in response.content.decode()


def test_every_page_has_the_strict_policy(cast, sign_in, client):
    for response in (client.get("/login/"), sign_in(cast.cora).get("/"), client.get("/nothing/"), client.get("/l/x/")):
        policy = response["Content-Security-Policy"]
        assert "script-src 'self';" in policy + ";"
        assert "unsafe" not in policy
        assert "Permissions-Policy" in response


def test_the_console_keeps_its_own(cast, sign_in):
    assert "'unsafe-eval'" in sign_in(cast.olivia).get("/admin/")["Content-Security-Policy"]


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.html")), ids=lambda page: page.name)
def test_no_page_has_a_script_or_a_style_in_it(page):
    text = page.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert "http://" not in text.replace("http://www.w3.org", "")
