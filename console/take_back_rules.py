"""How roles of the staff are taken back (``audit.take_back``)."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _t

from audit.restore import Plan, RestoreStep
from console.roles import Role


def why_role_is_kept(step: RestoreStep, plan: Plan) -> str:
    role = step.record
    if isinstance(role, Group) and role.name == Role.ADMINISTRATOR:
        return _t("Administrators may do everything. This role cannot be changed; make another one.")
    if isinstance(role, Group) and step.action == "remove" and role.name in list(Role):
        return _t("This role comes with Portico and is kept.")
    return ""
