"""Which columns hold a secret: nothing that comes from outside may name one, and no file holds one."""

from __future__ import annotations

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

# A column is a secret whose name holds one of these words, whatever model it belongs to.
SECRET_WORDS = ("password", "token", "digest", "secret", "hash")


def is_secret(field: models.Field[object, object]) -> bool:
    """Does this column hold something that opens a door, or what such a thing is recognised by?"""
    if field.is_relation:
        return False
    return any(word in field.name for word in SECRET_WORDS)


def names_a_secret(model: type[models.Model], path: str) -> bool:
    """Does a lookup path ("user__password__startswith") pass through a secret column of the models on its way?"""
    for part in path.split(LOOKUP_SEP):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if isinstance(field, models.Field) and is_secret(field):
            return True
        if field.related_model is None or isinstance(field.related_model, str):
            return False
        model = field.related_model
    return False
