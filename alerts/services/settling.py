"""What people say of messages that may or may not have arrived."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.choices import DeliveryState
from alerts.models import Delivery
from alerts.services.delivering import tell_source
from audit.act import acting, current_act
from console.errors import Refused
from console.reach import By, require_reach


def say_arrived(delivery: Delivery, *, by: By) -> Delivery:
    """An uncertain message did arrive: somebody asked its recipient. Kept with who said so, and when.

    Raises Refused for one that is not uncertain (any more).
    """
    require_reach(by, delivery)
    with transaction.atomic(), acting(by=by):
        delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        require_uncertain(delivery)
        settle(delivery, DeliveryState.DELIVERED)
        tell_source([delivery])
    return delivery


def require_uncertain(delivery: Delivery) -> None:
    """Raise Refused unless nobody knows what became of a message (locked)."""
    if delivery.state == DeliveryState.UNCERTAIN:
        return
    if delivery.settled_at is not None:
        raise Refused(_("This was settled meanwhile. %s") % delivery.reason)
    raise Refused(_("This message isn't uncertain: its state is “%s”.") % delivery.get_state_display())


def settle(delivery: Delivery, state: DeliveryState, reason: str = "") -> None:
    """Write down how an uncertain message (locked) was settled, who did, and why; inside their act."""
    delivery.state, delivery.settled_reason = state, reason[:200]
    delivery.settled_by, delivery.settled_at = current_act().actor[:200], timezone.now()
    delivery.save(update_fields=["state", "settled_by", "settled_at", "settled_reason"])
