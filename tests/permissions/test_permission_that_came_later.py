"""A permission that comes with an upgrade is by its default what it is in a new installation, wherever it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import PortalUser
from business.catalogue import PORTAL_PERMISSIONS, PortalPermission
from business.models import PortalSettings
from business.services import save_portal_settings
from console.reader import UNLIMITED
from permissions.as_of import rights_as_of
from permissions.effective import effective_rights_of
from permissions.explain import explain, who_may
from permissions.eyes import acts_for_any_customer
from permissions.impact import foresee_settings
from permissions.models import PermissionOverride
from permissions.resolver import decide, rights_of


def permission(code: str, default: bool) -> PortalPermission:
    return PortalPermission(code, f"Label of {code}", "A help.", "Jobs", "Nothing.", default=default)


@pytest.fixture
def came_later(cast, monkeypatch):
    """Settings that were saved before there were two more permissions: one for everybody, one for nobody."""
    settings = PortalSettings.load()
    settings.portal_name = "Saved before"
    save_portal_settings(settings, by=cast.olivia)
    for one in (permission("wave", default=True), permission("shout", default=False)):
        monkeypatch.setitem(PORTAL_PERMISSIONS, one.code, one)


def test_cora_may_what_everybody_may_by_default(cast, came_later):
    rights = rights_of(cast.cora)
    assert decide(rights, "wave", cast.acme) and not decide(rights, "shout", cast.acme)
    # The stranger may it for his own customer, and for no other.
    assert decide(rights_of(cast.carl), "wave", cast.cedar) and not decide(rights_of(cast.carl), "wave", cast.acme)


def test_an_override_still_counts_more(cast, came_later):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="wave", effect="deny")
    assert not decide(rights_of(cast.cora), "wave", cast.acme)


def test_why_and_the_sheets_say_so(cast, came_later):
    assert explain(cast.cora, "wave", cast.acme, UNLIMITED).decision
    allowed = {row.permission.code for row in effective_rights_of(cast.cora, UNLIMITED).permissions if row.decision}
    assert "wave" in allowed and "shout" not in allowed
    assert cast.cora in {one.person for one in who_may("wave", cast.acme, UNLIMITED) if one.decision}


def test_so_does_the_past(cast, came_later):
    rights = rights_as_of(cast.cora, timezone.now())
    assert decide(rights, "wave", cast.acme) and not decide(rights, "shout", cast.acme)


def test_the_page_of_the_settings_shows_it_switched_on(cast, sign_in, came_later):
    page = sign_in(cast.olivia).get(reverse("admin:business_portalsettings_change", args=[1]))
    initial = page.context["adminform"].form.initial["default_permissions"]
    assert initial["wave"] is True and initial["shout"] is False


def test_switching_it_off_is_foreseen_and_told_as_one_change(cast, came_later):
    settings = PortalSettings.load()
    settings.default_permissions = {**settings.default_permissions, "wave": False}
    [effect] = foresee_settings(settings, UNLIMITED).permissions
    assert effect.label == "Label of wave" and str(cast.cora) in effect.loses
    save_portal_settings(settings, by=cast.olivia)
    assert not decide(rights_of(cast.cora), "wave", cast.acme)
    now, before = PortalSettings.load().history.all()[:2]
    changed = {code for code, may in now.default_permissions.items() if before.default_permissions[code] != may}
    assert changed == {"wave"}


def test_saving_anything_else_changes_nothing_for_anybody(cast, came_later):
    settings = PortalSettings.load()
    settings.portal_name = "Saved since"
    assert not foresee_settings(settings, UNLIMITED)
    save_portal_settings(settings, by=cast.olivia)
    now, before = PortalSettings.load().history.all()[:2]
    assert now.default_permissions == before.default_permissions


@pytest.mark.parametrize("default", [True, False])
def test_rows_and_records_agree_where_the_settings_say_nothing(cast, monkeypatch, default):
    settings = PortalSettings.load()
    known = settings.default_permissions.items()
    settings.default_permissions = {code: may for code, may in known if code != "any_customer"}
    settings.save()
    any_customer = replace(PORTAL_PERMISSIONS["any_customer"], default=default)
    monkeypatch.setitem(PORTAL_PERMISSIONS, "any_customer", any_customer)
    found = PortalUser.objects.filter(acts_for_any_customer(), pk=cast.cora.pk).exists()
    assert found is PortalSettings.load().allows("any_customer") is default
