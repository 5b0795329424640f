"""How roles of the staff are taken back (``audit.restore``). Registered in ``console.apps``."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _t

from audit.restore import RULES, UNMISSED, Plan, RestoreStep, Rule
from console.roles import Role


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["auth.Group"] = Rule(refuse=_why_role_is_kept)
    UNMISSED.add("guardian.GroupObjectPermission")


def _why_role_is_kept(step: RestoreStep, plan: Plan) -> str:
    role = step.record
    if isinstance(role, Group) and role.name == Role.ADMINISTRATOR:
        return _t("Administrators may do everything. This role cannot be changed; make another one.")
    if isinstance(role, Group) and step.action == "remove" and role.name in list(Role):
        return _t("This role comes with Portico and is kept.")
    return ""
