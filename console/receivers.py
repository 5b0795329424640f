"""Keeps the shipped roles in step with the permissions that exist."""

from __future__ import annotations

from typing import Any

from django.apps import apps


def bring_roles_up_to_date(sender: Any, **kwargs: Any) -> None:
    """After the last app was migrated and its permissions made: install the shipped roles."""
    from console.roles import install_roles

    # Django sends this for apps with models only.
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender.label == last.label:
        install_roles()
