"""What follows from a single history row: its facts that depend on the record itself, and security events."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.dispatch import receiver
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from audit.history import customer_id_of, history_label_of
from audit.models import HistoryRow
from audit.watching import look_at


@receiver(pre_create_historical_record)
def name_the_row(
    sender: type[models.Model], instance: models.Model, history_instance: HistoryRow, **kwargs: Any
) -> None:
    """The record's name and customer at this moment, as ``History`` does for many at once.

    When a deletion cascades, the record's own parents may be gone already: then its last row knows.
    """
    try:
        history_instance.label = history_label_of(instance)
        history_instance.customer_ref = customer_id_of(instance)
    except ObjectDoesNotExist:
        pk = type(instance)._meta.pk.attname
        last = type(history_instance)._default_manager.filter(**{pk: getattr(instance, pk)}).first()
        if last is not None:
            history_instance.label, history_instance.customer_ref = last.label, last.customer_ref


@receiver(post_create_historical_record)
def look_at_the_row(
    sender: type[models.Model], instance: models.Model, history_instance: HistoryRow, **kwargs: Any
) -> None:
    """Notes what an administrator may have to answer for (``audit.watching``)."""
    look_at(instance, history_instance)
