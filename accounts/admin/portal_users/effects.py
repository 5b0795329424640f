"""What saving a person's page would change about her rights."""

from __future__ import annotations

from typing import Any

from accounts.models import CustomerLink
from permissions.impact import Change, linked, template_access, unlinked
from permissions.models import TemplateAccess


def changes_of(formsets: Any) -> list[Change]:
    """What the rows of a person's page would change about her rights."""
    found: list[Change] = []
    for formset in formsets:
        if formset.model not in (CustomerLink, TemplateAccess):
            continue
        for row in formset.forms:
            gone = formset.can_delete and formset._should_delete_form(row)
            said = row.cleaned_data if row.has_changed() or gone else {}
            if formset.model is CustomerLink and gone and row.instance.pk:
                found.append(unlinked(row.instance.customer_id))
            elif formset.model is CustomerLink and said.get("customer") and not row.instance.pk:
                found.append(linked(said["customer"].pk))
            elif formset.model is TemplateAccess and gone and row.instance.pk:
                found.append(template_access(row.instance.template_id, None))
            elif formset.model is TemplateAccess and said.get("template"):
                found.append(template_access(said["template"].pk, said["effect"]))
    return found


def all_of(changes: list[Change]) -> Change:
    """Several changes as one, in their order."""

    def change(person: Any, rights: Any) -> Any:
        for one in changes:
            rights = one(person, rights)
        return rights

    return change
