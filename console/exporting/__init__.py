"""Lists as files: the rows somebody sees, and no others, with the columns a list declares.

django-import-export knows the columns, their values and the formats, and asks for both; which rows there are is decided
by the list itself, with its filters, its search and the person's grants. Rows are written one after the other, so that
a long list needs no memory: a short one while the person waits, a long one by the worker (docs/decisions/0033).
"""

from console.exporting.lists import ListExports

__all__ = ["ListExports"]
