"""Jobs from a file: what they name, which are there already, what becomes of them, and taking them back."""

from imports.kinds.jobs.kind import JobImport

__all__ = ["JobImport"]
