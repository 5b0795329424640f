"""Portal links live 90 days at most in a new installation; one that is in use keeps what it has."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.state import StateApps

from business.models import PortalSettings
from tests.upgrade.installation import Story


def fill(apps: StateApps) -> dict[str, Any]:
    """What the upgrade makes of each kind of installation: the limit in days of what is stored afterwards."""
    upgrade = importlib.import_module("permissions.migrations.0007_link_age_default").keep_no_limit
    users, settings = (
        apps.get_model("accounts", "User").objects,
        apps.get_model("permissions", "PortalSettings").objects,
    )
    found: dict[str, Any] = {}

    def after(case: str, *, saved: bool, days: int | None = None, used: bool = True) -> None:
        with transaction.atomic():
            users.all().delete()
            if used:
                users.create(email="lena@example.com", full_name="Lena")
            if saved:
                settings.create(pk=1, link_max_days=days)
            upgrade(apps, connection.schema_editor())
            found[case] = list(settings.values_list("link_max_days", flat=True))
            transaction.set_rollback(True)

    after("new", saved=False, used=False)
    after("never saved", saved=False)
    after("no limit chosen", saved=True)
    after("a week chosen", saved=True, days=7)
    return found


STORY = Story(at=(("permissions", "0006_words_of_constraints"), ("accounts", "0012_words_of_constraints")), fill=fill)


@pytest.mark.parametrize(
    ("case", "limits"),
    # A new installation stores nothing: what holds there is the default.
    [("new", []), ("never saved", [None]), ("no limit chosen", [None]), ("a week chosen", [7])],
)
def test_an_installation_in_use_keeps_what_it_has(upgraded, case, limits):
    assert upgraded[case] == limits


def test_a_new_installation_gets_90_days(db):
    assert PortalSettings.objects.get_or_create(pk=1)[0].link_max_days == 90
