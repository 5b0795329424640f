"""What a model says about taking back its records, where saving and deleting them is not all of it.

Declared in the model, beside its history::

    take_back = TakeBack(remove=LazyFunction("accounts.services.workers.delete_worker"))

For a model of a package, and for one whose rule only a room above knows, that room adds it to
``audit.hooks.TAKE_BACK``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from django.db import models
from django.utils.functional import Promise

from audit.hooks import TAKE_BACK

if TYPE_CHECKING:
    from audit.act import By
    from audit.restore.plan import Plan, RestoreStep

# "remove" a record that the request created, "revert" one that it changed, "recreate" one that it deleted.
Action = Literal["remove", "revert", "recreate"]


class Remove(Protocol):
    """A service that deletes a record."""

    def __call__(self, one: Any, /, *, by: By) -> object: ...


@dataclass(frozen=True)
class TakeBack:
    """How records of one kind are taken back. What is not said is done as for any other kind.

    Sentences are translated lazily and may hold ``%(what)s`` for the record.

    ``before_save``: called with a record that gets old values back, or comes back, and its step: what is derived from
    its fields. ``after_save``: the same, once it is saved. ``remove``: the service that deletes a
    record, in place of its ``delete()``; the record is locked. All three run inside the act of the take-back.
    ``never``: actions that cannot be taken back at all; with the record it belongs to, it goes or stays away.
    ``kept``: the same, but the rest of the request is taken back without it.
    ``fixed``: fields that never get an old value back.
    ``refuse``: why this step cannot be done now, in a sentence; empty when it can.
    ``why_not_by``: why this person may not do it by hand either; empty when they may.
    ``lost``: what does not come back with a deleted record, besides what is found to belong to it and has no history.
    ``missed``: False for records without history that nobody misses when what they belong to comes back without them.
    """

    before_save: Callable[[Any, RestoreStep], None] | None = None
    after_save: Callable[[Any, RestoreStep], None] | None = None
    remove: Remove | None = None
    never: Mapping[Action, Promise] = field(default_factory=dict)
    kept: Mapping[Action, Promise] = field(default_factory=dict)
    fixed: Mapping[str, Promise] = field(default_factory=dict)
    refuse: Callable[[RestoreStep, Plan], str] | None = None
    why_not_by: Callable[[RestoreStep, Any], str] | None = None
    lost: Promise | None = None
    missed: bool = True


def never_taken_back(why: Promise) -> Mapping[Action, Promise]:
    """Return what ``never`` or ``kept`` holds when no action is taken back, for one reason."""
    return {"remove": why, "revert": why, "recreate": why}


_PLAIN = TakeBack()


def take_back_of(model: type[models.Model]) -> TakeBack:
    """Return what is said about a kind of record: by itself, or by a room that knows more of it."""
    own: TakeBack | None = getattr(model, "take_back", None)
    return own or TAKE_BACK.get(model._meta.label) or _PLAIN
