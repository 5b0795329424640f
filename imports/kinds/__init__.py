"""What a file may hold, one module each: its columns, how its rows are judged in sets, written, and undone."""

from __future__ import annotations

from imports.choices import Kind
from imports.kinds.base import AnyKind, ImportKind
from imports.kinds.customers import Customers
from imports.kinds.jobs import Jobs
from imports.kinds.portal_users import PortalUsers

KINDS: dict[str, type[AnyKind]] = {Kind.JOBS: Jobs, Kind.CUSTOMERS: Customers, Kind.PORTAL_USERS: PortalUsers}

__all__ = ["KINDS", "AnyKind", "ImportKind"]
