"""How customers, accounts and workers are taken back (``audit.restore``). Registered in ``accounts.apps``."""

from __future__ import annotations

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User, Worker
from accounts.models.people import Anyone
from accounts.services.archiving import delete_customer
from accounts.services.invitations import end_sessions, withdraw_all
from accounts.services.staff import require_right_to_manage
from accounts.services.workers import delete_worker
from audit.act import current_act
from audit.restore import RULES, UNMISSED, Plan, RestoreStep, Rule
from console.errors import NotAllowed


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["accounts.Customer"] = Rule(remove=_delete_customer)
    RULES["accounts.Worker"] = Rule(remove=_delete_worker, why_not_by=_why_no_worker)
    RULES["accounts.User"] = Rule(
        before_save=_as_a_stranger,
        after_save=_sign_out,
        refuse=_why_account_is_kept,
        fixed={
            "two_factor_since": _("%(what)s: two-factor sign-in is switched on or off only by hand, so it is kept."),
        },
        lost=_(
            "Accounts come back without password, two-factor sign-in and permissions of their own. Send a new link."
        ),
    )
    UNMISSED.update(
        {
            "admin.LogEntry",
            "guardian.UserObjectPermission",
            "otp_static.StaticDevice",
            "accounts.AuthenticatorApp",
            "accounts.AccountEvent",
        }
    )
    no_link = _("%(what)s: a link to set a password is never brought back. Send a new one if it is needed.")
    RULES["accounts.Invitation"] = Rule(
        kept={
            "remove": _("%(what)s is kept as it is. To stop it, send a new one or suspend the person."),
            "revert": no_link,
            "recreate": no_link,
        }
    )
    looked = _("%(what)s says who looked at what, so it is kept.")
    RULES["accounts.ViewAs"] = Rule(never={"remove": looked, "revert": looked, "recreate": looked})
    RULES["accounts.ApiToken"] = Rule(
        never={
            "remove": _("%(what)s can only be revoked. Do it on its own page."),
            "revert": _("%(what)s: a token that was revoked never opens again. Create a new one."),
            "recreate": _("%(what)s: a token that was deleted never opens again. Create a new one."),
        }
    )


def _delete_customer(customer: Customer) -> None:
    delete_customer(customer, by=current_act().by)


def _delete_worker(worker: Worker) -> None:
    delete_worker(worker, by=current_act().by)


def _why_no_worker(step: RestoreStep, by: Anyone | None) -> str:
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


def _why_account_is_kept(step: RestoreStep, plan: Plan) -> str:
    account = step.record
    if step.action == "remove" and isinstance(account, User) and account.last_login is not None:
        return _t("This person has signed in since. Switch the account off instead.")
    return ""


def _as_a_stranger(account: User, step: RestoreStep) -> None:
    """An account that comes back has no password and no second step: nobody holds a key to it."""
    if step.action == "recreate":
        account.set_unusable_password()
        account.two_factor_since = None


def _sign_out(account: User, step: RestoreStep) -> None:
    """An old address, or an account that is off again: sessions and links end, as by hand."""
    if step.action == "revert" and ("email" in step.values or not account.is_active):
        withdraw_all(account)
        end_sessions(account)
