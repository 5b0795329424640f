from __future__ import annotations

from console.reader import UNLIMITED
from permissions.effective import effective_rights_of
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import DecidedBy


def row(sheet, code):
    return next(row for row in sheet.permissions if row.permission.code == code)


def test_each_value_names_the_level_it_comes_from(cast):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(portal_user=cast.cora, permission="edit_jobs", effect="deny")
    PermissionOverride.objects.create(link=link, permission="edit_jobs", effect="allow")
    sheet = effective_rights_of(cast.cora, UNLIMITED)
    edit = row(sheet, "edit_jobs")
    assert edit.decision.decided_by == DecidedBy.USER_OVERRIDE and edit.differs
    assert {cell.customer_name: cell.decision.decided_by for cell in edit.cells} == {
        "Acme Builders": DecidedBy.LINK_OVERRIDE,
        "Birch Hotel": DecidedBy.USER_OVERRIDE,
    }
    assert edit.hides == "The “Change” button on a job."
    assert row(sheet, "view_jobs").hides == ""


def test_a_permission_that_is_idle_says_without_which(cast):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_jobs", effect="deny")
    assert row(effective_rights_of(cast.cora, UNLIMITED), "cancel_jobs").idle_without == ("See jobs",)


def test_each_template_says_why(cast):
    TemplateAccess.objects.create(portal_user=cast.cora, template=cast.inspection)
    templates = {row.name: (row.has, row.is_exception) for row in effective_rights_of(cast.cora, UNLIMITED).templates}
    assert templates == {"Skip exchange": (True, False), "Site inspection": (True, True)}


def test_it_costs_four_queries(cast, django_assert_num_queries):
    with django_assert_num_queries(4):
        effective_rights_of(cast.cora, UNLIMITED)
