"""Counts beside the rows of a list, in one statement, over what the person may see."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce


def related_count(rows: models.QuerySet, path: str) -> Coalesce:
    """How many of ``rows`` hang on each record by ``path``: an annotation without a join, 0 where there is none."""
    found = rows.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(how_many=Count("pk"))
    return Coalesce(Subquery(found.values("how_many")), 0, output_field=IntegerField())
