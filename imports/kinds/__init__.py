"""What a file may hold, one module each: its columns, how its rows are judged in sets, written, and undone."""

from __future__ import annotations

from imports.choices import Kind
from imports.kinds.base import ImportKind
from imports.kinds.customers import Customers
from imports.kinds.jobs import Jobs
from imports.kinds.people import People

KINDS: dict[str, type[ImportKind]] = {Kind.JOBS: Jobs, Kind.CUSTOMERS: Customers, Kind.PORTAL_USERS: People}

__all__ = ["KINDS", "ImportKind"]
