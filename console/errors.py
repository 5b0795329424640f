"""What a service raises when the answer is no, in a sentence for the person who asked."""

from __future__ import annotations

from django.utils.translation import gettext as _


class Refused(Exception):
    """Something cannot be done, for a reason a person understands. ``str(error)`` is shown as it stands."""


class UnknownPermission(LookupError):
    """A code that no catalogue and no model knows: a mistake of ours."""


class NotAllowed(Refused):
    """Something may not be done by this person."""


class Conflict(Refused):
    """Somebody else was faster; look again before trying again."""


def beaten_in_words() -> str:
    """Return the sentence for what the database refuses because of what somebody else has just saved."""
    return _("Somebody else made or changed the same at this moment. Look again, then try again.")
