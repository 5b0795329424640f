"""Copies of a customer's contacts, in whatever room: asked and changed when a contact changes.

A job says whom to ask for as it was agreed when it was made. When that person's address changes, or somebody else is
asked for from now on, it is for the office to say whether what is still open follows.
"""

from __future__ import annotations

from accounts.contact_changes import ContactChanges
from accounts.hooks import CONTACT_COPIES
from accounts.models.people import Anyone


def may_change_copies(by: Anyone) -> bool:
    """May this member of staff change whatever says what a contact says?"""
    return all(by.has_perm(copies.permission) for copies in CONTACT_COPIES.values())


def copies_to_change(changes: ContactChanges, *, by: Anyone | None) -> int:
    """Return how many records still say what contacts said before, of those that ``by`` may see and work with."""
    return sum(copies.count(changes, by=by) for copies in CONTACT_COPIES.values()) if any(changes.values()) else 0


def question_about_copies(changes: ContactChanges, *, by: Anyone | None) -> str:
    """Return the question whether what still says what contacts said before is to follow; empty when nothing does."""
    if not any(changes.values()):
        return ""
    return " ".join(filter(None, (copies.question(changes, by=by) for copies in CONTACT_COPIES.values())))


def follow_contacts(changes: ContactChanges, *, by: Anyone | None) -> int:
    """Have all copies that ``by`` may work with say what the contacts say now; return how many changed."""
    return sum(copies.follow(changes, by=by) for copies in CONTACT_COPIES.values()) if any(changes.values()) else 0
