"""What is looked at before the site starts: a list's declarations name no secret, its filters read their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin, ModelAdmin
from django.contrib.admin.utils import get_fields_from_path
from django.core import checks
from django.db import models
from unfold.checks import UnfoldModelAdminChecks

from console.kit.filters import DayRangeFilter, FieldFilter, LookupFilter
from console.secrets import names_a_secret
from console.shapes import AnyAdmin

if TYPE_CHECKING:
    pass


class ConsoleChecks(UnfoldModelAdminChecks):
    """Django's and Unfold's checks of a page, and ours."""

    def check(self, admin_obj: BaseModelAdmin[Any], **kwargs: Any) -> list[checks.CheckMessage]:
        assert isinstance(admin_obj, ModelAdmin)
        return [
            *super().check(admin_obj, **kwargs),
            *_foreign_filters(admin_obj),
            *_other_date_filters(admin_obj),
            *_secrets(admin_obj),
        ]


def _foreign_filters(page: AnyAdmin) -> Iterator[checks.Error]:
    for declared in page.list_filter:
        kind = declared[1] if isinstance(declared, list | tuple) and len(declared) == 2 else declared
        if not (isinstance(kind, type) and issubclass(kind, FieldFilter | LookupFilter)):
            hint = "Use a filter of console.kit: it reads its values, and answers for the reader's records only."
            yield checks.Error(f"list_filter holds {declared}.", hint=hint, obj=type(page), id="portico.E001")


def _other_date_filters(page: AnyAdmin) -> Iterator[checks.Error]:
    for declared in page.list_filter:
        if not (isinstance(declared, list | tuple) and len(declared) == 2):
            continue
        path, kind = declared
        if not isinstance(kind, type):
            continue
        is_date = isinstance(get_fields_from_path(page.model, str(path))[-1], models.DateField)
        if is_date and not issubclass(kind, DayRangeFilter):
            hint = "Use DayRangeFilter of console.kit: the last day with all of its hours, in any of our spellings."
            yield checks.Error(f"“{path}” is a date.", hint=hint, obj=type(page), id="portico.E003")


def _secrets(page: AnyAdmin) -> Iterator[checks.Error]:
    for path in declared_paths(page):
        if names_a_secret(page.model, path.lstrip("-^=@")):
            hint = "A secret is never a column that an address can ask for, search, sort or export."
            yield checks.Error(f"“{path}” names a secret.", hint=hint, obj=type(page), id="portico.E002")


def declared_paths(page: AnyAdmin) -> Iterator[str]:
    """Every lookup path that a page's list filters, searches, shows, sorts or writes into a file by."""
    for declared in page.list_filter:
        if isinstance(declared, list | tuple):
            yield str(declared[0])
    yield from page.search_fields
    yield from (str(path) for path in page.ordering or () if isinstance(path, str))
    yield from (str(source) for source, _heading in getattr(page, "export_columns", ()) if isinstance(source, str))
    for name in page.list_display:
        if not isinstance(name, str):
            continue
        yield name
        order = getattr(getattr(page, name, None), "admin_order_field", None)
        if isinstance(order, str):
            yield order
