"""Who reads, and which texts are foreign to whom: the one place that says so.

A reader narrowed to customer A is shown what hangs on A, alone or among others, and what hangs on no customer; one
narrowed to template T1 what hangs on T1, alone or among others, and what hangs on no template (console/scope.py).
So of a thing that A and B share, the readers of A are shown the thing itself, and never who else shares it.

* What belongs to somebody's own work (a file they imported, a list they took along) is for them alone among those who
  are narrowed.
* What a job said while it was B's stays B's after it went to A; so does what M said before it was merged into A.
* What is said of a portal user as a whole, who acts for A and B, hangs on neither (``all-of-it``): the office as a
  whole decides about it.
* Who acts for nobody yet (``nobody``) is no customer's.
* Names of members of staff, of workers, of labels, of roles, and the portal settings hang on no customer.
* Nell, who has no role, is shown nothing of anybody; Colm, who acts for A, nothing that does not hang on A.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from console.roles import Role
from permissions.services import grant
from tests.doors.texts import Text
from tests.doors.world import World

ROLES: dict[str, Role | None] = {
    "dispatcher": Role.DISPATCHER,
    "importer": Role.IMPORTER,
    "billing": Role.BILLING_CLERK,
    "support": Role.SUPPORT,
    "everything": None,
}
# (to what they are narrowed, may they work with it)
LIMITS = (("A", True), ("A", False), ("T1", True), ("T1", False))


@dataclass(frozen=True)
class Reader:
    """Somebody who reads. ``limit``: A or T1; empty for Nell. ``works``: with it, and not only sees it."""

    name: str
    role: str
    limit: str
    works: bool
    user: User

    def is_foreign(self, text: Text) -> bool:
        """Is this text one that they must not be shown?"""
        if not self.limit:
            return bool(text.customers or text.templates or text.owner)
        if self.name in (text.owner, text.also):
            return False
        if text.owner:
            return True
        if self.limit == "A":
            return bool(text.customers) and "A" not in text.customers
        return bool(text.templates) and "T1" not in text.templates

    def is_out_of_reach(self, customers: set[str], templates: set[str]) -> bool:
        """Must this person leave alone what hangs on those customers and templates? Who works with A leaves what is
        B's as well: what concerns others is not theirs to change."""
        theirs = {self.limit} if self.works else set()
        if self.limit == "A":
            return bool(customers - theirs)
        if self.limit == "T1":
            return bool(templates - theirs)
        return bool(customers or templates)


def readers_of(world: World) -> list[Reader]:
    """Every role with every limit, and Nell. Importers have old files of their own, one of them of B, T2: it was taken
    away since."""
    found = []
    for role, shipped in ROLES.items():
        for limit, works in LIMITS:
            name = f"{role} {'works with' if works else 'sees'} {limit}"
            user = world.member(name.title(), shipped or world.everything)
            if role in ("importer", "everything"):
                own = ("A/T1", "A/T2") if limit == "A" else ("A/T1", "B/T1")
                world.runs[f"{name}, own"] = world.imported(user, name, own)
                world.runs[f"{name}, old"] = world.imported(user, name, ("B/T2",))
            _narrow(world, user, limit, works)
            found.append(Reader(name, role, limit, works, User.objects.get(pk=user.pk)))
    return [*found, Reader("Nell", "", "", False, world.nell)]


def _narrow(world: World, user: Any, limit: str, works: bool) -> None:
    flag = "only_granted_customers" if limit == "A" else "only_granted_templates"
    setattr(user, flag, True)
    user.save()
    record = world.customers["A"] if limit == "A" else world.templates["T1"]
    grant(user, record, change=works, by=world.olivia)
