"""Links by which people set their password (PRODUCT.md section 3). Their mails: ``accounts.letters``."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.models import Invitation, PortalUser, User
from accounts.models.payloads import (
    AccessOpened,
    InvitationPayload,
    PortalUserInvited,
    PortalUserSignedUp,
    StaffInvited,
)
from accounts.models.people import UserManager
from accounts.services.events import record_account_event
from accounts.services.sign_in import password_was_chosen
from audit.act import acting, current_act
from audit.token_columns import find_by_token
from business.models import PortalSettings
from console.errors import Refused
from console.hooks import PORTAL_PEOPLE
from console.reach import By, limits_of, require_reach

_EVENTS: dict[Invitation.Purpose, type[InvitationPayload]] = {
    Invitation.Purpose.INVITATION: PortalUserInvited,
    Invitation.Purpose.ACTIVATION: PortalUserSignedUp,
    Invitation.Purpose.STAFF: StaffInvited,
}


def end_sessions(user: User) -> None:
    """Signs the person out everywhere, at her next click."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def make_invitation(user: User, *, by: By, purpose: str = Invitation.Purpose.INVITATION) -> Invitation:
    """A fresh link for this account, and its mail. Earlier links of the same account stop working."""
    require_reach_of_account(user, by)
    if limits_of(by) is not None:
        PORTAL_PEOPLE.get().require_sight(user, by)
    return send_invitation(user, by=by, purpose=purpose)


def require_reach_of_account(user: User, by: By) -> None:
    """Raise NotAllowed when it is the account of a portal user whom ``by`` may not work with."""
    if limits_of(by) is not None:
        require_reach(by, PortalUser.objects.filter(user=user).first())


def send_invitation(user: User, *, by: By, purpose: str) -> Invitation:
    """Make a fresh link for an account that whoever calls has asked about, and its mail."""
    days = PortalSettings.load().invitation_days
    with acting(by=by):
        withdraw_all(user)
        invitation = Invitation.objects.create(
            user=user,
            purpose=purpose,
            made_by=current_act().actor[:200],
            expires_at=timezone.now() + timedelta(days=days),
        )
        record_account_event(user, _EVENTS[Invitation.Purpose(purpose)](invitation.pk))
    return invitation


@transaction.atomic
def renew_invitation(email: str) -> Invitation | None:
    """A fresh link for whoever was invited by that address and has no password yet, as they asked for themselves.

    None, and nothing is done, for everybody else: who has a password, whose account is off, who was suspended or
    removed, and staff whose invitation was withdrawn.
    """
    user = User.objects.select_for_update().filter(email=UserManager.normalize_email(email), is_active=True).first()
    if user is None or user.has_usable_password():
        return None
    if user.is_staff:
        newest = user.invitations.order_by("-id").first()
        waits = newest is not None and newest.used_at is None and newest.withdrawn_at is None
        return send_invitation(user, by=None, purpose=Invitation.Purpose.STAFF) if waits else None
    if not PortalUser.objects.filter(user=user, state=PortalUserState.INVITED).exists():
        return None
    return send_invitation(user, by=None, purpose=Invitation.Purpose.INVITATION)


def invitation_of(token: str) -> Invitation | None:
    """The invitation with that token, with its account and portal user; None when there never was one."""
    return find_by_token(Invitation.objects.select_related("user__portal_user"), token)


def withdraw_invitations(user: User, *, by: By) -> int:
    """Makes every link of this account useless that still works. Returns how many there were."""
    require_reach_of_account(user, by)
    with acting(by=by):
        return withdraw_all(user)


def withdraw_all(user: User) -> int:
    """The same for an account that whoever calls has asked about, inside their act."""
    count = 0
    for invitation in Invitation.objects.good().filter(user=user):
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        count += 1
    return count


def note_mail(invitation: Invitation, state: Invitation.MailState, why: str = "") -> None:
    """Writes down what became of the mail with an invitation's link, ``why`` in a sentence."""
    at = {} if state == Invitation.MailState.WAITING else {"mail_at": timezone.now()}
    Invitation.objects.filter(pk=invitation.pk).update(mail_state=state, mail_error=why[:300], **at)


@transaction.atomic
def use_invitation(
    invitation: Invitation, *, password: str | None = None, name: str = "", phone: str = "", language: str = ""
) -> User:
    """The person has come by her link: sets her password and name, and lets her in.

    ``language``: the one she read on the way. It is hers from now on, unless she chose one before.

    An activation needs no password: she chose one when she signed up. Raises ValidationError with the reason when the
    password is refused, Refused when the link does not work any more.
    """
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    user = User.objects.select_for_update().get(pk=locked.user_id)
    person = getattr(user, "portal_user", None)
    if not locked.is_good or not user.is_active:
        raise Refused(_("This link does not work any more. Ask for a fresh one."))
    if person is not None and person.state in (PortalUserState.SUSPENDED, PortalUserState.REMOVED):
        raise Refused(_("This link does not work any more. Ask for a fresh one."))
    if user.is_staff and locked.purpose != Invitation.Purpose.STAFF:
        # Made before she became staff: whoever could read it then must not own her account now.
        raise Refused(_("This link does not work any more. Ask for a fresh one."))
    if name:
        user.full_name = name
    if phone:
        user.phone = phone
    user.language = user.language or language
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
    with acting(by=user):
        user.save()
        if password is not None:
            password_was_chosen(user)
        locked.used_at = timezone.now()
        locked.save(update_fields=["used_at"])
        if person is not None and person.state in (PortalUserState.INVITED, PortalUserState.AWAITING):
            person.state = PortalUserState.ACTIVE
            person.save(update_fields=["state"])
            record_account_event(user, AccessOpened())
    return user
