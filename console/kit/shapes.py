"""What the kit's bases are about, by name: the records of a page, and what Django hands to it and takes from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise

# The records of a page: ``ConsoleModelAdmin[Job]``. A page that does not say is one of any records.
Record = TypeVar("Record", bound=models.Model)
# What is known by names: what a template is given, what a form holds.
Context = dict[str, Any]
# Words on a page, translated when it is shown.
Words = str | Promise
# A column of a list or a line of a form: its name, or a function of the record.
Column = str | Callable[[Any], Any]
# Heading, and what stands below it: "fields", "classes", "description".
Fieldsets = Sequence[tuple[Words | None, Context]]
