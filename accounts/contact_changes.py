"""What became of a customer's contacts: whom one asked for, and whom one asks for now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Contact


@dataclass(frozen=True)
class ContactFacts:
    """What is copied of a contact."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A contact at one moment. ``key``: None for one that is not saved yet."""

    key: int | None
    facts: ContactFacts
    is_site_contact: bool

    @classmethod
    def of(cls, contact: Contact) -> Snapshot:
        """The contact as it stands now."""
        facts = ContactFacts(contact.name, contact.email, contact.phone)
        return cls(contact.pk, facts, contact.is_site_contact)


@dataclass(frozen=True)
class ContactChange:
    """Whom one asked for, and whom one asks for now; nobody when ``new`` is empty.

    ``others``: names of the customer's other contacts, in small letters: what names one of these is not about ``old``.
    """

    old: ContactFacts
    new: ContactFacts
    others: frozenset[str] = frozenset()


# By the primary key of the customer.
ContactChanges = Mapping[int, Sequence[ContactChange]]


def snapshots(contacts: Iterable[Contact]) -> list[Snapshot]:
    """Contacts as they stand now, to be compared with what becomes of them."""
    return [Snapshot.of(contact) for contact in contacts]


def changes_between(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> list[ContactChange]:
    """What became of a customer's contacts.

    Instead of whoever is gone, or is no longer the site contact, one asks for the site contact there is now.
    """
    site = next((one for one in after if one.is_site_contact), None)
    there = {one.key: one for one in after if one.key is not None}
    found = []
    for was in before:
        now = there.get(was.key) if was.key is not None else None
        if now is None:
            new = site.facts if site else ContactFacts()
        elif was.is_site_contact and site is not None and not now.is_site_contact:
            new = site.facts
        else:
            new = now.facts
        if new != was.facts:
            others = frozenset(one.facts.name.casefold() for one in after if one.key is None or one.key != was.key)
            found.append(ContactChange(was.facts, new, others - {""}))
    return found
