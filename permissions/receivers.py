"""Keeps the shipped roles in step with the permissions that exist."""

from __future__ import annotations

from typing import Any

from django.apps import apps


def bring_roles_up_to_date(sender: Any, **kwargs: Any) -> None:
    """After the last app was migrated and its permissions made: install the shipped roles."""
    from permissions.roles import install_roles

    if sender.label == list(apps.get_app_configs())[-1].label:
        install_roles()
