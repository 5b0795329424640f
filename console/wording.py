"""Rights of the staff in words: what a role's page, its file and its history call them."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ACTIONS = {
    "view": gettext_lazy("See"),
    "add": gettext_lazy("Add"),
    "change": gettext_lazy("Change"),
    "delete": gettext_lazy("Delete"),
}


def action_of(permission: Permission) -> str:
    """Which of the four things that can be done with every kind of record it is; empty for a right of its own."""
    action, _rest, model = permission.codename.partition("_")
    return action if action in ACTIONS and model == permission.content_type.model else ""


def kind_in_words(permission: Permission) -> str:
    """The records it is about: "Jobs". Those of an app that is no longer here by their old name."""
    model = permission.content_type.model_class()
    return capfirst(str(model._meta.verbose_name_plural) if model is not None else permission.content_type.model)


def right_in_words(permission: Permission) -> str:
    """ "Jobs: See", or what a right of its own allows: "Merge two customers"."""
    if action := action_of(permission):
        return f"{kind_in_words(permission)}: {ACTIONS[action]}"
    return capfirst(_(permission.name).removeprefix("Can "))
