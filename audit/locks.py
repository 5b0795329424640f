"""Rows that nobody else changes until our transaction ends."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


def lock_rows(model: type[models.Model], keys: Iterable[object]) -> None:
    """Lock the records of those keys that are there, in the order of their keys: two who lock many never wait for each
    other. SQLite lets one writer in at a time anyway."""
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=list(keys)).order_by("pk")
    list(rows.values_list("pk"))
