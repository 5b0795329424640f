"""What every job must satisfy, whatever road it comes by: checked before a row is written, without a query a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import Job
from permissions.errors import Refused
from templates_app.values import TEXT_LIMIT, is_storable

# Relations are records the caller holds; the rest is generated here.
_GIVEN = frozenset(
    {
        "external_id", "contact_name", "contact_email", "contact_phone", "address", "latitude", "longitude",
        "duration_minutes", "notes", "asset_id", "amount", "currency",
    }
)  # fmt: skip
_OTHERS = frozenset(field.name for field in Job._meta.fields) - _GIVEN
_TIMES = ("requested_start", "planned_start")


def insist_on_sanity(jobs: Iterable[Job]) -> None:
    """Raises ValidationError {field: sentences} for the first job with a value its column does not take, Refused for a
    location of somebody else's."""
    for job in jobs:
        problems: dict[str, list[str]] = {}
        try:
            job.clean_fields(exclude=_OTHERS)
        except ValidationError as error:
            problems = error.message_dict
        for name in _GIVEN:
            value = getattr(job, name)
            if isinstance(value, str) and not is_storable(value):
                problems[name] = [_("This holds characters that are not text.")]
        if len(job.notes) > TEXT_LIMIT:
            problems["notes"] = [_("Notes are 10,000 characters at most.")]
        for name in _TIMES:
            moment = getattr(job, name)
            if moment is not None and timezone.is_naive(moment):
                raise ValueError(f"{name} must be aware.")
            if moment is not None and not 2000 <= moment.year < 2200:
                problems[name] = [_("This is not a date of our time: %s.") % moment.date().isoformat()]
        if problems:
            raise ValidationError(problems)
        if job.location is not None and job.location.customer_id != job.customer_id:
            raise Refused(_("The location belongs to another customer. Choose one of %s.") % job.customer)


def insist_on_free_external_ids(external_ids: Sequence[str | None]) -> None:
    """Raises ValidationError {"external_id": ...} when one of them names a job already, or two of them are the same."""
    wanted = Counter(key for key in external_ids if key)
    if not wanted:
        return
    taken = set(Job.objects.filter(external_id__in=wanted).values_list("external_id", flat=True))
    taken |= {key for key, times in wanted.items() if times > 1}
    if taken:
        raise ValidationError(
            {"external_id": [_("A job with this external ID exists: %s.") % ", ".join(sorted(taken))]}
        )
