"""Reasons that Portico once wrote itself and that name other records: "Birch merged into Acme", "Import of birch.csv".

Such a reason stands at every record that the action touched, so it told whoever might read one of them what the others
are called. What is written now names nothing ("Customers merged", "Import no. 12"). Histories stay as they are; the old
sentences are not told to a reader who may not see everything (docs/decisions/0085-reach-in-services.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise

from audit.expressions import Expression

_PLACEHOLDER = Expression(r"%\(\w{1,20}\)s|%s", longest=1000)


@dataclass(frozen=True)
class NamingReason:
    """A sentence with placeholders for names; ``source``: only of rows that came that way, any when empty."""

    sentence: Promise
    source: str = ""

    def parts(self) -> list[list[str]]:
        """Return what stands around the names, in the language of the business and as it is in the code."""
        said = []
        for language in (settings.LANGUAGE_CODE, None):
            with translation.override(language):
                said.append(_PLACEHOLDER.split(str(self.sentence)))
        return said


# Filled by the apps that wrote them.
NAMING_REASONS: list[NamingReason] = []


def names_others(reason: str, source: str) -> bool:
    """Return whether that is one of the sentences: its parts stand there in order, with anything between them."""
    return any(_fits(reason, parts) for one in NAMING_REASONS if one.source in ("", source) for parts in one.parts())


def _fits(reason: str, parts: list[str]) -> bool:
    first, *others = parts
    if not reason.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:
        found = reason.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(reason) >= place + len(others[-1]) and reason.endswith(others[-1])


def rows_that_name_others() -> Q:
    """Return the condition on history rows whose reason is one of the sentences."""
    found = Q(pk__in=[])
    for one in NAMING_REASONS:
        for first, *others in one.parts():
            row = Q(history_change_reason__startswith=first) if first else Q(history_change_reason__isnull=False)
            for part in filter(None, others):
                row &= Q(history_change_reason__contains=part)
            found |= row & Q(history_source=one.source) if one.source else row
    return found
