"""The bases of what comes in and what goes out."""

from __future__ import annotations

from typing import Generic, TypeVar

from django.db import models
from ninja import Schema
from pydantic import ConfigDict

Item = TypeVar("Item")
# What an operation answers, before its schema checks it.
Answer = dict[str, object]


class In(Schema):
    """What comes in: an unknown field is a fault, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[Item]):
    """One page. `next`: the `after` of the next page, null on the last."""

    items: list[Item]
    next: str | None = None


class Named(Schema):
    """A record by its reference and name."""

    id: str
    name: str


def named(record: models.Model | None) -> dict[str, str] | None:
    """A record as reference and name."""
    return {"id": str(record.pk), "name": str(record)} if record else None
