"""What a service raises when the answer is no, in a sentence for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """Something cannot be done, for a reason a person understands. ``str(error)`` is shown as it stands."""


class UnknownPermission(LookupError):
    """A code that no catalogue and no model knows: a mistake of ours."""


class NotAllowed(Refused):
    """Something may not be done by this person."""


class Conflict(Refused):
    """Somebody else was faster; look again before trying again."""
