"""Portal links live 90 days at most in a new installation; one that is in use keeps what it has."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from business.models import PortalSettings

BEFORE = [("permissions", "0006_words_of_constraints"), ("accounts", "0012_words_of_constraints")]


def migrate(targets: list[tuple[str, str]] | None = None) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(targets or []).apps


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def limit() -> int | None:
    return PortalSettings.objects.get_or_create(pk=1)[0].link_max_days


def somebody(apps: Any) -> None:
    apps.get_model("accounts", "User").objects.create(email="nina@example.com", full_name="Nina")


def test_a_new_installation_gets_90_days(before):
    migrate()
    assert limit() == 90


def test_one_whose_settings_were_never_saved_goes_on_without_a_limit(before):
    somebody(before)
    migrate()
    assert limit() is None


@pytest.mark.parametrize("days", [None, 7])
def test_one_that_has_chosen_keeps_its_choice(before, days):
    somebody(before)
    before.get_model("permissions", "PortalSettings").objects.create(pk=1, link_max_days=days)
    migrate()
    assert limit() == days
