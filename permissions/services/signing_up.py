"""Public sign-up: somebody asks to come in, proves her address, and is let in (PRODUCT.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.models import Contact, Customer, CustomerLink, Invitation, Location, PortalUser, User
from accounts.models.people import UserManager
from accounts.names import validate_name, validate_words
from accounts.services import change_contacts, save_customer, save_location
from accounts.services.invitations import make_invitation, use_invitation
from audit.act import acting
from business.models import PortalSettings
from console.at_once import finds_or_makes
from console.errors import Refused
from permissions.services.portal_users import check_address, resend_invitation


@dataclass(frozen=True)
class SignUp:
    """What somebody says of herself. Nothing of it is believed: she is matched to nobody."""

    email: str
    full_name: str
    password: str
    phone: str = ""
    company: str = ""
    address: str = ""
    language: str = ""


@finds_or_makes
def sign_up(said: SignUp) -> None:
    """Makes a login that waits for its activation, and sends the mail.

    Does the same, seen from outside, for an address that is known: who waits gets a fresh mail (and her newest words
    count), who was invited gets her invitation again, everybody else nothing. Raises Refused when the portal takes no
    sign-ups, ValidationError with the reason for a password that is refused.
    """
    settings = PortalSettings.load()
    if not settings.portal_enabled or settings.access != PortalSettings.Access.PUBLIC:
        raise Refused(_("There is no sign-up at the moment."))
    validate_name(said.full_name)
    validate_name(said.company)
    validate_words(said.address)
    email = check_address(said.email)
    validate_password(said.password, User(email=email, full_name=said.full_name))
    user = User.objects.select_for_update().filter(email=email).first()
    person = PortalUser.objects.filter(user=user).first() if user is not None else None
    with acting(actor=said.full_name or email):
        if user is None:
            user = User.objects.create_user(
                email, said.password, full_name=said.full_name, phone=said.phone, language=said.language
            )
            person = PortalUser(user=user, state=PortalUserState.AWAITING)
        elif person is not None and person.state == PortalUserState.AWAITING:
            user.full_name, user.phone, user.language = said.full_name, said.phone, said.language
            user.set_password(said.password)
            user.save()
        else:
            # As slow as the others: the time an answer takes must not tell whether an address is known.
            User().set_password(said.password)
            if person is not None and person.state == PortalUserState.INVITED:
                resend_invitation(person, by=None)
            return
        person.company, person.address = said.company, said.address
        person.save()
        make_invitation(user, by=None, purpose=Invitation.Purpose.ACTIVATION)


@transaction.atomic
def activate(invitation: Invitation, password: str) -> User:
    """Her mail led her here, and she knows the password she chose: she is in.

    Both are asked, so that nobody gets in by signing up another person's address and waiting for her click. Raises
    Refused when the password is another one or the link does not work.
    """
    if not invitation.user.check_password(password):
        raise Refused(_("This is not the password you chose when you signed up."))
    user = use_invitation(invitation)
    if PortalSettings.load().new_customer_for_signup:
        _make_her_customer(user.portal_user)
    return user


def _make_her_customer(person: PortalUser) -> Customer:
    """A customer record of her own; never an existing one, whatever its name."""
    user = person.user
    with acting(by=user):
        customer = save_customer(Customer(name=(person.company or user.full_name)[:160]), by=user)
        herself = Contact(
            name=user.full_name,
            email=UserManager.normalize_email(user.email),
            phone=user.phone,
            is_site_contact=True,
            is_billing_contact=True,
        )
        change_contacts(customer, saved=[herself], by=user)
        if person.address:
            save_location(Location(customer=customer, street=person.address[:200]), by=user)
        CustomerLink.objects.create(portal_user=person, customer=customer)
    return customer
