"""An app imports only what stands below it (docs/decisions/0001-layers.md)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.tree import APPS, ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command(['--no-cache']))"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, env=environ, capture_output=True, text=True)


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """A tree with our rooms, all empty, under our contract."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for app in APPS:
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").touch()
        (tmp_path / app / "services.py").touch()
    return tmp_path


def test_it_is_kept():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_an_empty_house_keeps_it(small_house):
    assert lint_imports(small_house).returncode == 0


# room -> what must not stand in it, at the top of a module or inside a function
FORBIDDEN = {
    "background": "from audit import services",
    "audit": "from console import services",
    "console": "from business import services",
    "business": "import accounts.services",
    "accounts": "from templates_app import services",
    "templates_app": "from permissions import services",
    "permissions": "def late():\n    from jobs import services\n    return services",
    "jobs": "def late():\n    import alerts.services\n    return alerts",
    "alerts": "from imports import services",
    "imports": "from portal_site import services",
    "portal_site": "from config import services",
}


def test_each_forbidden_import_breaks_it(small_house):
    for room, lines in FORBIDDEN.items():
        (small_house / room / "services.py").write_text(f"{lines}\n")
    done = lint_imports(small_house)
    assert done.returncode != 0
    unseen = [room for room in FORBIDDEN if f"{room} is not allowed to import" not in done.stdout]
    assert not unseen, done.stdout


def test_every_room_stands_under_the_contract():
    rooms = {app for app in APPS if (ROOT / app).is_dir()}
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert rooms == set(linter["root_packages"]), "Add the new app to root_packages in pyproject.toml."
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == rooms, "A package beside the apps: name it in tests/architecture/tree.py, or put it into one."
    layers = set(re.findall(r"\w+", " ".join(linter["contracts"][0]["layers"])))
    assert rooms <= layers, "Say in pyproject.toml, in layers, above whom the new app stands."


def test_every_room_is_installed_and_described():
    rooms = {app for app in APPS if (ROOT / app).is_dir()}
    apps_of_ours = {path.parent.name for path in ROOT.glob("*/apps.py")} - {"config"}
    assert apps_of_ours <= set(settings.INSTALLED_APPS), "Add the new app to INSTALLED_APPS in config/settings.py."
    described = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE))
    assert rooms <= described, "Say in CONTRIBUTING.md, in the table of the rooms, what is in the new app."
