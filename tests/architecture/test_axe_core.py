"""axe-core is fetched as it was published, or not at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.browser import axe


@pytest.fixture(autouse=True)
def unnamed(monkeypatch):
    monkeypatch.delenv("AXE_CORE", raising=False)


def test_without_npm_one_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(axe.shutil, "which", lambda _name: None)
    with pytest.raises(axe.NotThere, match="install npm"):
        axe.script(tmp_path)


def test_a_parcel_that_differs_is_not_opened(tmp_path, monkeypatch):
    def npm(command, **_facts):
        (Path(command[-1]) / "axe-core.tgz").write_bytes(b"something else")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(axe.shutil, "which", lambda _name: "/usr/bin/npm")
    monkeypatch.setattr(axe.subprocess, "run", npm)
    with pytest.raises(axe.NotThere, match="is not axe-core"):
        axe.script(tmp_path)
    assert not list(tmp_path.glob("*.js"))


def test_what_is_kept_is_not_fetched_again(tmp_path, monkeypatch):
    monkeypatch.setattr(axe.shutil, "which", lambda _name: None)
    (tmp_path / f"axe-{axe.VERSION}.min.js").write_text("kept")
    assert axe.script(tmp_path) == "kept"


def test_one_may_be_named(tmp_path, monkeypatch):
    (tmp_path / "mine.js").write_text("mine")
    monkeypatch.setenv("AXE_CORE", str(tmp_path / "mine.js"))
    assert axe.script(tmp_path) == "mine"
