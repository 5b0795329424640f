"""Many people invited at once, by ticking a customer's contacts. From a file: imports."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Contact, Customer
from accounts.models.people import Anyone
from console.errors import Refused
from permissions.services.portal_users import check_address, invite_portal_user


@dataclass
class InvitingOutcome:
    """Who was invited, who was linked only, and who was skipped with the reason."""

    invited: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def invite_contacts(contacts: list[Contact], *, by: Anyone | None) -> InvitingOutcome:
    """Invites contacts of customers to the portal, each for her own customer."""
    outcome = InvitingOutcome()
    for contact in contacts:
        _invite_one(outcome, str(contact), contact.email, contact.name, contact.customer, by)
    return outcome


def _invite_one(
    outcome: InvitingOutcome, where: str, email: str, name: str, customer: Customer | None, by: Anyone | None
) -> None:
    try:
        with transaction.atomic():
            address = check_address(email)
            invited = invite_portal_user(email=address, name=name, customers=[customer] if customer else [], by=by)
    except (Refused, ValidationError) as refusal:
        said = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        outcome.skipped.append(f"{where}: {said}")
        return
    if invited.is_new or invited.invitation:
        outcome.invited.append(address)
    elif invited.linked:
        outcome.linked.append(address)
    else:
        outcome.skipped.append(f"{where}: " + _("has an account and is linked already."))
