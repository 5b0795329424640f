"""The one kind of history there is: ``history = History()`` on a model, and nothing else.

A model may say which customer it concerns with ``history_customer_id()``, and hide fields (secrets) with
``History(excluded_fields=[...])``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from audit.act import current_act
from audit.emptiness import through_of
from audit.models import HistoryRow
from audit.referrers import keep_lists, referrers_of, write_losses
from audit.watching import look_at_many
from audit.wording import office_language

if TYPE_CHECKING:
    from audit.act import By
    from audit.private_hooks import Field, ManyToManyField


def customer_id_of(instance: models.Model) -> int | None:
    """The primary key of the customer a record concerns, or None when it concerns no single one."""
    ask = getattr(instance, "history_customer_id", None)
    return ask() if ask else None


def history_label_of(instance: models.Model) -> str:
    """The name of a record as the log keeps it, at most 200 characters."""
    with office_language():
        return str(instance)[:200]


def is_part_of(model: type[models.Model], other: type[models.Model]) -> bool:
    """Do records of this model go along with those of the other, whose history says it for both?"""
    manager = getattr(model._meta, "simple_history_manager_attribute", "")
    part_of = getattr(model, manager).model.part_of if manager else ""
    return bool(part_of) and model._meta.get_field(part_of).related_model is other


# What a row says of the act it was written in.
_ACT = ("history_date", "history_change_reason", "history_user_id", "actor", "history_source", "request_id")


def begin_history(record: models.Model) -> None:
    """Before the first change of a record that is part of another: how it stood, as made in the act that made both.

    To be called before it is saved. Does nothing where its history has begun, or the other's has no beginning.
    """
    model = type(record)
    name = getattr(model._meta, "simple_history_manager_attribute", "")
    history: type[HistoryRow] = getattr(model, name).model
    if history.objects.filter(**{model._meta.pk.name: record.pk}).exists():
        return
    before = model._base_manager.filter(pk=record.pk).first()
    if before is None:
        return
    birth = getattr(getattr(before, history.part_of), name).filter(history_type="+").order_by("history_id").first()
    if birth is not None:
        history.objects.create(
            history_type="+",
            label=history_label_of(before),
            customer_ref=customer_id_of(before),
            **{name: getattr(birth, name) for name in _ACT},
            **{field.attname: getattr(before, field.attname) for field in history.tracked_fields},
        )


def _owners_that_lose(
    field: ManyToManyField, instance: models.Model, pk_set: set[int] | None, *, reverse: bool
) -> set[int]:
    """The records whose list gets shorter: ``instance``, or from its other side those that name it. ``pk_set``: only
    as far as these are on the other side; None for all."""
    own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    here, there = (other, own) if reverse else (own, other)
    rows = through_of(field)._base_manager.filter(**{here: instance.pk})
    if pk_set is not None:
        rows = rows.filter(**{f"{there}__in": pk_set})
    return set(rows.values_list(f"{own}_id", flat=True))


class _Manager(HistoryManager[HistoryRow]):
    """Bulk history rows carry the same extra facts as single ones, and cost no query each."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet[Any]], class_name: str | None = None) -> type[_Manager]:
        """One class for all: simple-history makes a new one whenever a record's history is named."""
        return super().from_queryset(queryset_class, class_name)

    def bulk_history_create(
        self,
        objs: Iterable[models.Model],
        batch_size: int | None = None,
        update: bool = False,
        default_user: By = None,
        default_change_reason: str = "",
        default_date: datetime | None = None,
        custom_historical_attrs: dict[str, object] | None = None,
    ) -> list[HistoryRow]:
        act = current_act()
        common = {
            "history_date": default_date or timezone.now(),
            "history_user": default_user or act.by,
            "history_change_reason": default_change_reason or act.reason or None,
            "history_type": "~" if update else "+",
            **(custom_historical_attrs or {}),
        }
        fields = [field.attname for field in self.model.tracked_fields]
        rows = [
            self.model(
                **common,
                **{"label": history_label_of(instance), "customer_ref": customer_id_of(instance)}
                | {name: getattr(instance, name) for name in fields},
            )
            for instance in objs
        ]
        look_at_many(self.model.instance_type, len(rows), "~" if update else "+")
        written: list[HistoryRow] = self.model.objects.bulk_create(rows, batch_size=batch_size)
        if update:
            # simple-history leaves a record's lists out of rows that are written together. New records have none yet.
            pk = self.model.instance_type._meta.pk.attname
            keep_lists({getattr(row, pk): row for row in written})
        return written


