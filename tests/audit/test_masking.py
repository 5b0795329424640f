"""No log holds a token of an address: which parts are tokens follows from the map of addresses."""

from __future__ import annotations

import io
import logging
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from gunicorn.config import Config

from audit.masking import MaskingFormatter, holds_token, mask_tokens, secret_routes
from config.access_log import MaskingLogger

TOKEN = "Qx7fT2mK9-Qx7fT2mK9_Qx7fT2mK9abc"


def filled(route):
    path = "/" + route.replace("<str:token>", TOKEN).replace("<str:uidb64>", "MQ").replace("<str:reference>", "r")
    assert "<" not in path, route
    return path


@pytest.mark.parametrize("route", secret_routes())
def test_every_address_with_a_token_is_masked(route):
    for line in (f"GET {filled(route)} HTTP/1.1", f'"{settings.SITE_URL}{filled(route)}?x=1"', f"a {filled(route)}"):
        assert TOKEN not in mask_tokens(line), line


def as_numbers(text, digits="02X"):
    """Every sign as its number."""
    return "".join(f"%{ord(sign):{digits}}" for sign in text)


@pytest.mark.parametrize("route", secret_routes())
def test_every_address_with_a_token_is_masked_inside_another_address(route):
    path = filled(route)
    whole = f"{settings.SITE_URL}{path}"
    before, after = path.split(TOKEN)
    for line in (
        f"GET /login/?next={quote(path, safe='')} HTTP/1.1",
        f"GET /login/code/?next={quote(path, safe='').lower().replace(TOKEN.lower(), TOKEN)}&x=1 HTTP/1.1",
        f"GET /admin/jobs/job/?q={quote(whole, safe='')} HTTP/1.1",
        f"?q={quote(whole + '?a=1#b', safe='')}",
        quote(path, safe=""),
        f"GET {before[:1]}{as_numbers(before[1:2])}{before[2:]}{TOKEN}{after} HTTP/1.1",
        f"GET {as_numbers(before)}{TOKEN}{as_numbers(after, '02x')} HTTP/1.1",
        f"GET {as_numbers(before, '02x')}{as_numbers(TOKEN[:2])}{TOKEN[2:]} HTTP/1.1",
    ):
        assert TOKEN[2:] not in mask_tokens(line) and "…" in mask_tokens(line), line


def test_what_stands_beside_the_token_stays():
    line = f"/login/?next=%2Fl%2F{TOKEN}%2Fcancel%2F%3Fa%3D1 HTTP"
    assert mask_tokens(line) == "/login/?next=%2Fl%2F…%2Fcancel%2F%3Fa%3D1 HTTP"
    for slash in ("%252F", "%25252f", r"\/"):
        assert TOKEN not in mask_tokens(f"next={slash}l{slash}{TOKEN}{slash} HTTP"), slash
    assert holds_token(line) and not holds_token("/login/?next=%2Fjobs%2FJ-000123%2F")


def test_the_kinds_of_address_that_open_something_are_known():
    starts = {route.partition("<")[0] for route in secret_routes()}
    assert starts == {"l/", "join/", "stop/", "password/new/"}


def test_other_words_stay():
    for text in (
        "100 % of it",
        "/login/?next=%2Fjobs%2F",
        "GET /jobs/J-000123/ HTTP/1.1",
        "no address",
        "/admin/jobs/job/17/change/",
    ):
        assert mask_tokens(text) == text


def test_the_formatter_masks_what_was_thrown_too():
    try:
        raise ValueError(f"/l/{TOKEN}/")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "at %s", (f"/join/{TOKEN}/",), sys.exc_info())
    assert TOKEN not in MaskingFormatter("{message}", style="{").format(record)


@pytest.mark.parametrize("name", ["django.request", "django.server", "jobs", "portico.security"])
def test_every_line_of_the_site_passes_it(name):
    logger: logging.Logger | None = logging.getLogger(name)
    found = []
    while logger is not None:
        found += [one for one in logger.handlers if type(one) is logging.StreamHandler]
        logger = logger.parent if logger.propagate else None
    assert found and all(isinstance(one.formatter, MaskingFormatter) for one in found)


def test_gunicorns_lines_pass_it():
    config = Config()
    config.set("accesslog", "-")
    log = MaskingLogger(config)
    for one in (log.access_log, log.error_log):
        stream = io.StringIO()
        handler = one.handlers[0]
        handler.setStream(stream)
        one.error("GET /l/%s/", TOKEN)
        assert "GET /l/…" in stream.getvalue() and TOKEN not in stream.getvalue()
