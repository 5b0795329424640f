from __future__ import annotations

from django.utils import timezone

from jobs.services import schedule_job
from tests.factories import make_job

GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}


def test_whoever_reads_german_gets_german(cast, client):
    page = client.get("/login/", headers=GERMAN).content.decode()
    assert '<html lang="de">' in page
    assert "Ich habe mein Passwort vergessen" in page
    assert '<html lang="en">' in client.get("/login/", headers={"Accept-Language": "fr"}).content.decode()


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
