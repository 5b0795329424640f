"""Portal settings and exports stand in other rooms than before: what was stored is there, roles keep their rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from business.models import PortalSettings
from console.models import ListExport

BEFORE = [("permissions", "0007_link_age_default"), ("business", None), ("console", None)]


def migrate(targets: Any = None) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    known = [target for target in targets or [] if target[1]]
    return MigrationExecutor(connection).loader.project_state(known).apps


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def test_what_was_stored_is_there_and_a_role_keeps_its_rights(before):
    owner = before.get_model("accounts", "User").objects.create(email="nina@example.com", full_name="Nina")
    before.get_model("permissions", "PortalSettings").objects.create(pk=1, brand_colour="#123456")
    before.get_model("permissions", "ListExport").objects.create(owner_id=owner.pk, source="jobs.job", format="csv")
    kinds = before.get_model("contenttypes", "ContentType").objects
    kind = kinds.get_or_create(app_label="permissions", model="portalsettings")[0]
    right = before.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=kind.pk, codename="change_portalsettings", defaults={"name": "Can change portal settings"}
    )[0]
    before.get_model("auth", "Group").objects.create(name="Front desk").permissions.add(right)
    migrate()
    assert PortalSettings.objects.get().brand_colour == "#123456"
    assert ListExport.objects.get().source == "jobs.job"
    held = Group.objects.get(name="Front desk").permissions.values_list("content_type__app_label", "codename")
    assert list(held) == [("business", "change_portalsettings")]


def test_a_new_installation_has_them(before):
    migrate()
    assert not PortalSettings.history.exists() and not ListExport.objects.exists()
