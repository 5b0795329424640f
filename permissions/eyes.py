"""What a portal user sees, held against what was granted to the member of staff who hands out a key to it.

A key is whatever lets somebody in as that person, or in to more: an invitation, another address, a link to set a
password, a link to a customer (docs/decisions/0090-keys-of-portal-users.md).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from console.errors import NotAllowed
from console.reach import By, all_act_for_any, any_customer_is_default, limits_of
from permissions.eyes import acts_for_any_customer
from permissions.resolver import rights_of


def insist_on_what_they_see(person: Any, by: By) -> None:
    """Raise NotAllowed when this portal user sees customers or templates that were not granted to ``by``.

    Customers they are linked to are asked about elsewhere: what is asked here is whether they act for any.
    """
    limits = limits_of(by)
    if limits is None:
        return
    # A grant of the person as such was given so that they can be changed.
    granted = person.pk in limits.keys("portal_user", "change")
    if limits.customers_limited and not granted and _acts_for_any(person):
        if any_customer_is_default():
            raise NotAllowed(all_act_for_any())
        raise NotAllowed(
            _("This person may act for any customer, and you work only with certain customers. Ask a colleague.")
        )
    insist_on_their_templates(person, by)


def insist_on_their_templates(person: Any, by: By, *, whole_default: bool = False) -> None:
    """Raise NotAllowed when this portal user sees jobs of templates that were not granted to ``by``.

    ``whole_default``: as it would be if they had more than the templates listed for them.
    """
    limits = limits_of(by)
    if limits is None or not limits.templates_limited:
        return
    templates = rights_of(person).templates
    seen = (templates.defaults - templates.removed) | templates.added if whole_default else templates.ids
    if not seen <= limits.keys("template", "view"):
        raise NotAllowed(_("This person sees jobs of templates that were not granted to you. Ask a colleague."))


def _acts_for_any(person: Any) -> bool:
    people = apps.get_model("accounts", "PortalUser")._base_manager
    return people.filter(acts_for_any_customer(), pk=person.pk).exists()
