"""Fills the facts of a single history row that depend on the record itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.dispatch import receiver
from simple_history.signals import pre_create_historical_record

from audit.history import customer_id_of, label_of


@receiver(pre_create_historical_record)
def name_the_row(sender: Any, instance: Any, history_instance: Any, **kwargs: Any) -> None:
    """The record's name and customer at this moment, as ``History`` does for many at once.

    When a deletion cascades, the record's own parents may be gone already: then its last row knows.
    """
    try:
        history_instance.label = label_of(instance)
        history_instance.customer_ref = customer_id_of(instance)
    except ObjectDoesNotExist:
        pk = type(instance)._meta.pk.attname
        last = type(history_instance)._default_manager.filter(**{pk: getattr(instance, pk)}).first()
        if last is not None:
            history_instance.label, history_instance.customer_ref = last.label, last.customer_ref
