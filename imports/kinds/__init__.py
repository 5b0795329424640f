"""What a file may hold, one module each: its columns, how its rows are judged in sets, written, and undone."""

from __future__ import annotations

from imports.choices import RecordKind
from imports.kinds.base import AnyKind, ImportKind
from imports.kinds.customers import CustomerImport
from imports.kinds.jobs import JobImport
from imports.kinds.portal_users import PortalUserImport

KINDS: dict[str, type[AnyKind]] = {
    RecordKind.JOBS: JobImport,
    RecordKind.CUSTOMERS: CustomerImport,
    RecordKind.PORTAL_USERS: PortalUserImport,
}

__all__ = ["KINDS", "AnyKind", "ImportKind"]
