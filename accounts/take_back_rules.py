"""What accounts and workers ask for before they are taken back, and what follows (``audit.take_back``)."""

from __future__ import annotations

from django.utils.translation import gettext as _t

from accounts.models import User
from accounts.models.people import Anyone
from accounts.services.invitations import end_sessions, withdraw_all
from accounts.services.staff import require_right_to_manage
from audit.restore import Plan, RestoreStep
from console.errors import NotAllowed


def why_no_worker(step: RestoreStep, by: Anyone | None) -> str:
    """Whoever names an account as a worker's may touch that account."""
    key = step.values.get("user_id")
    account = User.objects.filter(pk=key).first() if key is not None else None
    if account is None:
        return ""
    if not account.is_staff:
        return _t("%s is not a member of staff.") % account
    try:
        require_right_to_manage(account, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def why_account_is_kept(step: RestoreStep, plan: Plan) -> str:
    account = step.record
    if step.action == "remove" and isinstance(account, User) and account.last_login is not None:
        return _t("This person has signed in since. Switch the account off instead.")
    return ""


def as_a_stranger(account: User, step: RestoreStep) -> None:
    """An account that comes back has no password and no second step: nobody holds a key to it."""
    if step.action == "recreate":
        account.set_unusable_password()
        account.two_factor_since = None


def sign_out(account: User, step: RestoreStep) -> None:
    """An old address, or an account that is off again: sessions and links end, as by hand."""
    if step.action == "revert" and ("email" in step.values or not account.is_active):
        withdraw_all(account)
        end_sessions(account)
