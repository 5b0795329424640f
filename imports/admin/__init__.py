"""The importer's pages in the console."""

from imports.admin.mappings import ImportMappingAdmin
from imports.admin.runs import ImportRunAdmin

__all__ = ["ImportMappingAdmin", "ImportRunAdmin"]
