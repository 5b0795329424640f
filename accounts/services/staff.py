"""Members of staff: invited, given roles, narrowed, switched off. Nobody raises herself, nobody is locked out last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Invitation, User
from accounts.models.people import Anyone, UserManager
from accounts.services.invitations import end_sessions, make_invitation, withdraw_invitations
from audit.act import acting
from console.at_once import finds_or_makes
from console.errors import NotAllowed, Refused
from console.reach import require_somebody_else
from console.roles import Role, give_role, require_another_administrator, take_role
from console.scope import forget_reach, reach_of


@finds_or_makes
def invite_staff(*, email: str, name: str, roles: Iterable[Group] = (), by: Anyone | None, **facts: Any) -> User:
    """A new account for the console, and a mail to set its password.

    Raises Refused when she is staff already, NotAllowed when the account would hold or reach more than ``by`` does.
    """
    email = UserManager.normalize_email(email)
    validate_email(email)
    with acting(by=by):
        user = User.objects.filter(email=email).first()
        if user is not None and user.is_staff:
            raise Refused(_("%s is staff already.") % user)
        if user is None:
            user = User.objects.create_user(email, full_name=name, is_staff=True, **facts)
        else:
            # A portal user who joins the office keeps her login.
            user.is_staff, user.is_active = True, True
            for fact, value in facts.items():
                setattr(user, fact, value)
            require_right_to_manage(user, by)
            user.save()
        _require_no_further_reach(user, by)
        _set_roles(user, set(roles), by=by)
        if not user.has_usable_password():
            make_invitation(user, by=by, purpose=Invitation.Purpose.STAFF)
    return user


@transaction.atomic
def save_staff(user: User, *, roles: Iterable[Group] | None = None, by: Anyone | None) -> User:
    """Saves a changed member of staff and her roles.

    Raises NotAllowed when ``by`` changes her own roles or limits, an account that may do or reach more than she, or
    gives a role that holds more than she does; Refused when no administrator would be left.
    """
    before = User.objects.select_for_update().get(pk=user.pk)
    require_right_to_manage(before, by)
    _require_no_further_reach(user, by)
    limits = ("only_granted_customers", "only_granted_templates", "is_staff", "is_active")
    if any(getattr(before, name) != getattr(user, name) for name in limits):
        require_somebody_else(user, by)
    if before.is_superuser and not (user.is_active and user.is_staff):
        require_another_administrator(without=user)
    user.is_superuser = before.is_superuser
    with acting(by=by):
        user.save()
        if roles is not None:
            _set_roles(user, set(roles), by=by)
    if not user.is_active or before.email != user.email:
        end_sessions(user)
    forget_reach(user)
    return user


def require_right_to_manage(user: User, by: Anyone | None) -> None:
    """Raises NotAllowed when that account may do or reach what ``by`` cannot: whoever holds it holds its rights."""
    if by is None or by.is_superuser:
        return
    if user.is_superuser:
        raise NotAllowed(_("Only an administrator changes an administrator's account."))
    # Counted of a switched-off account too: it can be switched on.
    rows = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    theirs = {f"{app}.{codename}" for app, codename in rows.values_list("content_type__app_label", "codename")}
    if theirs - by.get_all_permissions():
        raise NotAllowed(_("%s may do more than you. Ask an administrator.") % user)
    _require_no_further_reach(user, by)


def may_touch(user: User, by: Anyone | None) -> bool:
    """The same as a question."""
    try:
        require_right_to_manage(user, by)
    except NotAllowed:
        return False
    return True


def _require_no_further_reach(user: User, by: Anyone | None) -> None:
    """Raises NotAllowed when ``by`` is narrowed to granted records, and that account is not, or to others."""
    if by is None:
        return
    forget_reach(user)
    mine, theirs = reach_of(by), reach_of(user)
    kinds = {"customer", "portal_user"} if mine.customers_limited else set()
    kinds |= {"template"} if mine.templates_limited else set()
    further = (mine.customers_limited and not theirs.customers_limited) or (
        mine.templates_limited and not theirs.templates_limited
    )
    if further or any(
        theirs.keys(kind, "view") - mine.keys(kind, "view") or theirs.keys(kind, "change") - mine.keys(kind, "change")
        for kind in kinds
    ):
        raise NotAllowed(_("%s would see what was not granted to you. Ask an administrator.") % user)


def _set_roles(user: User, wanted: set[Group], *, by: Anyone | None) -> None:
    held = set(user.groups.all())
    added, taken = wanted - held, held - wanted
    if added or taken:
        require_somebody_else(user, by)
    for role in added:
        require_held_role(role, by)
        give_role(user, role.name, by=by)
    for role in taken:
        require_held_role(role, by)
        take_role(user, role.name, by=by)


def require_held_role(role: Group, by: Anyone | None) -> None:
    """Raises NotAllowed unless ``by`` holds every right of that role herself."""
    if by is None or by.is_superuser:
        return
    if role.name == Role.ADMINISTRATOR:
        raise NotAllowed(_("Only an administrator makes or unmakes an administrator."))
    codes = {
        f"{app}.{codename}" for app, codename in role.permissions.values_list("content_type__app_label", "codename")
    }
    if codes - by.get_all_permissions():
        raise NotAllowed(_("You can give or take only a role whose rights you hold yourself: %s holds more.") % role)


@transaction.atomic
def switch_off_staff(user: User, *, by: Anyone | None, reason: str = "") -> User:
    """Keeps a member of staff out, at once. Her name stays in history."""
    require_somebody_else(user, by)
    require_right_to_manage(user, by)
    if user.is_superuser:
        require_another_administrator(without=user)
    with acting(by=by, reason=reason or None):
        user.is_active = False
        user.save(update_fields=["is_active"])
        withdraw_invitations(user, by=by)
        end_sessions(user)
    return user


@transaction.atomic
def switch_on_staff(user: User, *, by: Anyone | None, reason: str = "") -> User:
    """Lets a member of staff in again."""
    require_somebody_else(user, by)
    require_right_to_manage(user, by)
    with acting(by=by, reason=reason or None):
        user.is_active = True
        user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def send_password_link(user: User, *, by: Anyone | None) -> Invitation:
    """A fresh mail to set a password. Raises NotAllowed for an account that may do or reach more than ``by``."""
    require_right_to_manage(user, by)
    if not user.is_active:
        raise Refused(_("%s is switched off.") % user)
    return make_invitation(user, by=by, purpose=Invitation.Purpose.STAFF)
