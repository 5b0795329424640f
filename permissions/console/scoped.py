"""What a member of staff may choose from: the rows she may see, never more."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import MultipleRelatedDropdownFilter, RelatedDropdownFilter

from permissions.scope import ScopedQuerySet


def is_key(words: str) -> bool:
    """Can that be a record's key? Other alphabets have digits too, and a database holds no number of any length."""
    return words.isascii() and words.isdigit() and len(words) < 19


def shown_to(queryset: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
    """The rows of any queryset that this member of staff may see."""
    return queryset.visible_to(user) if isinstance(queryset, ScopedQuerySet) else queryset


class _ScopedFilter:
    """The choices of a filter are the rows the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = shown_to(field.remote_field.model._default_manager.all(), request.user)
        return [(row.pk, str(row)) for row in rows]


class ScopedFilter(_ScopedFilter, RelatedDropdownFilter):
    """A filter by a related record, as a drop-down of those the person may see. For tables that stay small."""


class ScopedMultipleFilter(_ScopedFilter, MultipleRelatedDropdownFilter):
    """The same, several at once."""


class ScopedChoices:
    """Choices of a foreign key are the rows the person may see: never more than the list they come from."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
