"""Every address of the console and of the companion site, for everybody, read and written to.

The table stands in matrix.txt: a line for each address and method, a column for each person. A new page needs two new
lines; the test says what the server answers, and whoever adds them says whether that is right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.permissions.matrix_world import PEOPLE, World, addresses

TABLE = Path(__file__).with_name("matrix.txt")
# What Nell, who is staff without a role, may open: the frame of the console and her own account.
NELLS = {"admin:index", "admin:password_change", "admin:password_change_done", "admin:jsi18n", "admin:search"}
NELLS |= {
    "admin:logout",
    "admin:login",
    "console_search",
    "console_login",
    "console_language",
    "console_password_change",
}
# What Sam, who sees everything and changes nothing, may send: her own account, questions without effect.
SAMS = {"admin:logout", "admin:password_change", "console_password_change", "admin:login", "console_login"}
# Drawing an alert's words against a job writes nothing.
SAMS |= {"admin:alerts_alert_preview"}
# Pages of the console that answer before anybody is signed in.
OPEN = {"admin:login", "console_login", "admin:jsi18n", "admin:logout"}


def table() -> dict[tuple[str, str], dict[str, int]]:
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            method, name, *codes = line.split()
            rows[name, method] = dict(zip(PEOPLE, map(int, codes), strict=True))
    return rows


def test_every_address_is_in_the_table():
    wanted = {(name, method) for name in addresses() for method in ("GET", "POST")}
    assert not sorted(wanted - table().keys()), "Say in matrix.txt who may see these"
    assert not table().keys() - wanted, "Take these out of matrix.txt: they are gone"


@pytest.fixture
def cheap_pages(monkeypatch):
    """Who may see a page is settled before it is drawn: it is not drawn here."""
    monkeypatch.setattr("django.template.base.Template.render", lambda self, context: "")


@pytest.mark.parametrize("who", PEOPLE)
def test_the_server_answers_as_the_table_says(who, cast, cheap_pages):
    world, expected, wrong = World(cast), table(), []
    client = world.client(who)
    for name, arguments in addresses().items():
        url = world.url(name, arguments)
        for method in ("GET", "POST"):
            said, meant = world.code(client, method, url), expected.get((name, method), {}).get(who)
            if said != meant:
                wrong.append(f"{method} {name}: {said} instead of {meant}")
    assert not wrong, "\n".join(wrong)


def test_nothing_fails():
    assert not [key for key, codes in table().items() if max(codes.values()) >= 500]


def test_the_console_is_closed_to_everybody_else():
    for (name, _method), codes in table().items():
        if name.startswith(("admin:", "console_")) and name not in OPEN:
            for who in ("nobody", "stranger", "without", "with", "guest"):
                assert codes[who] in (302, 403, 405), f"{name} answers {who} {codes[who]}"


def test_staff_without_a_role_see_nothing():
    for (name, method), codes in table().items():
        if name.startswith(("admin:", "console_")) and name not in NELLS:
            assert codes["nell"] in (302, 403, 404, 405), f"{method} {name}"


def test_support_changes_nothing():
    for (name, method), codes in table().items():
        if method == "POST" and name.startswith("admin:") and name not in SAMS:
            same_as_reading = codes["support"] == 200 == table()[name, "GET"]["support"]
            assert codes["support"] in (302, 400, 403, 404, 405) or same_as_reading, f"{name}"


def test_a_grant_elsewhere_shows_nothing_of_this_customer():
    theirs = (
        "customer_",
        "customerlink_",
        "portaluser_",
        "job_",
        "portallink_",
        "changerequest_",
        "series_",
        "delivery_",
    )
    for (name, method), codes in table().items():
        page = name.removeprefix("admin:").partition("_")[2]
        about_one = not page.endswith(("_changelist", "_add", "_preview", "_export"))
        if name.startswith("admin:") and page.startswith(theirs) and about_one:
            assert codes["elsewhere"] in (302, 403, 404, 405), f"{method} {name}"
