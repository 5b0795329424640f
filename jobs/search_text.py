"""The text by which people find a job: what it is made of, and the condition that a search is."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.telephones import numbers_in, searchable_number
from audit.keyless import without_key_marks
from audit.normal_form import search_form, searchable

# What of a job people type, besides the name of its customer.
FACTS = ("number", "external_id", "address", "contact_name", "contact_email", "contact_phone", "asset_id")


def search_text(words: Iterable[str | None], phone: str) -> str:
    """The words in the form in which they are searched, and the digits of the telephone number that is among them."""
    # Cleaned before its letters become small: then nobody would know a token.
    text = searchable(str(without_key_marks(" ".join(filter(None, words)))))
    digits = searchable_number(phone) if phone else ""
    return f"{text} {digits}" if digits else text


def holding(words: str, column: str) -> Q:
    """The condition that such a text, in that column, holds every word; a telephone number by any way of writing it."""
    condition = Q()
    for together, digits in numbers_in(search_form(words).split()):
        one = Q(*(Q(**{f"{column}__contains": word}) for word in together))
        condition &= one | Q(**{f"{column}__contains": digits}) if digits and digits != "".join(together) else one
    return condition
