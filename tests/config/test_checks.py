"""What ``check --deploy`` says of a machine on which something was forgotten."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks


@pytest.fixture
def as_in_production(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.compression.CompressedStaticFiles"},
    }


def said() -> list[str]:
    return [str(message.id) for message in run_checks(include_deployment_checks=True)]


def test_static_files_that_were_not_collected(as_in_production):
    assert "portico.E004" in said()


def test_static_files_that_were_collected(as_in_production, tmp_path):
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {"a.js": "a.123.js"}, "hash": ""}')
    assert "portico.E004" not in said()


UNREADABLE = ["", "{", "[]", "null", "\xff", '{"version": "9"}', '{"version": "1.1", "paths": []}']


@pytest.mark.parametrize("words", UNREADABLE)
def test_a_list_of_static_files_that_nobody_can_read(as_in_production, tmp_path, words):
    (tmp_path / "staticfiles.json").write_bytes(words.encode("latin-1"))
    assert "portico.E004" in said()


def test_a_folder_in_place_of_the_list(as_in_production, tmp_path):
    (tmp_path / "staticfiles.json").mkdir()
    assert "portico.E004" in said()


@pytest.mark.parametrize("root", [None, "", "/there/is/none"])
def test_no_place_for_static_files(as_in_production, settings, root):
    settings.STATIC_ROOT = root
    assert "portico.E004" in said()


def test_a_storage_that_there_is_none_of(as_in_production, settings):
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "there.is.None"}}
    assert "portico.E004" in said()


def test_on_ones_own_machine_nothing_is_collected(db):
    assert "portico.E004" not in said()
