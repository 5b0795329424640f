"""A column that holds a moment is filled in by the field that asks which of two is meant, on every page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest

from console.kit.forms import MomentInput
from console.kit.scoped import Options
from console.moments import MomentField
from console.shapes import AnyField


class MomentFields(Options):
    """In place of Django's pair of boxes, which can't be told which of two moments is meant."""

    def formfield_for_dbfield(self, db_field: AnyField, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, models.DateTimeField):
            kwargs = {"form_class": MomentField, "widget": MomentInput} | kwargs
        return super().formfield_for_dbfield(db_field, request, **kwargs)
