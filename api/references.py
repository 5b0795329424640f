"""How a program names a record, and how it is found: by its own key, or by the ID of the program's own system."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.http import Http404

from audit.one_line import is_storable
from console.keys import is_key

Record = TypeVar("Record", bound=models.Model)


def lookup(reference: str, *, key: str) -> dict[str, str] | None:
    """The condition a reference stands for: its own key, or "external:" and an external ID; None for nonsense."""
    if not is_storable(reference) or len(reference) > 200:
        return None
    if reference.startswith("external:"):
        return {"external_id": reference.removeprefix("external:")}
    if key == "pk" and not is_key(reference):
        return None
    return {key: reference}


def find_record(queryset: QuerySet[Record], reference: str, *, key: str) -> Record:
    """The record with that reference. Raises Http404."""
    condition = lookup(reference, key=key)
    if condition is None or ("external_id" in condition and not hasattr(queryset.model, "external_id")):
        raise Http404
    record = queryset.filter(**condition).first()
    if record is None:
        raise Http404
    return record
