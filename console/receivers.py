"""Keeps the shipped roles in step with the permissions that exist."""

from __future__ import annotations

from contextlib import nullcontext

from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model

from audit.security_events import seeding


def bring_roles_up_to_date(sender: AppConfig, **kwargs: object) -> None:
    """After the last app was migrated and its permissions made: install the shipped roles."""
    from console.roles import install_roles

    # Django sends this for apps with models only.
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender.label != last.label:
        return
    # In a new installation nobody has a role whose rights could change.
    with nullcontext() if get_user_model().objects.exists() else seeding():
        install_roles()
