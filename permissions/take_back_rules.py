"""How portal settings, overrides and roles are taken back (``audit.restore``). Registered in ``permissions.apps``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.translation import gettext as _t

from audit.restore import RULES, UNMISSED, Plan, Rule, Step
from business.catalogue import ANY_CUSTOMER
from business.models import PortalSettings
from console.errors import NotAllowed
from console.reach import insist_it_is_not_herself, limits_of
from console.roles import Role
from permissions.models import PermissionOverride


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["business.PortalSettings"] = Rule(before_save=_as_a_new_version)
    RULES["permissions.PermissionOverride"] = Rule(why_not_by=_why_no_override)
    RULES["permissions.TemplateAccess"] = Rule(why_not_by=_why_own)
    RULES["auth.Group"] = Rule(refuse=_why_role_is_kept)
    UNMISSED.add("guardian.GroupObjectPermission")


def _as_a_new_version(settings: PortalSettings, step: Step) -> None:
    """Whoever has the settings open notices."""
    settings.version += 1


def _why_own(step: Step, by: Any) -> str:
    """Nobody decides about themselves."""
    values = step.values if step.record is None else step.record.__dict__ | step.values
    about = Q(pk__in=[])
    # What an override does not hang on says nothing: None would find everybody who has no portal user.
    for path, key in (("portal_user", values.get("portal_user_id")), ("portal_user__links", values.get("link_id"))):
        about |= Q(**{path: key}) if key is not None else Q(pk__in=[])
    own = by._meta.model._default_manager.filter(about, pk=by.pk).exists()
    try:
        insist_it_is_not_herself(by if own else None, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _why_no_override(step: Step, by: Any) -> str:
    code = step.values.get("permission", getattr(step.record, "permission", ""))
    # Without a denial, the default of the portal may let her act for all.
    only_takes = step.action == "remove" and getattr(step.record, "effect", "") == PermissionOverride.Effect.ALLOW
    if code == ANY_CUSTOMER and not only_takes and limits_of(by) is not None:
        return _t("You see only what was granted to you, so you cannot let anybody act for any customer.")
    return _why_own(step, by)


def _why_role_is_kept(step: Step, plan: Plan) -> str:
    role = step.record
    if isinstance(role, Group) and role.name == Role.ADMINISTRATOR:
        return _t("Administrators may do everything. This role cannot be changed; make another one.")
    if isinstance(role, Group) and step.action == "remove" and role.name in list(Role):
        return _t("This role comes with Portico and is kept.")
    return ""
