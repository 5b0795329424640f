"""The question before an import says of when its numbers are: what has changed since then counts."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from tests.imports.conftest import GOOD


def dialog(client, run):
    address = reverse("admin:imports_importrun_commit", args=[run.pk])
    return client.get(address, headers={"HX-Request": "true"})


def test_ines_reads_when_the_file_was_checked(cast, sign_in, checked):
    run = checked(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    at = timezone.localtime()
    run.report["at"] = at.isoformat()
    run.save()
    html = dialog(client, run).content.decode()
    assert f"As checked at {date_format(at, 'TIME_FORMAT')}." in html and "changed since then" in html
    run.report["at"] = (at - timedelta(days=3)).isoformat()
    run.save()
    days_ago = date_format(at - timedelta(days=3), "SHORT_DATETIME_FORMAT")
    assert f"As checked at {days_ago}." in dialog(client, run).content.decode()


def test_the_check_notes_its_time(cast, checked):
    before = timezone.now()
    assert before.isoformat() <= checked(GOOD, by=cast.ines).report["at"] <= timezone.now().isoformat()


def test_a_check_from_before_times_were_noted_is_not_dated(cast, sign_in, checked):
    run = checked(GOOD, by=cast.ines)
    del run.report["at"]
    run.save()
    html = dialog(sign_in(cast.ines), run).content.decode()
    assert "2 records are made" in html and "As checked at" not in html


def test_nell_is_not_asked(cast, sign_in, checked):
    assert dialog(sign_in(cast.nell), checked(GOOD, by=cast.ines)).status_code == 404
