"""What every job must satisfy, wherever it comes from: checked before a row is written, without a query a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter, le

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.excerpts import in_a_row
from audit.one_line import is_storable
from console.errors import Refused
from jobs.models import Job
from jobs.windows import why_no_window
from templates_app.values import TEXT_LIMIT

# Relations are records the caller holds; the rest is generated here.
_GIVEN = frozenset(
    {
        "external_id", "contact_name", "contact_email", "contact_phone", "address", "latitude", "longitude",
        "duration_minutes", "notes", "asset_id", "amount", "currency",
    }
)  # fmt: skip
_OTHERS = frozenset(field.name for field in Job._meta.fields) - _GIVEN
_TIMES = ("requested_start", "planned_start", "window_end")
# A file may bring what was done long ago.
_YEARS = range(1900, 2200)


# Text columns, and the most characters each takes.
_TEXTS = ("contact_name", "contact_email", "contact_phone", "address", "notes", "asset_id", "currency", "external_id")
_texts_of = itemgetter(*_TEXTS)
_LIMITS = [getattr(Job._meta.get_field(name), "max_length", None) or TEXT_LIMIT for name in _TEXTS]


@lru_cache(maxsize=10_000)
def _is_mail(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _is_plain(job: Job) -> bool:
    """Is there nothing about this job that needs a closer look? Most jobs of a large import are found good by this."""
    values = job.__dict__
    *texts, external_id = _texts_of(values)
    texts.append("" if external_id is None else external_id)
    try:
        together = "".join(texts)
    except TypeError:
        return False
    if not together.isprintable() and not together.replace("\n", " ").isprintable():
        return False
    if not all(map(le, map(len, texts), _LIMITS)):
        return False
    if values["contact_email"] and not _is_mail(values["contact_email"]):
        return False
    amount, duration = values["amount"], values["duration_minutes"]
    if amount is not None and not (
        isinstance(amount, Decimal) and abs(amount) < 10**9 and amount.as_tuple().exponent == -2
    ):
        return False
    if values["latitude"] is not None or values["longitude"] is not None or values["location_id"] is not None:
        return False
    if not isinstance(duration, int) or not 0 < duration < 10**6 or not values["currency"]:
        return False
    for name in _TIMES:
        moment = values[name]
        if moment is not None and (moment.tzinfo is None or moment.year not in _YEARS):
            return False
    end = values["window_end"]
    return end is None or not why_no_window(values["planned_start"], end)


def require_sane_jobs(jobs: Iterable[Job]) -> None:
    """Raises ValidationError {field: sentences} for the first job with a value its column does not take, Refused for a
    location of somebody else's."""
    for job in jobs:
        if _is_plain(job):
            continue
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
            if moment is not None and moment.year not in _YEARS:
                problems[name] = [_("This is not a date of our time: %s.") % moment.date().isoformat()]
        if job.window_end is not None and (why := why_no_window(job.planned_start, job.window_end)):
            problems["window_end"] = [why]
        if problems:
            raise ValidationError(problems)
        if job.location is not None and job.location.customer_id != job.customer_id:
            raise Refused(_("The location belongs to another customer. Choose one of %s.") % job.customer)


def require_free_external_ids(external_ids: Sequence[str | None]) -> None:
    """Raises ValidationError {"external_id": ...} when one of them names a job already, or two of them are the same."""
    wanted = Counter(key for key in external_ids if key)
    if not wanted:
        return
    taken = set(Job.objects.filter(external_id__in_set=wanted).values_list("external_id", flat=True))
    taken |= {key for key, times in wanted.items() if times > 1}
    if taken:
        raise ValidationError(
            {"external_id": [_("A job with this external ID exists: %s.") % in_a_row(sorted(filter(None, taken)))]}
        )
