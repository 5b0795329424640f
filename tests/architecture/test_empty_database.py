from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.contrib import admin

from console.kit import ConsoleModelAdmin
from console.staff import staff_permissions


def test_an_empty_database_is_no_reason_not_to_start(tmp_path):
    """Unfold asks the database for dotted permissions of its buttons while checking, before it can be migrated."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "PYTEST_"))}
    env |= {"PORTICO_VAR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_button_names_a_permission_that_exists():
    pages = [page for page in admin.site._registry.values() if isinstance(page, ConsoleModelAdmin)]
    for page in pages:
        for button in (*page._get_base_actions_list(), *page._get_base_actions_detail(), *page._get_base_actions_row()):
            code = button.method.console.permission
            if "." in code:
                assert code in staff_permissions(), f"{page}: {button.action_name} names {code}"
            else:
                assert hasattr(page, f"has_{code}_permission"), f"{page}: {button.action_name} names {code}"
