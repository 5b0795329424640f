"""Making somebody see less, as an administrator would."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from console.scope import forget_reach
from permissions.models import CustomerGrant


def narrow(user: Any, *customers: Any, action: str = "change") -> None:
    """From now on this person reaches these customers only."""
    user.only_granted_customers = True
    user.save()
    permission = Permission.objects.get(codename=f"{action}_customer", content_type__app_label="accounts")
    for customer in customers:
        CustomerGrant.objects.create(user=user, permission=permission, content_object=customer)
    forget_reach(user)
