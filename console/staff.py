"""May this member of staff do that (to this record)? Her role, narrowed by her grants; and it says why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.db import models
from django.utils.translation import gettext as _

from console.errors import UnknownPermission
from console.scope import Action, in_scope

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class StaffDecision:
    """Yes or no, and why."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


@lru_cache(maxsize=1)
def staff_permissions() -> frozenset[str]:
    """Every code "app.codename" that exists, read off the models."""
    return frozenset(
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models(include_auto_created=True)
        for codename in [
            *(get_permission_codename(action, model._meta) for action in model._meta.default_permissions),
            *(codename for codename, _label in model._meta.permissions),
        ]
    )


@lru_cache(maxsize=1)
def _viewing() -> frozenset[str]:
    """The codes for which a grant to see is enough. Codes of one's own (view_as_portaluser) are none of them."""
    return frozenset(
        f"{model._meta.app_label}.{get_permission_codename('view', model._meta)}" for model in apps.get_models()
    )


def decide_staff(
    user: AbstractBaseUser | AnonymousUser, code: str, record: models.Model | None = None, *, held: bool
) -> StaffDecision:
    """The rule for staff. ``held``: does her role (or she herself) hold the code at all?

    Raises UnknownPermission for a code no model knows.
    """
    if code not in staff_permissions():
        raise UnknownPermission(f"There is no permission {code!r}.")
    if not user.is_active:
        return StaffDecision(False, _("This account is switched off."))
    if not held:
        return StaffDecision(False, _("No role of this person holds “%s”.") % code)
    action: Action = "view" if code in _viewing() else "change"
    if record is not None and record.pk is not None and not in_scope(user, record, action):
        return StaffDecision(False, _("This person sees only what was granted to her, and this was not."))
    return StaffDecision(True, _("Her role allows it."))
