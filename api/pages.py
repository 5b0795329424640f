"""A list, page by page: by key, so that the hundredth costs what the first does. Nothing is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypedDict, TypeVar

from django.db import models
from django.db.models import QuerySet
from ninja import Query

if TYPE_CHECKING:
    # What it makes stands where a value does: Ninja puts the value in its place.
    from pydantic import Field as _Query
else:
    _Query = Query

LIMIT: int = _Query(50, ge=1, le=200, description="Records on a page.")
AFTER: str | None = _Query(None, pattern=r"^[0-9]{1,18}$", description="The `next` of the page before.")

Record = TypeVar("Record", bound=models.Model)
Item = TypeVar("Item")


class PageOf(TypedDict, Generic[Item]):
    """One page, as ``api.schemas.Page`` tells it."""

    items: list[Item]
    next: str | None


def page_of(
    rows: QuerySet[Record],
    limit: int,
    after: str | None,
    out: Callable[[Record], Item],
    *,
    oldest_first: bool = False,
) -> PageOf[Item]:
    """One page, newest first or ``oldest_first``, each row as ``out`` tells it."""
    if after is not None:
        rows = rows.filter(**{"pk__gt" if oldest_first else "pk__lt": int(after)})
    found = list(rows.order_by("pk" if oldest_first else "-pk")[: limit + 1])
    shown = found[:limit]
    return {"items": [out(row) for row in shown], "next": str(shown[-1].pk) if len(found) > limit else None}
