"""IDs of ours for records that have no number: in files, so that these are recognised when they come back.

They say of what kind they are: the file of another list, imported by mistake, changes nothing.
Why: docs/decisions/0142-own-files-come-back.md.
"""

from __future__ import annotations

from accounts.models import Customer, PortalUser

_CALLED: dict[type[Customer] | type[PortalUser], str] = {Customer: "customer", PortalUser: "user"}
# No key of a table is longer.
_LONGEST = 18


def own_id_of(record: Customer | PortalUser) -> str:
    """Return the ID of a record as our files name it: customer-12."""
    return f"{_CALLED[type(record)]}-{record.pk}"


def key_in(model: type[Customer] | type[PortalUser], own_id: str) -> int | None:
    """Return the key that such an ID names; None for what is no ID of this kind."""
    called, _dash, key = own_id.strip().lower().partition("-")
    if called != _CALLED[model] or not (key.isascii() and key.isdigit()) or len(key) > _LONGEST:
        return None
    # In one spelling: two rows of a file are about one record only if they say the same.
    return int(key) if key[0] != "0" else None
