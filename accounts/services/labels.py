"""Labels: words the office sticks on customers and templates."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.models import Label
from audit.act import acting
from audit.normal_form import normal_form
from console.at_once import finds_or_makes
from console.reach import By


def save_label(label: Label, *, by: By) -> Label:
    """Saves a new label, or one that is called something else. A label is nobody's in particular."""
    with transaction.atomic(), acting(by=by):
        label.save()
        return label


@finds_or_makes
def labels_of_names(names: Collection[str], *, by: By) -> dict[str, Label]:
    """The labels of those names, by their normal form: those there are, and new ones."""
    there = Label.objects.filter(name_key__in=names) if names else ()
    # Of doubles from before, the one that is none.
    known = {label.name_key: label for label in sorted(there, key=lambda label: not label.is_double)}
    for name in names:
        if normal_form(name) not in known:
            known[normal_form(name)] = save_label(Label(name=name), by=by)
    return known


def delete_label(label: Label, *, by: By) -> None:
    """Removes a label from everything that bears it, and for good."""
    with transaction.atomic(), acting(by=by):
        label.delete()
