"""A fresh clone is checked, and migrated, before there is any table."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.kit import ConsoleModelAdmin
from console.staff import staff_permissions


@pytest.mark.django_db
def test_the_checks_ask_the_database_nothing():
    with CaptureQueriesContext(connection) as caught:
        run_checks()
    assert not [query["sql"] for query in caught]


def test_every_button_names_a_permission_that_exists():
    """Unfold's own check of this asks the database, and stops ``check`` and ``migrate`` on an empty one."""
    for model_admin in admin.site._registry.values():
        if isinstance(model_admin, ConsoleModelAdmin):
            for action in [*model_admin._get_base_actions_list(), *model_admin._get_base_actions_detail()]:
                code = action.method.console.permission
                assert code in staff_permissions() or hasattr(model_admin, f"has_{code}_permission"), (action, code)
