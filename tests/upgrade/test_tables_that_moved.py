"""Portal settings and exports stand in other rooms than before: what was stored is there, roles keep their rights."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.migrations.state import StateApps

from business.models import PortalSettings
from console.models import ListExport
from tests.upgrade.installation import Story


def fill(apps: StateApps) -> None:
    owner = apps.get_model("accounts", "User").objects.create(email="owner@example.com", full_name="Owen")
    apps.get_model("permissions", "PortalSettings").objects.update_or_create(pk=1, defaults={"brand_colour": "#123456"})
    apps.get_model("permissions", "ListExport").objects.create(owner_id=owner.pk, source="jobs.job", format="csv")
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind = kinds.get_or_create(app_label="permissions", model="portalsettings")[0]
    right = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=kind.pk, codename="change_portalsettings", defaults={"name": "Can change portal settings"}
    )[0]
    apps.get_model("auth", "Group").objects.create(name="Front desk").permissions.add(right)


STORY = Story(at=(("permissions", "0007_link_age_default"),), fill=fill)


def test_what_was_stored_is_there_and_a_role_keeps_its_rights(upgraded):
    assert PortalSettings.objects.get().brand_colour == "#123456"
    assert ListExport.objects.get().source == "jobs.job"
    held = Group.objects.get(name="Front desk").permissions.values_list("content_type__app_label", "codename")
    assert list(held) == [("business", "change_portalsettings")]


def test_a_new_installation_has_them(db):
    assert not PortalSettings.history.exists() and not ListExport.objects.exists()
