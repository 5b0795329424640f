"""What other rooms keep of a customer's contacts: said by them, asked and changed when a contact changes.

A job says whom to ask for as it was agreed when it was made. When that person's address changes, or somebody else is
asked for from now on, it is for the office to say whether what is still open follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from accounts.models import Contact
from accounts.models.people import Anyone


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


class ContactCopies(Protocol):
    """One kind of record that says of a contact what it said when the record was made: open jobs.

    ``permission``: what a member of staff needs to change such a record; ``scope``: what an API token needs.
    """

    permission: str
    scope: str

    def count(self, changes: ContactChanges, *, by: Anyone | None) -> int:
        """Return how many still say the old, of those that ``by`` may see and work with."""

    def question(self, changes: ContactChanges, *, by: Anyone | None) -> str:
        """Return the question whether these follow, with their number; empty when there is none."""

    def follow(self, changes: ContactChanges, *, by: Anyone | None) -> int:
        """Have these say the new; return how many. In the transaction under way."""


COPIES: list[ContactCopies] = []


def may_change_copies(by: Anyone) -> bool:
    """May this member of staff change whatever says what a contact says?"""
    return all(by.has_perm(copies.permission) for copies in COPIES)


def copies_to_change(changes: ContactChanges, *, by: Anyone | None) -> int:
    """Return how many records still say what contacts said before, of those that ``by`` may see and work with."""
    return sum(copies.count(changes, by=by) for copies in COPIES) if any(changes.values()) else 0


def question_about_copies(changes: ContactChanges, *, by: Anyone | None) -> str:
    """Return the question whether what still says what contacts said before is to follow; empty when nothing does."""
    if not any(changes.values()):
        return ""
    return " ".join(filter(None, (copies.question(changes, by=by) for copies in COPIES)))


def follow_contacts(changes: ContactChanges, *, by: Anyone | None) -> int:
    """Have all copies that ``by`` may work with say what the contacts say now; return how many changed."""
    return sum(copies.follow(changes, by=by) for copies in COPIES) if any(changes.values()) else 0
