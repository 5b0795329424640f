"""Addresses customers wrote that nobody knows yet: kept as they are, and settled by the office."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.addresses import split_address
from accounts.models import Location
from accounts.services import save_location
from audit.act import acting
from audit.normal_form import folded
from jobs.models import Job
from jobs.services.changes import update_job
from jobs.services.life import locked
from templates_app.services import By


def settle_address(
    job: Job,
    *,
    by: By,
    address: str,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    keep: bool = False,
) -> Job:
    """Says that the address of a job is right now. ``keep``: as one of the customer's locations, for the next time;
    one she has already at that address is used, and learns its position.

    Raises ValidationError {"address" | "latitude": sentence} when there is none, or half a position.
    """
    if not address.strip():
        raise ValidationError({"address": _("Write where it is.")})
    if (latitude is None) != (longitude is None):
        raise ValidationError({"latitude": _("A position takes both: latitude and longitude.")})
    with transaction.atomic(), acting(by=by):
        job = locked(job, by=by)
        where: dict[str, Any] = {"address": address.strip(), "latitude": latitude, "longitude": longitude}
        if keep:
            where["location"] = _location_at(job, by, **where)
        return update_job(job, where | {"address_to_check": False}, by=by)


def _location_at(job: Job, by: By, *, address: str, latitude: Decimal | None, longitude: Decimal | None) -> Location:
    known = Location.objects.filter(customer=job.customer_id)
    place = next((one for one in known if same_address(one.address, address)), None)
    if place is None:
        street, postcode, city = split_address(address)
        place = Location(customer_id=job.customer_id, street=street[:200], postcode=postcode[:20], city=city[:100])
    if latitude is not None:
        place.latitude, place.longitude = latitude, longitude
    if place.pk is None or latitude is not None:
        save_location(place, by=by)
    return place


def same_address(one: str, other: str) -> bool:
    """Do two people mean the same by these? Letters and digits count, not how they are set."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> str:
    return "".join(character for character in folded(address) if character.isalnum())
