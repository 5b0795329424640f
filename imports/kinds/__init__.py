"""What a file may hold, one module each: its columns, how its rows are judged in sets, written, and undone."""

from __future__ import annotations

from imports.choices import Kind
from imports.kinds.base import ImportKind
from imports.kinds.customers import Customers
from imports.kinds.jobs import Jobs

KINDS: dict[str, type[ImportKind]] = {Kind.JOBS: Jobs, Kind.CUSTOMERS: Customers}

__all__ = ["KINDS", "ImportKind"]
