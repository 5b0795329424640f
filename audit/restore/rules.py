"""What an app says about taking back records of its own kinds, where saving and deleting them is not all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db import models
from django.utils.functional import Promise

if TYPE_CHECKING:
    from audit.restore.plan import Plan, RestoreStep

# "remove" a record that the request created, "revert" one that it changed, "recreate" one that it deleted.
Action = Literal["remove", "revert", "recreate"]


@dataclass(frozen=True)
class Rule:
    """How records of one kind are taken back. What is not said is done as for any other kind.

    Sentences are translated lazily and may hold ``%(what)s`` for the record.

    ``before_save``: called with a record that gets old values back, or comes back, and its step: what is derived from
    its fields. ``after_save``: the same, once it is saved. ``remove``: called with a record that is locked and is to
    go, in place of its ``delete()``. All three run inside the act of the take-back.
    ``never``: actions that cannot be taken back at all; with the record it belongs to, it goes or stays away.
    ``kept``: the same, but the rest of the request is taken back without it.
    ``fixed``: fields that never get an old value back.
    ``refuse``: why this step cannot be done now, in a sentence; empty when it can.
    ``why_not_by``: why this person may not do it by hand either; empty when they may.
    ``lost``: what does not come back with a deleted record, besides what is found to belong to it and has no history.
    """

    before_save: Callable[[Any, RestoreStep], None] | None = None
    after_save: Callable[[Any, RestoreStep], None] | None = None
    remove: Callable[[Any], None] | None = None
    never: Mapping[Action, Promise] = field(default_factory=dict)
    kept: Mapping[Action, Promise] = field(default_factory=dict)
    fixed: Mapping[str, Promise] = field(default_factory=dict)
    refuse: Callable[[RestoreStep, Plan], str] | None = None
    why_not_by: Callable[[RestoreStep, Any], str] | None = None
    lost: Promise | None = None


# {"app.Model": what its app says}. Filled by the apps.
RULES: dict[str, Rule] = {}
# Kinds of records without history ("app.Model") that nobody misses when what they belong to comes back without them.
UNMISSED: set[str] = set()
_PLAIN = Rule()


def rule_of(model: type[models.Model]) -> Rule:
    """Return what is said about a kind of record."""
    return RULES.get(model._meta.label, _PLAIN)
