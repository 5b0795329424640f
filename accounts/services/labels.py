"""Labels: words the office sticks on customers and templates."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.models import Label
from audit.act import acting
from console.reach import By


def save_label(label: Label, *, by: By) -> Label:
    """Saves a new label, or one that is called something else. A label is nobody's in particular."""
    with transaction.atomic(), acting(by=by):
        label.save()
        return label


def labels_of_names(names: Collection[str], *, by: By) -> dict[str, Label]:
    """The labels of those names, by name in small letters: those there are, and new ones."""
    known = {label.name.casefold(): label for label in Label.objects.all()} if names else {}
    for name in names:
        if name.casefold() not in known:
            known[name.casefold()] = save_label(Label(name=name), by=by)
    return known


def delete_label(label: Label, *, by: By) -> None:
    """Removes a label from everything that bears it, and for good."""
    with transaction.atomic(), acting(by=by):
        label.delete()
