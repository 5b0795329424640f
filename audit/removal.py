"""Many records gone at once, with a history row of each: the counterpart of ``audit.bulk``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from django.db import connection, models, transaction
from django.db.models import CASCADE, DO_NOTHING, PROTECT, SET_NULL, ProtectedError

from audit.bulk import HISTORY_COLUMNS, Values, prepared_facts
from audit.history import is_part_of
from audit.in_set import as_array
from audit.private_hooks import delete_without_collecting
from audit.referrers import referrers_of, write_losses
from audit.watching import look_at_many

if TYPE_CHECKING:
    from audit.models import HistoryRow
    from audit.private_hooks import ForeignObject, OnDelete

# Keys named in one statement; SQLite takes 32,766 parameters at most.
MANY = 10_000


def delete_many(model: type[models.Model], keys: Collection[int]) -> None:
    """Deletes records and does to what hangs on them as the relations say, each with its row of history.

    Writes what ``QuerySet.delete`` would, in a number of queries that does not grow with the number of keys. Sends no
    signals. Raises ProtectedError when something protects one of them; then all are still there.
    """
    with transaction.atomic():
        _delete_all(model, list(keys), because_of=None)


def _delete_all(model: type[models.Model], keys: list[int], because_of: type[models.Model] | None) -> None:
    for start in range(0, len(keys), MANY):
        _delete(model, set(keys[start : start + MANY]), because_of)


def _delete(model: type[models.Model], keys: set[int], because_of: type[models.Model] | None) -> None:
    if because_of is None or not is_part_of(model, because_of):
        _write_history(model, list(keys))
    referrers = referrers_of(model, keys)
    for field, on_delete in _relations_to(model):
        hanging = field.model._base_manager.filter(**{f"{field.name}__in_set": keys})
        if on_delete is CASCADE:
            # Locked: what somebody is just hanging on one of these is seen below, or not written.
            theirs = hanging.select_for_update(of=("self",)).order_by().values_list("pk", flat=True)
            _delete_all(field.model, list(theirs), because_of=model)
        elif on_delete is SET_NULL:
            hanging.update(**{field.name: None})
        elif on_delete is PROTECT:
            if protecting := set(hanging[:1]):
                raise ProtectedError(f"{model._meta.label} is referred to by {field}", protecting)
        else:
            raise NotImplementedError(f"{field} asks for {on_delete} when {model._meta.label} is deleted")
    delete_without_collecting(model._base_manager.filter(pk__in_set=keys))
    write_losses(referrers)


def _relations_to(model: type[models.Model]) -> Iterator[tuple[ForeignObject, OnDelete]]:
    """Fields of other models that refer to this one, and what each asks for when a record goes: first, to go along."""
    relations = [
        (relation.field, relation.on_delete)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete not in (None, DO_NOTHING)
    ]
    yield from sorted(relations, key=lambda one: one[1] is not CASCADE)


def _write_history(model: type[models.Model], keys: list[int]) -> None:
    """Its fields as they stand, under the name it went by last. Its lists are empty then; the row before has them."""
    manager = getattr(model._meta, "simple_history_manager_attribute", "")
    if not manager:
        return
    look_at_many(model, len(keys), "-")
    history: type[HistoryRow] = getattr(model, manager).model
    quote = connection.ops.quote_name
    table, key = quote(history._meta.db_table), quote(str(model._meta.pk.column))
    tracked = [quote(str(field.column)) for field in history.tracked_fields]
    facts = prepared_facts(history, "-")
    params: Values
    if connection.vendor == "postgresql":
        which, params = "= ANY(%s)", [as_array(keys)]
    else:
        which, params = f"IN ({', '.join(['%s'] * len(keys))})", keys
    columns = ", ".join([*tracked, *map(quote, HISTORY_COLUMNS)])
    values = [f"now.{column}" for column in tracked]
    values += ["COALESCE(last.label, '')", "last.customer_ref", *["%s"] * len(facts)]
    # The newest rows are found all together: asked for one by one, a planner without figures reads the whole log each
    # time.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM {quote(model._meta.db_table)} now LEFT JOIN {table} last ON last.{key} = now.{key}"
            f" AND last.history_id IN (SELECT MAX(history_id) FROM {table} WHERE {key} {which} GROUP BY {key})"
            f" WHERE now.{key} {which}",
            [*facts, *params, *params],
        )
