"""In which language a sentence is kept.

What is shown is said in the reader's language. What is written into a table is read by many, and for years: it is
said in the language of the business, whoever pressed the button.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.functional import Promise

from audit.hooks import NAMES

# What the placeholders of a sentence are filled with: by name, or the only one.
Words = Mapping[str, object] | Promise | str | int


def called(record: models.Model) -> str:
    """Return the name of a record that stands in somebody's history, in words for people."""
    name_of = NAMES.get(record._meta.label)
    return name_of(record) if name_of else str(record)


@contextmanager
def office_language() -> Iterator[None]:
    """Everything said inside is said in the language of the business."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


def for_the_record(sentence: Promise | str, words: Words | None = None) -> str:
    """A lazily translated sentence as it is written into a table, its placeholders filled with ``words``."""
    with office_language():
        return str(sentence) % words if words is not None else str(sentence)


def sayings(sentence: Promise, words: Words | None = None) -> frozenset[str]:
    """How a sentence may stand in a table: in the language of the business, and as it is in the code."""
    with translation.override(None):
        plain = str(sentence)
    return frozenset({for_the_record(sentence, words), plain % words if words is not None else plain})
