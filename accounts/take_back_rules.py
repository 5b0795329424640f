"""How customers, people and workers are taken back (``audit.restore``). Registered in ``accounts.apps``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, PortalUser, User, Worker
from accounts.services.archiving import delete_customer
from accounts.services.invitations import end_sessions, withdraw_all
from accounts.services.staff import insist_she_may_touch
from accounts.services.workers import delete_worker
from audit.act import current_act
from audit.restore import RULES, UNMISSED, Plan, Rule, Step
from console.errors import NotAllowed
from console.reach import insist_it_is_not_herself
from permissions.eyes import insist_on_their_templates
from permissions.services.portal_users import insist_it_is_no_greater, unlink_customer

_OUT = (PortalUserState.SUSPENDED, PortalUserState.REMOVED)
_IN = tuple(state for state in PortalUserState if state not in _OUT)


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["accounts.Customer"] = Rule(remove=_delete_customer)
    RULES["accounts.Worker"] = Rule(remove=_delete_worker, why_not_by=_why_no_worker)
    RULES["accounts.CustomerLink"] = Rule(remove=_unlink, refuse=_why_no_link, why_not_by=_why_not_linked)
    RULES["accounts.PortalUser"] = Rule(after_save=_keep_out, refuse=_why_person_is_kept, why_not_by=_why_no_person)
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
        {"admin.LogEntry", "guardian.UserObjectPermission", "otp_static.StaticDevice", "accounts.AuthenticatorApp"}
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


def _delete_customer(customer: Customer) -> None:
    delete_customer(customer, by=current_act().by)


def _delete_worker(worker: Worker) -> None:
    delete_worker(worker, by=current_act().by)


def _unlink(link: CustomerLink) -> None:
    unlink_customer(link, by=current_act().by)


def _why_no_worker(step: Step, by: Any) -> str:
    """Whoever names an account as a worker's may touch that account."""
    key = step.values.get("user_id")
    account = User.objects.filter(pk=key).first() if key is not None else None
    if account is None:
        return ""
    if not account.is_staff:
        return _t("%s is not a member of staff.") % account
    try:
        insist_she_may_touch(account, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _person_of(step: Step) -> PortalUser | None:
    key = step.values.get("portal_user_id", getattr(step.record, "portal_user_id", None))
    return PortalUser.objects.select_related("user").filter(pk=key).first()


def _why_own(person: PortalUser | None, by: Any) -> str:
    """Nobody decides about themselves."""
    try:
        insist_it_is_not_herself(person.user if person else None, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _why_not_linked(step: Step, by: Any) -> str:
    person = _person_of(step)
    if person is not None and step.action != "remove":
        try:
            insist_on_their_templates(person, by)
        except NotAllowed as refusal:
            return str(refusal)
    return _why_own(person, by)


def _why_no_link(step: Step, plan: Plan) -> str:
    """Whoever was removed is linked to nobody, unless they come back too."""
    person = _person_of(step)
    if step.action != "recreate" or person is None or person.state != PortalUserState.REMOVED:
        return ""
    theirs = plan.steps.get((PortalUser, person.pk))
    if theirs is not None and theirs.values.get("state", person.state) != PortalUserState.REMOVED:
        plan.wait(step.key, theirs.key)
        return ""
    return _t("%s was removed. Invite this person again instead.") % person


def _why_no_person(step: Step, by: Any) -> str:
    person = step.record
    if not isinstance(person, PortalUser):
        return ""
    try:
        insist_it_is_no_greater(person.user, by)
        if step.values.get("only_listed_templates") is False or step.values.get("state") in _IN:
            insist_on_their_templates(person, by, whole_default=step.values.get("only_listed_templates") is False)
    except NotAllowed as refusal:
        return str(refusal)
    return _why_own(person, by)


def _why_person_is_kept(step: Step, plan: Plan) -> str:
    person = step.record
    if step.action == "remove" and isinstance(person, PortalUser) and person.last_seen_at is not None:
        return _t("This person has signed in since. Remove them on their own page.")
    return ""


def _keep_out(person: PortalUser, step: Step) -> None:
    """Whoever is suspended or removed again is out at once, as by hand."""
    if person.state in _OUT:
        withdraw_all(person.user)
        end_sessions(person.user)


def _why_account_is_kept(step: Step, plan: Plan) -> str:
    account = step.record
    if step.action == "remove" and isinstance(account, User) and account.last_login is not None:
        return _t("This person has signed in since. Switch the account off instead.")
    return ""


def _as_a_stranger(account: User, step: Step) -> None:
    """An account that comes back has no password and no second step: nobody holds a key to it."""
    if step.action == "recreate":
        account.set_unusable_password()
        account.two_factor_since = None


def _sign_out(account: User, step: Step) -> None:
    """An old address, or an account that is off again: sessions and links end, as by hand."""
    if step.action == "revert" and ("email" in step.values or not account.is_active):
        withdraw_all(account)
        end_sessions(account)
