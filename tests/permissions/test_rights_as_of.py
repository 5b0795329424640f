from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from business.models import PortalSettings
from console.reader import UNLIMITED
from permissions.as_of import rights_as_of
from permissions.effective import effective_rights_of
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import decide, rights_of


def test_the_past_is_told_as_it_was(cast):
    then = timezone.now()
    before = rights_of(cast.cora)
    with time_machine.travel(then + timedelta(days=3)):
        PermissionOverride.objects.create(portal_user=cast.cora, permission="cancel_jobs", effect="deny")
        TemplateAccess.objects.create(portal_user=cast.cora, template=cast.inspection)
        settings = PortalSettings.load()
        settings.default_permissions = {**settings.default_permissions, "view_worker": True}
        settings.save()
        cast.cora.links.get(customer=cast.birch).delete()
        later = rights_of(cast.cora)
        for was in (rights_as_of(cast.cora, then), before):
            assert decide(was, "cancel_jobs", cast.birch)
            assert not decide(was, "view_worker", cast.birch)
            assert was.template_ids == {cast.exchange.pk}
        now = rights_as_of(cast.cora, timezone.now())
        assert (now.links, now.user_overrides, now.templates) == (later.links, later.user_overrides, later.templates)
        assert not decide(now, "cancel_jobs", cast.acme)


def test_an_override_that_had_ended_did_not_count(cast):
    now = timezone.now()
    PermissionOverride.objects.create(
        portal_user=cast.cora, permission="cancel_jobs", effect="deny", ends_at=now + timedelta(hours=1)
    )
    assert not decide(rights_as_of(cast.cora, now + timedelta(minutes=59)), "cancel_jobs", cast.acme)
    assert decide(rights_as_of(cast.cora, now + timedelta(minutes=61)), "cancel_jobs", cast.acme)


def test_somebody_who_did_not_exist_had_no_rights(cast):
    assert not decide(rights_as_of(cast.cora, timezone.now() - timedelta(days=365)), "view_jobs", cast.acme)


def test_the_sheet_reads_the_past_like_the_present(cast):
    sheet = effective_rights_of(cast.cora, UNLIMITED, rights_as_of(cast.cora, timezone.now()))
    now = effective_rights_of(cast.cora, UNLIMITED)
    assert [(row.permission.code, row.decision) for row in sheet.permissions] == [
        (row.permission.code, row.decision) for row in now.permissions
    ]
