"""A customer's own administrator: invites and removes people of the same customer, never above her own rights."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer, CustomerLink, PortalUser
from accounts.names import validate_name
from audit.act import Source, acting
from audit.wording import for_the_record
from business.catalogue import PORTAL_PERMISSIONS
from console.errors import NotAllowed, Refused
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import decide, rights_of
from permissions.services.decisions import set_override, set_template_access
from permissions.services.portal_users import Invited, invite_portal_user, unlink_customer
from templates_app.models import JobTemplate


@transaction.atomic
def invite_colleague(manager: PortalUser, customer: Customer, *, email: str, name: str) -> Invited:
    """Invites somebody to the manager's customer, with the manager's rights there at most.

    What the manager may not do for this customer is denied on the new link; templates the manager lacks are taken
    from a new login. Raises NotAllowed without *manage_colleagues* for this customer, ValidationError for what is
    no name.
    """
    own = rights_of(manager)
    if not decide(own, "manage_colleagues", customer):
        raise NotAllowed(_("You cannot invite people to this account."))
    validate_name(name)
    by = manager.user
    # By that source what is denied below is told apart from what the office decided.
    with acting(by=by, source=Source.PORTAL):
        known = PortalUser.objects.filter(user__email=email.strip().lower(), links__customer=customer)
        if known.present().exists():
            raise Refused(_("This person is in your account already."))
        invited = invite_portal_user(email=email, name=name, customers=[customer], by=by)
        link = CustomerLink.objects.get(portal_user=invited.person, customer=customer)
        theirs = rights_of(invited.person)
        for code in PORTAL_PERMISSIONS:
            if theirs.at_level(code, customer.pk) and not own.at_level(code, customer.pk):
                set_override(
                    link,
                    code,
                    PermissionOverride.Effect.DENY,
                    by=by,
                    reason=for_the_record(gettext_lazy("Not above the rights of the colleague who invited")),
                )
        if invited.is_new:
            for template_id in theirs.template_ids - own.template_ids:
                template = JobTemplate._default_manager.get(pk=template_id)
                set_template_access(invited.person, template, TemplateAccess.Effect.REMOVE, by=by)
    return invited


@transaction.atomic
def remove_colleague(manager: PortalUser, link: CustomerLink) -> None:
    """Takes a colleague's link to the manager's customer away. Raises NotAllowed, or Refused for herself."""
    if not decide(rights_of(manager), "manage_colleagues", link.customer):
        raise NotAllowed(_("You cannot remove people from this account."))
    if link.portal_user_id == manager.pk:
        raise Refused(_("You cannot remove yourself. Ask a colleague, or call us."))
    unlink_customer(link, by=manager.user, reason=for_the_record(gettext_lazy("Removed by a colleague")))
