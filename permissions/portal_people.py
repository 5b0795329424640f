"""What the console's kit asks about the portal's people (``console.hooks``), answered by the rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from accounts.models import CustomerLink, PortalUser
from console.reach import By
from permissions import eyes, person_rows
from permissions.models import CustomerGrant, PortalUserGrant, TemplateGrant

Grant = CustomerGrant | TemplateGrant | PortalUserGrant

GRANTS: dict[str, type[Grant]] = {
    "customer": CustomerGrant,
    "template": TemplateGrant,
    "portal_user": PortalUserGrant,
}


class Answers:
    """The one answer to ``console.hooks.PortalPeople``, which says what each of these returns."""

    def grants(self) -> Mapping[str, type[models.Model]]:
        return GRANTS

    def links(self) -> models.QuerySet[CustomerLink]:
        return CustomerLink._base_manager.all()

    def acting_for_any_customer(self, path: str) -> Q:
        return eyes.acts_for_any_customer(path)

    def any_customer_is_default(self) -> bool:
        return eyes.any_customer_is_default()

    def rows_of_their_time(self, model: type[models.Model], path: str, customers: Collection[int]) -> Q:
        return person_rows.rows_of_their_time(model, path, customers)

    def acted_for_others(self, path: str, at: str, customers: Collection[int]) -> Q:
        return person_rows.acted_for_others(path, at, customers)

    def rows_of_staff(self) -> Q:
        return person_rows.rows_of_staff()

    def require_sight(self, account: AbstractBaseUser, by: By) -> None:
        person = PortalUser.objects.filter(user=account.pk).select_related("user").first()
        if person is not None:
            eyes.require_sight_of_their_templates(person, by)
