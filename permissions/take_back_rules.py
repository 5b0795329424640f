"""How overrides, links and portal users are taken back (``audit.restore``). Registered in ``permissions.apps``."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _t

from accounts.choices import PortalUserState
from accounts.models import CustomerLink, PortalUser, User
from accounts.models.people import Anyone
from accounts.services.invitations import end_sessions, withdraw_all
from audit.act import current_act
from audit.restore import RULES, Plan, RestoreStep, Rule
from business.catalogue import ANY_CUSTOMER
from console.errors import NotAllowed
from console.reach import limits_of, require_somebody_else
from permissions.eyes import require_sight_of_their_templates
from permissions.models import PermissionOverride
from permissions.services.portal_users import require_no_greater_account, unlink_customer

_OUT = (PortalUserState.SUSPENDED, PortalUserState.REMOVED)
_IN = tuple(state for state in PortalUserState if state not in _OUT)


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["permissions.PermissionOverride"] = Rule(why_not_by=_why_no_override)
    RULES["permissions.TemplateAccess"] = Rule(why_not_by=_why_no_access)
    RULES["accounts.CustomerLink"] = Rule(remove=_unlink, refuse=_why_no_link, why_not_by=_why_not_linked)
    RULES["accounts.PortalUser"] = Rule(after_save=_keep_out, refuse=_why_person_is_kept, why_not_by=_why_no_person)


def _why_no_access(step: RestoreStep, by: Anyone) -> str:
    """Nobody decides about themselves."""
    values = step.values if step.record is None else step.record.__dict__ | step.values
    about = Q(pk__in=[])
    # What an override does not hang on says nothing: None would find everybody who has no portal user.
    for path, key in (("portal_user", values.get("portal_user_id")), ("portal_user__links", values.get("link_id"))):
        about |= Q(**{path: key}) if key is not None else Q(pk__in=[])
    own = isinstance(by, User) and User._default_manager.filter(about, pk=by.pk).exists()
    try:
        require_somebody_else(by if own else None, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _why_no_override(step: RestoreStep, by: Anyone) -> str:
    code = step.values.get("permission", getattr(step.record, "permission", ""))
    # Without a denial, the default of the portal may let her act for all.
    only_takes = step.action == "remove" and getattr(step.record, "effect", "") == PermissionOverride.Effect.ALLOW
    if code == ANY_CUSTOMER and not only_takes and limits_of(by) is not None:
        return _t("You see only what was granted to you, so you cannot let anybody act for any customer.")
    return _why_no_access(step, by)


def _unlink(link: CustomerLink) -> None:
    unlink_customer(link, by=current_act().by)


def _person_of(step: RestoreStep) -> PortalUser | None:
    key = step.values.get("portal_user_id", getattr(step.record, "portal_user_id", None))
    return PortalUser.objects.select_related("user").filter(pk=key).first()


def _why_own(person: PortalUser | None, by: Anyone) -> str:
    """Nobody decides about themselves."""
    try:
        require_somebody_else(person.user if person else None, by)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _why_not_linked(step: RestoreStep, by: Anyone) -> str:
    person = _person_of(step)
    if person is not None and step.action != "remove":
        try:
            require_sight_of_their_templates(person, by)
        except NotAllowed as refusal:
            return str(refusal)
    return _why_own(person, by)


def _why_no_link(step: RestoreStep, plan: Plan) -> str:
    """Whoever was removed is linked to nobody, unless they come back too."""
    person = _person_of(step)
    if step.action != "recreate" or person is None or person.state != PortalUserState.REMOVED:
        return ""
    theirs = plan.steps.get((PortalUser, person.pk))
    if theirs is not None and theirs.values.get("state", person.state) != PortalUserState.REMOVED:
        plan.wait(step.key, theirs.key)
        return ""
    return _t("%s was removed. Invite this person again instead.") % person


def _why_no_person(step: RestoreStep, by: Anyone) -> str:
    person = step.record
    if not isinstance(person, PortalUser):
        return ""
    try:
        require_no_greater_account(person.user, by)
        if step.values.get("only_listed_templates") is False or step.values.get("state") in _IN:
            require_sight_of_their_templates(
                person, by, whole_default=step.values.get("only_listed_templates") is False
            )
    except NotAllowed as refusal:
        return str(refusal)
    return _why_own(person, by)


def _why_person_is_kept(step: RestoreStep, plan: Plan) -> str:
    person = step.record
    if step.action == "remove" and isinstance(person, PortalUser) and person.last_seen_at is not None:
        return _t("This person has signed in since. Remove them on their own page.")
    return ""


def _keep_out(person: PortalUser, step: RestoreStep) -> None:
    """Whoever is suspended or removed again is out at once, as by hand."""
    if person.state in _OUT:
        withdraw_all(person.user)
        end_sessions(person.user)
