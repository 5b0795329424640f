"""A wrong environment stops the start, with one sentence that says what to set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "PORTICO_PRODUCTION": "1",
    "SECRET_KEY": "a-sample-of-a-secret-that-is-long-enough-and-has-many-different-letters-0123456789",
    "SITE_URL": "https://portico.example",
    "DATABASE_URL": "postgres://portico:sample@127.0.0.1:5432/portico",
    "EMAIL_URL": "smtp+tls://portico:sample@mail.example:587",
}


def manage(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PORTICO_VAR": str(tmp_path / "var"), **environment}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )


def test_the_production_settings_leave_nothing_to_say(tmp_path):
    static = tmp_path / "var" / "static"
    static.mkdir(parents=True)
    (static / "staticfiles.json").write_text('{"version": "1.1", "paths": {"a.js": "a.123.js"}, "hash": ""}')
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "DEBUG", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout and done.stderr == ""


def test_nothing_need_be_set_to_begin_with(tmp_path):
    done = manage(tmp_path, "check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"SITE_URL": "http://portico.example"}, "SITE_URL"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"EMAIL_URL": ""}, "EMAIL_URL"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t0p-s3cret"}, "TWILIO_FROM_NUMBER"),
        ({"CELERY_BROKER_URL": "rabbit"}, "CELERY_BROKER_URL"),
        ({"CONN_MAX_AGE": "soon"}, "CONN_MAX_AGE"),
        ({"ENCRYPTION_KEYS": "a-key-of-32-characters-and-a-few-more,short"}, "ENCRYPTION_KEYS"),
        ({"TRUSTED_PROXIES": "nginx"}, "TRUSTED_PROXIES"),
        ({"MAP_TILES": "http://tiles.example.com/{z}/{x}/{y}.png"}, "MAP_TILES"),
        ({"MAP_TILES": "https://tiles.example.com/map.png"}, "MAP_TILES"),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_wrong_value_stops_the_start_with_a_sentence(tmp_path, wrong, named):
    done = manage(tmp_path, "check", **{**PRODUCTION, **wrong})
    assert done.returncode != 0
    assert done.stderr.startswith("Portico cannot start. ") and named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


@pytest.mark.parametrize(
    ("read", "nonsense"),
    [
        (lambda: env.number("X", 5), "soon"),
        (lambda: env.number("X", 5), "-1"),
        (lambda: env.flag("X", False), "perhaps"),
        (lambda: env.zone("X", "Europe/Berlin"), "Hamburg"),
        (lambda: env.code("X", "EUR", 3), "euro"),
        (lambda: env.one_of("X", "INFO", ("INFO", "ERROR")), "loud"),
        (lambda: env.site("X", "", schemes=("https",)), ""),
        (lambda: env.site("X", "", schemes=("https",)), "https://portico.example/portal"),
        (lambda: env.site("X", "", schemes=("http", "https")), "portico.example"),
        (lambda: env.database("X", ""), "postgres//portico:s3cr3t@host/x"),
        (lambda: env.mail("X", ""), "mail.example"),
        (lambda: env.mail("X", ""), "smpt://me:s3cr3t@host"),
        (lambda: env.mail("X", ""), "smtp+tls://"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_reader_refuses_nonsense_by_name_and_tells_no_secret(monkeypatch, read, nonsense):
    monkeypatch.setenv("X", nonsense)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert "X " in str(refusal.value) and "s3cr3t" not in str(refusal.value)


def test_each_reader_takes_what_makes_sense(monkeypatch):
    def given(value: str) -> None:
        monkeypatch.setenv("X", value)

    given(" 12 ")
    assert env.number("X", 5) == 12
    given("on")
    assert env.flag("X", False) is True
    given("")
    assert (env.number("X", 5), env.flag("X", True), env.code("X", "EUR", 3)) == (5, True, "EUR")
    given("https://portal.example.com/")
    assert env.site("X", "", schemes=("https",)) == "https://portal.example.com"
    given("smtp+tls://me:p%40ss@mail.example")
    mail = env.mail("X", "")
    assert (mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"], mail["EMAIL_HOST_PASSWORD"]) == (587, True, "p@ss")
    given("smtp+ssl://mail.example")
    mail = env.mail("X", "")
    assert (mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"], mail["EMAIL_USE_SSL"]) == (465, False, True)


def test_half_of_what_belongs_together_is_refused(monkeypatch):
    monkeypatch.setenv("X", "1")
    monkeypatch.delenv("Y", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Y must be set as well, or unset X"):
        env.all_or_none("X", "Y")


def test_the_web_server_says_the_same_sentence(tmp_path):
    environ = {"PATH": os.environ["PATH"], "PORTICO_VAR": str(tmp_path / "var"), **PRODUCTION, "SECRET_KEY": ""}
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi", "--check-config"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr and "Traceback" not in done.stderr


def test_an_installation_of_its_own_keeps_its_secret(tmp_path):
    command = ("shell", "-v", "0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = manage(tmp_path, *command), manage(tmp_path, *command)
    assert first.stdout == second.stdout != "", first.stderr
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_the_policies_name_the_server_of_the_map_and_no_other(tmp_path):
    tell = (
        "from django.conf import settings; from portal_site.middleware import POLICY; "
        "print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'], POLICY['img-src'])"
    )
    without = manage(tmp_path, "shell", "-c", tell)
    assert without.returncode == 0 and "http" not in without.stdout, without.stderr
    tiles = "https://{s}.tiles.example.com:8443/{z}/{x}/{y}.png"
    told = manage(tmp_path, "shell", "-c", tell, MAP_TILES=tiles)
    assert told.stdout.count("https://*.tiles.example.com:8443") == 2, told.stderr
