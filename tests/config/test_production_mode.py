"""What an installation in production sends with its pages: read from the settings as production has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import get_resolver

from tests.architecture.test_settings import PRODUCTION
from tests.factories import PASSWORD
from tests.site_map import Site

NAMES = [
    "ALLOWED_HOSTS",
    "X_FRAME_OPTIONS",
    "CONTENT_SECURITY_POLICY",
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_SSL_REDIRECT",
    "SECURE_PROXY_SSL_HEADER",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SECURE_REFERRER_POLICY",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY",
    "BEHIND_PROXY",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "LANGUAGE_COOKIE_NAME",
    "KNOWN_BROWSER_COOKIE_NAME",
    "MESSAGE_STORAGE",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_COOKIE_SAMESITE",
    "LANGUAGE_COOKIE_SECURE",
    "LANGUAGE_COOKIE_HTTPONLY",
    "LANGUAGE_COOKIE_SAMESITE",
]
READ = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=list))
"""
MAY_BE_POSTED_TO_FROM_ELSEWHERE = {
    # A right of its own stands in the address, and mail programs post there by themselves.
    "alerts:stop",
    # They take nothing, and say so also to a program, which has no cookie of a form.
    "api-docs",
    "api-not-there",
}


@pytest.fixture(scope="session")
def production(tmp_path_factory) -> dict[str, Any]:
    """The settings of production, as another process reads them."""
    environ = {
        "PATH": os.environ["PATH"],
        "PORTICO_VAR": str(tmp_path_factory.mktemp("var")),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **PRODUCTION,
    }
    command = [sys.executable, "-c", READ, *NAMES]
    done = subprocess.run(
        command, cwd=django_settings.BASE_DIR, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def in_production(production, settings) -> None:
    for name, value in production.items():
        setattr(settings, name, tuple(value) if name == "SECURE_PROXY_SSL_HEADER" else value)


def client(**extra: Any) -> Client:
    """A browser that came by https to the address of the site."""
    return Client(SERVER_NAME="portico.example", HTTP_X_FORWARDED_PROTO="https", **extra)


def enter(door: str, email: str) -> Any:
    browser = client()
    browser.get(door)
    browser.post(door, {"username": email, "password": PASSWORD})
    return browser


@pytest.fixture
def pages(cast, portal, request) -> list[Any]:
    """Answers of every kind: hers, a visitor's, the office's, errors."""
    theirs = [page.path for page in Site(cast, portal).pages() if page.who == "Cora"]
    request.getfixturevalue("in_production")
    cora, dana = enter("/login/", "cora@example.com"), enter("/admin/login/", "dana@harbour.example")
    answers = [cora.get(path) for path in theirs]
    answers += [client().get(path) for path in ("/login/", "/nothing/", "/l/nothing/", "/admin/login/")]
    answers += [dana.get(path) for path in ("/admin/", "/admin/jobs/job/", "/admin/nothing/")]
    assert {answer.status_code for answer in answers} == {200, 404}
    return answers


def test_every_page_requires_https_and_stands_in_no_frame(pages):
    for answer in pages:
        transport = answer.headers["Strict-Transport-Security"]
        assert "max-age=31536000" in transport and "includeSubDomains" in transport
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        for feature in ("camera", "microphone", "payment", "usb"):
            assert f"{feature}=()" in answer.headers["Permissions-Policy"]


def test_no_page_runs_a_script_that_stands_in_it(pages):
    for answer in pages:
        policy = dict(
            part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";") if part
        )
        assert policy["default-src"] == "'self'"
        assert "'unsafe-inline'" not in policy["script-src"]
        assert "http" not in policy["script-src"] and "*" not in policy["script-src"]
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"


def test_who_comes_unencrypted_is_sent_to_https(in_production, cast):
    answer = Client(SERVER_NAME="portico.example").get("/login/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://portico.example/login/")


def test_every_cookie_is_for_https_only_out_of_reach_of_scripts_and_of_other_sites(cast, in_production):
    for door, email in (("/login/", "cora@example.com"), ("/admin/login/", "dana@harbour.example")):
        browser = enter(door, email)
        seen = {"__Host-csrftoken", "__Host-sessionid", "__Host-portico_browser"}
        assert seen <= set(browser.cookies)
        browser.post("/logout/")
        assert "__Host-messages" in browser.cookies
        # One that is deleted has no value left to keep.
        kept = {name: cookie for name, cookie in browser.cookies.items() if cookie.value}
        for name, cookie in kept.items():
            assert name.startswith("__Host-") and cookie["path"] == "/" and not cookie["domain"], name
            assert cookie["secure"] and cookie["httponly"], name
            assert cookie["samesite"] in ("Lax", "Strict"), name


def _views(patterns: Any, space: str = "") -> Any:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns, f"{pattern.app_name}:" if pattern.app_name else space)
        else:
            yield f"{space}{pattern.name}", pattern.callback


def test_no_form_is_taken_from_elsewhere():
    # The API knows no cookies: its proof comes with each request (config.api).
    exempt = {name for name, view in _views(get_resolver().url_patterns) if getattr(view, "csrf_exempt", False)}
    ours = {name for name in exempt if not name.startswith("ninja:")}
    assert ours == MAY_BE_POSTED_TO_FROM_ELSEWHERE


@pytest.mark.parametrize(("address", "answered"), [("/api/v1/docs", 405), ("/api/v1/", 404), ("/api/nothing", 404)])
def test_addresses_of_the_api_that_take_nothing_say_so(cast, address, answered):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.olivia, backend="permissions.backend.PorticoBackend")
    assert browser.post(address, {"name": "x"}).status_code == answered
