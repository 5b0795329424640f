"""What saving a person's page would change about her rights."""

from __future__ import annotations

from collections.abc import Iterable

from django.forms.formsets import DELETION_FIELD_NAME

from accounts.models import CustomerLink, PortalUser
from console.reader import Reader
from console.shapes import AnyFormSet
from permissions.impact import Change, linked, template_access, unlinked
from permissions.models import TemplateAccess
from permissions.resolver import Rights
from permissions.services.kept_decisions import kept_words, returning_decisions, returning_words


def changes_of(formsets: Iterable[AnyFormSet], person: PortalUser, reader: Reader) -> tuple[list[Change], list[str]]:
    """What the rows of a person's page would change about their rights, and how many decisions outlive their links.

    The sentences say how many are kept of each link that goes, and how many come back with each that is made.
    """
    found: list[Change] = []
    decisions: list[str] = []
    for formset in formsets:
        if formset.model not in (CustomerLink, TemplateAccess):
            continue
        for row in formset.forms:
            gone = formset.can_delete and row.cleaned_data.get(DELETION_FIELD_NAME, False)
            said = row.cleaned_data if row.has_changed() or gone else {}
            if formset.model is CustomerLink and gone and row.instance.pk:
                found.append(unlinked(row.instance.customer_id))
                decisions.append(kept_words(row.instance, reader))
            elif formset.model is CustomerLink and said.get("customer") and not row.instance.pk:
                customer = said["customer"]
                found.append(linked(customer.pk, returning_decisions(person, customer, reader)))
                decisions.append(returning_words(person, customer, reader))
            elif formset.model is TemplateAccess and gone and row.instance.pk:
                found.append(template_access(row.instance.template_id, None))
            elif formset.model is TemplateAccess and said.get("template"):
                found.append(template_access(said["template"].pk, said["effect"]))
    return found, [words for words in decisions if words]


def all_of(changes: list[Change]) -> Change:
    """Several changes as one, in their order."""

    def change(person: PortalUser, rights: Rights) -> Rights:
        for one in changes:
            rights = one(person, rights)
        return rights

    return change
