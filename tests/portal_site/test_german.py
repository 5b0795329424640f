from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from jobs.services import schedule_job
from tests.factories import make_job

HERE = Path(django_settings.BASE_DIR) / "portal_site"
GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}


@pytest.fixture(scope="module")
def catalogue():
    with (HERE / "locale" / "de" / "LC_MESSAGES" / "django.mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)._catalog


def test_whoever_reads_german_gets_german(cast, client):
    page = client.get("/login/", headers=GERMAN).content.decode()
    assert '<html lang="de">' in page
    assert "Ich habe mein Passwort vergessen" in page
    assert '<html lang="en">' in client.get("/login/", headers={"Accept-Language": "fr"}).content.decode()


def test_the_console_stays_in_the_language_of_the_office(cast, sign_in):
    page = sign_in(cast.olivia).get("/admin/", headers=GERMAN).content.decode()
    assert 'lang="en' in page
    assert "Abmelden" not in page


def test_days_and_states_are_written_as_germans_write_them(cast, sign_in, time_machine):
    time_machine.move_to("2026-11-20T09:00:00Z", tick=False)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=timezone.make_aware(timezone.datetime(2026, 11, 23, 8, 30)))
    page = sign_in(cast.cora).get(f"/jobs/{job.number}/", headers=GERMAN).content.decode()
    assert "Geplant für Montag, 23. November, 08:30 Uhr" in page
    assert "Aufträge" in page


def test_what_is_wrong_is_said_in_german_too(cast, client):
    page = client.post("/login/", {"username": "cora@example.com", "password": "x"}, headers=GERMAN).content.decode()
    assert "passen nicht zusammen" in page


@pytest.mark.parametrize("page", sorted((HERE / "templates").rglob("*.*")), ids=lambda page: page.name)
def test_every_sentence_of_a_page_has_its_german(page, catalogue):
    said = re.findall(r"""{% translate (?:"([^"]+)"|'([^']+)')""", page.read_text())
    missing = [a or b for a, b in said if (a or b) not in catalogue]
    assert not missing


def test_every_sentence_of_the_code_has_its_german(catalogue):
    said = {
        sentence.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in sentence else sentence
        for file in HERE.rglob("*.py")
        if "migrations" not in file.parts
        for sentence in re.findall(r"""\b(?:_|gettext_lazy|_lazy)\(\s*"((?:[^"\\]|\\.)*)"\s*\)""", file.read_text())
    }
    assert said - set(catalogue) == set()
