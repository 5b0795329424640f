"""Columns worked out from other records: declared where they are worked out, and following by themselves.

The model with the column says from which fields of which model it is worked out, and what works it out anew::

    derived = (Derivation("search_text", Customer, ("name",), LazyFunction("jobs.services...write_search_texts")),)

A model whose changes matter so is a ``DerivedSource``: saved by whatever source (console, API, import, undo, taking
back), it has what was derived from it written anew, in the same transaction. Who moves records from one source to
another without saving it (a merge) calls ``write_derived`` for the one they stand on then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, partial

from django.db import models, transaction
from django.db.models.base import ModelBase

from audit.declarations import declared

# Takes the primary keys of the sources that changed.
Write = Callable[[Collection[int]], None]


@dataclass(frozen=True)
class Derivation:
    """``column`` is worked out from ``fields`` of ``source``, by what writes it anew."""

    column: str
    source: type[DerivedSource]
    fields: tuple[str, ...]
    write: Write


@cache
def derivations() -> tuple[Derivation, ...]:
    """Return what every installed model declares."""
    return tuple(one for _model, said in declared("derived", tuple) for one in said)


def write_derived(source: type[models.Model], keys: Collection[int]) -> None:
    """Write anew whatever is worked out from these records of a model."""
    for derivation in derivations():
        if derivation.source is source:
            derivation.write(keys)


class DerivedSource(models.Model):
    """A record of which others keep something that was worked out from it."""

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save it, and write anew what is worked out from what changed."""
        save = partial(super().save, force_insert=force_insert, force_update=force_update, using=using)
        written = None if update_fields is None else frozenset(update_fields)
        mine = [one for one in derivations() if one.source is type(self)]
        watched = {name for one in mine for name in one.fields if written is None or name in written}
        if self._state.adding or not watched:
            save(update_fields=written)
            return
        with transaction.atomic():
            stored = type(self)._base_manager.select_for_update().filter(pk=self.pk).values(*watched).first() or {}
            save(update_fields=written)
            changed = {name for name, value in stored.items() if value != getattr(self, name)}
            for one in mine:
                if changed.intersection(one.fields):
                    one.write([self.pk])
