"""Portal users: invited, linked, suspended, removed (PRODUCT.md section 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, Invitation, PortalUser, User
from accounts.models.payloads import AccessEnded, AccessOpened
from accounts.models.people import Anyone, UserManager
from accounts.services.events import record_account_event
from accounts.services.invitations import (
    end_sessions,
    make_invitation,
    send_invitation,
    withdraw_all,
    withdraw_invitations,
)
from accounts.services.staff import require_right_to_manage
from audit.act import acting
from business.catalogue import ANY_CUSTOMER
from console.at_once import finds_or_makes
from console.errors import NotAllowed, Refused
from console.reach import require_reach, require_somebody_else
from permissions.eyes import require_sight_of_their_templates, require_sight_of_what_they_see
from permissions.services.kept_decisions import bring_back_decisions


@dataclass(frozen=True)
class Invited:
    """What an invitation led to. ``is_new``: a login was made.

    ``others``: customers she was linked to before, of those that whoever invited her may see.
    """

    person: PortalUser
    is_new: bool
    linked: tuple[Customer, ...]
    others: tuple[Customer, ...]
    invitation: Invitation | None

    @property
    def sentence(self) -> str:
        """What was done, for the person who did it."""
        if self.is_new:
            return _("%(name)s is invited: a mail to %(email)s is on its way.") % {
                "name": self.person,
                "email": self.person.user.email,
            }
        said = _("%(email)s belongs to %(name)s already.") % {"email": self.person.user.email, "name": self.person}
        if self.others:
            said += " " + _("She also acts for: %s.") % ", ".join(customer.name for customer in self.others)
        if self.linked:
            said += " " + _("Now linked to: %s.") % ", ".join(customer.name for customer in self.linked)
        if self.invitation:
            said += " " + _("A fresh invitation is on its way.")
        return said


def require_no_greater_account(user: User, by: Anyone | None) -> None:
    """Portal users who are staff too are changed by whoever may change their account, and by nobody less.

    Otherwise whoever may invite would own the login of an administrator. ``by`` None is Portico itself. Raises
    NotAllowed.
    """
    if by is None or not user.is_staff or user.pk == getattr(by, "pk", None):
        return
    if not by.has_perm("accounts.change_user"):
        raise NotAllowed(_("This is the account of a member of staff. Only an administrator changes it."))
    require_right_to_manage(user, by)


@finds_or_makes
def invite_portal_user(
    *, email: str, name: str = "", phone: str = "", customers: Iterable[Customer], by: Anyone | None
) -> Invited:
    """Makes or finds the portal user with that address, links her to the customers, and sends what she needs to enter.

    An address already in use is no refusal: she is linked, and the notice names her other customers. A removed person
    comes back as invited. Raises ValidationError for an address that is none, Refused for an archived customer.
    """
    email = UserManager.normalize_email(email)
    validate_email(email)
    customers = list(customers)
    require_reach(by, *customers)
    for customer in customers:
        if customer.archived_at is not None:
            raise Refused(_("%s is archived. Bring it back first.") % customer)
    with acting(by=by):
        user = User.objects.select_for_update().filter(email=email).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email, full_name=name or email.split("@")[0], phone=phone)
        require_no_greater_account(user, by)
        person = PortalUser.objects.filter(user=user).select_related("user").first()
        lets_in = person is None or person.state in (PortalUserState.REMOVED, PortalUserState.INVITED)
        if person is None:
            person = PortalUser.objects.create(user=user, state=_state_of(user))
            _tell_if_in(person)
        elif person.state == PortalUserState.REMOVED:
            require_somebody_else(user, by)
            _bring_back(person)
        if lets_in:
            require_sight_of_what_they_see(person, by)
        links = CustomerLink.objects.filter(portal_user=person).select_related("customer")
        others = tuple(link.customer for link in links)
        linked = tuple(c for c in customers if c not in others)
        for customer in linked:
            link_customer(person, customer, by=by)
        invitation = None
        if person.state == PortalUserState.INVITED:
            # They are invited to what is this person's own, wherever else they act.
            invitation = send_invitation(user, by=by, purpose=Invitation.Purpose.INVITATION)
    if by is not None:
        seen = set(Customer.objects.visible_to(by).filter(pk__in=[c.pk for c in others]).values_list("pk", flat=True))
        others = tuple(c for c in others if c.pk in seen)
    return Invited(person, is_new, linked, others, invitation)


def _state_of(user: User) -> PortalUserState:
    """Whoever is staff, or has a password, is in; others are invited: no portal invitation opens a staff account."""
    return PortalUserState.ACTIVE if user.is_staff or user.has_usable_password() else PortalUserState.INVITED


def _tell_if_in(person: PortalUser) -> None:
    """Records that access is open, for somebody who needs no invitation."""
    if person.state == PortalUserState.ACTIVE:
        record_account_event(person.user, AccessOpened())


def _bring_back(person: PortalUser) -> None:
    user = person.user
    person.state = _state_of(user)
    person.save(update_fields=["state"])
    _tell_if_in(person)
    # A member of staff who was switched off stays so: that is decided on the staff page.
    if not user.is_active and not user.is_staff:
        user.is_active = True
        user.save(update_fields=["is_active"])


@transaction.atomic
def save_portal_user(person: PortalUser, *, name: str, email: str, phone: str = "", by: Anyone | None) -> PortalUser:
    """Saves who she is. A new address signs her out; an invitation on its way to the old one is sent anew.

    Raises NotAllowed when the account is an administrator's and ``by`` is none, Refused when the address is taken.
    """
    require_reach(by, person)
    user = person.user
    email = check_address(email)
    require_no_greater_account(user, by)
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise Refused(_("This address has an account already."))
    moved = email != user.email
    if moved:
        require_sight_of_what_they_see(person, by)
    if (user.full_name, user.email, user.phone) == (name, email, phone):
        return person
    user.full_name, user.email, user.phone = name, email, phone
    with acting(by=by):
        user.save()
        if moved:
            end_sessions(user)
            if person.state in (PortalUserState.INVITED, PortalUserState.AWAITING):
                resend_invitation(person, by=by)
    return person


def lock_portal_users(keys: Collection[int]) -> dict[int, PortalUser]:
    """Those of the portal users that are there, by key, each with her ``user``, locked until the transaction ends:
    nobody comes in, is linked or is removed meanwhile."""
    of_these = {"user__portal_user__in": set(keys)}
    # In the order in which who comes by an invitation takes them.
    list(Invitation.objects.good().select_for_update(of=("self",)).filter(**of_these).order_by("pk").values_list("pk"))
    users = User.objects.select_for_update(of=("self",)).filter(portal_user__in=set(keys))
    list(users.order_by("pk").values_list("pk"))
    people = PortalUser.objects.select_for_update(of=("self",)).select_related("user").order_by("pk")
    return people.in_bulk(list(keys))


@finds_or_makes
def link_customer(person: PortalUser, customer: Customer, *, by: Anyone | None) -> CustomerLink:
    """Lets a portal user act for a customer. Raises Refused when she is removed or does so already."""
    require_somebody_else(person.user, by)
    require_reach(by, customer)
    require_sight_of_their_templates(person, by)
    if person.state == PortalUserState.REMOVED:
        raise Refused(_("%s was removed. Invite this person again instead.") % person)
    if CustomerLink.objects.filter(portal_user=person, customer=customer).exists():
        raise Refused(_("%(person)s is linked to %(customer)s already.") % {"person": person, "customer": customer})
    with acting(by=by):
        link = CustomerLink.objects.create(portal_user=person, customer=customer)
        bring_back_decisions(link)
    return link


@transaction.atomic
def unlink_customer(link: CustomerLink, *, by: Anyone | None, reason: str = "") -> None:
    """Takes a link away with its overrides, which come back with a new link of the same person and customer."""
    require_reach(by, link)
    with acting(by=by, reason=reason or None):
        _unlink(link)


def _unlink(link: CustomerLink) -> None:
    for override in link.overrides.all():
        override.delete()
    link.delete()


@transaction.atomic
def suspend_portal_user(person: PortalUser, *, by: Anyone | None, reason: str = "") -> PortalUser:
    """Keeps her out, at once, until she is let in again. Links and overrides stay."""
    require_reach(by, person)
    require_no_greater_account(person.user, by)
    if person.state in (PortalUserState.SUSPENDED, PortalUserState.REMOVED):
        raise Refused(_("%(person)s is not in: %(state)s.") % {"person": person, "state": person.get_state_display()})
    with acting(by=by, reason=reason or None):
        person.state = PortalUserState.SUSPENDED
        person.save(update_fields=["state"])
        _record_end(person, customers=_customers_of(person), removed=False, reason=reason)
        withdraw_invitations(person.user, by=by)
        end_sessions(person.user)
    return person


@transaction.atomic
def reactivate_portal_user(person: PortalUser, *, by: Anyone | None, reason: str = "") -> PortalUser:
    """Lets a suspended person in again; without a password she is invited anew."""
    require_reach(by, person)
    require_somebody_else(person.user, by)
    require_no_greater_account(person.user, by)
    if person.state != PortalUserState.SUSPENDED:
        raise Refused(_("%s is not suspended.") % person)
    with acting(by=by, reason=reason or None):
        person.state = _state_of(person.user)
        person.save(update_fields=["state"])
        _tell_if_in(person)
        if person.state == PortalUserState.INVITED:
            make_invitation(person.user, by=by)
    return person


def _customers_of(person: PortalUser) -> tuple[int, ...]:
    return tuple(person.links.order_by("customer").values_list("customer", flat=True))


def _record_end(person: PortalUser, *, customers: tuple[int, ...], removed: bool, reason: str) -> None:
    record_account_event(person.user, AccessEnded(removed=removed, customers=customers, reason=reason))


@transaction.atomic
def remove_portal_user(person: PortalUser, *, by: Anyone | None, reason: str = "") -> PortalUser:
    """Takes her login and her links away. Jobs, customers and history stay. Staff keep their staff account.

    What was decided about her stays too, for the case that she is invited again; but not that she may act for any
    customer, which is a link to each of them.
    """
    require_reach(by, person)
    require_no_greater_account(person.user, by)
    if person.state == PortalUserState.REMOVED:
        raise Refused(_("%s was removed already.") % person)
    with acting(by=by, reason=reason or None):
        customers = _customers_of(person)
        for link in person.links.all():
            _unlink(link)
        for row in person.overrides.filter(permission=ANY_CUSTOMER, effect="allow"):
            row.delete()
        person.state = PortalUserState.REMOVED
        person.save()
        _record_end(person, customers=customers, removed=True, reason=reason)
        user = person.user
        withdraw_all(user)
        if not user.is_staff:
            user.is_active = False
            user.set_unusable_password()
            user.save()
        end_sessions(user)
    return person


@transaction.atomic
def resend_invitation(person: PortalUser, *, by: Anyone | None) -> Invitation:
    """A fresh invitation or activation mail; the links before it stop working."""
    require_reach(by, person)
    require_no_greater_account(person.user, by)
    purposes = {
        PortalUserState.INVITED: Invitation.Purpose.INVITATION,
        PortalUserState.AWAITING: Invitation.Purpose.ACTIVATION,
    }
    purpose = purposes.get(PortalUserState(person.state))
    if purpose is None:
        raise Refused(_("%s does not wait for an invitation.") % person)
    return make_invitation(person.user, by=by, purpose=purpose)


def check_address(email: str) -> str:
    """The address as it is kept. Raises ValidationError when it is none."""
    email = UserManager.normalize_email(email)
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(_("“%s” is not an e-mail address.") % email) from None
    return email


def enable_portal(customer: Customer, *, email: str, name: str = "", by: Anyone | None) -> Invited:
    """CurbWaste's way: name a login e-mail, and she is found or made, linked, and sent a "Create password" mail."""
    return invite_portal_user(email=email, name=name, customers=[customer], by=by)