class History(HistoricalRecords):
    """History with the person, the source, the request and the reason taken from the act under way.

    ``part_of``: the name of a relation to what the record belongs to. When both are made in one act, or go together,
    the other's history says it for both: the record's own begins when it is changed.
    """

    def __init__(self, part_of: str = "", **options: Any) -> None:
        self.part_of = part_of
        super().__init__(
            bases=(HistoryRow,),
            history_id_field=models.BigAutoField(),
            get_user=lambda instance=None, request=None, **_: current_act().by,
            history_manager=_Manager,
            **{"user_db_constraint": True} | options,
        )

    def _get_history_user_fields(self) -> dict[str, Field]:
        """Who did it is found by name (``actor``): an account nothing depends on needs no index either."""
        fields = super()._get_history_user_fields()
        if not self.user_db_constraint:
            vars(fields["history_user"])["db_index"] = False
        return fields

    def post_save(self, instance: models.Model, created: bool, using: str | None = None, **kwargs: Any) -> None:
        """A save of nothing but fields that history leaves out (the last visit) leaves no row."""
        saved = kwargs.get("update_fields")
        if not created and saved and set(saved) <= set(self.excluded_fields):
            return
        super().post_save(instance, created, using, **kwargs)

    def m2m_changed(
        self,
        instance: models.Model,
        action: str,
        attr: str,
        pk_set: set[int] | None,
        reverse: bool,
        **kwargs: Any,
    ) -> None:
        """A row for each record whose list changed, from whichever side it was changed; none where nothing did.

        simple-history writes one for the record at hand: from the other side (``label.customers.add``) for the label,
        and for what was on the list already as well.
        """
        field = self.cls._meta.get_field(attr)
        assert isinstance(field, models.ManyToManyField)
        if action in ("pre_clear", "pre_remove"):
            losers = _owners_that_lose(field, instance, pk_set, reverse=reverse)
            instance.__dict__.setdefault("_losing", {})[attr] = losers
        owners: Collection[int] = ()
        if action in ("post_clear", "post_remove"):
            owners = instance.__dict__.get("_losing", {}).pop(attr, ())
        elif action == "post_add" and pk_set:
            owners = pk_set if reverse else [instance.pk]
        if not owners:
            return
        if not reverse:
            super().m2m_changed(instance=instance, action=action, attr=attr, pk_set=pk_set, reverse=reverse, **kwargs)
            return
        for record in self.cls._base_manager.filter(pk__in=owners).order_by("pk"):
            self.create_historical_record(record, "~")

    def pre_delete(self, instance: models.Model, **kwargs: Any) -> None:
        """Remember what refers to the record: it is changed by the deletion."""
        super().pre_delete(instance, **kwargs)
        instance.__dict__["_referrers"] = referrers_of(type(instance), [instance.pk])

    def post_delete(self, instance: models.Model, using: str | None = None, **kwargs: Any) -> None:
        """No row for a record that goes with what it is a part of; one for each that referred to it."""
        origin: models.Model | models.QuerySet[models.Model] = kwargs.get("origin", instance)
        cause = origin.model if isinstance(origin, models.QuerySet) else type(origin)
        if not is_part_of(type(instance), cause):
            super().post_delete(instance, using, **kwargs)
        write_losses(instance.__dict__.pop("_referrers", {}))

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        """Keeps with the history of a model what that model is a part of."""
        super().finalize(sender, **kwargs)
        if self.cls is sender:
            getattr(sender, self.manager_name).model.part_of = self.part_of

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str) -> str | None:
        """The reason given with the act, unless the record brings one of its own."""
        return super().get_change_reason_for_object(instance, history_type, using) or current_act().reason or None
