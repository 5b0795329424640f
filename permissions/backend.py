"""The one backend that answers ``has_perm``, for staff and for portal users.

Django's and guardian's backends together answer a code with and without a record differently (measured); this one
answers both from the same rule.
"""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import models

from accounts.models import User
from accounts.models.people import Anyone
from console.staff import decide_staff
from permissions.resolver import decide, rights_of

PORTAL_PREFIX = "portal."


class PorticoBackend(ModelBackend):
    """Staff: ``user.has_perm("jobs.change_job", job)``; portal users: ``user.has_perm("portal.cancel_jobs", job)``."""

    def has_perm(self, user_obj: Anyone, perm: str, obj: models.Model | None = None) -> bool:
        if perm.startswith(PORTAL_PREFIX):
            person = getattr(user_obj, "portal_user", None)
            return person is not None and bool(decide(rights_of(person), perm.removeprefix(PORTAL_PREFIX), obj))
        if not getattr(user_obj, "is_authenticated", False):
            return False
        held = user_obj.is_superuser or perm in self.get_all_permissions(user_obj)
        return bool(decide_staff(user_obj, perm, obj, held=held))

    def has_module_perms(self, user_obj: Anyone, app_label: str) -> bool:
        return user_obj.is_active and (user_obj.is_superuser or super().has_module_perms(user_obj, app_label))

    def get_user(self, user_id: int) -> User | None:
        """The signed-in user with her portal person, in one query."""
        user = get_user_model()._default_manager.select_related("portal_user").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
