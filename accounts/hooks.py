"""What other rooms keep of a customer's contacts: said by them, asked and changed when a contact changes."""

from __future__ import annotations

from typing import Protocol

from accounts.contact_changes import ContactChanges
from accounts.models.people import Anyone
from audit.registry import Registry


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


# By what says it.
CONTACT_COPIES: Registry[str, ContactCopies] = Registry("Copies of contacts")
