"""Behind a portal link's one question: finding the link, counting the tries, noting that it was opened.

A wrong answer, a dead link and a link that never was cost the same here (docs/decisions/0010-guest-answers.md): a try
is counted by the token somebody came with, whether or not there is a link of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit.encryption import digest_of_token
from audit.token_columns import find_by_token
from jobs.models import PortalLink, PortalLinkAttempt

WINDOW = timedelta(minutes=15)
TRIES_PER_LINK = 5
TRIES_PER_ADDRESS = 20
# Tries hold network addresses of people: kept as long as somebody may ask about them.
TRIES_LIVE = timedelta(days=90)


def find_link(token: str) -> PortalLink | None:
    """The link of a token, alive or dead, with its job and what hangs on that, in one query; None if it never was."""
    loaded = ("job__customer", "job__template", "job__blueprint", "job__location", "job__worker")
    return find_by_token(PortalLink.objects.select_related(*loaded), token)


def begin_try(token: str, address: str | None) -> PortalLinkAttempt | None:
    """Counts a try, as a wrong one until it is judged; None when this link or this address had too many.

    ``address``: the network of the visitor (``audit.address.client_network``). Counted before it is judged: two at once
    cannot share one chance.
    """
    attempt = PortalLinkAttempt.objects.create(token_digest=digest_of_token(token), address=address)
    of_link, of_address = Q(token_digest=attempt.token_digest), Q(address=address) if address else Q(pk__in=[])
    failed = PortalLinkAttempt.objects.filter(of_link | of_address, succeeded=False, at__gt=timezone.now() - WINDOW)
    tries = failed.aggregate(link=Count("pk", filter=of_link), address=Count("pk", filter=of_address))
    if tries["link"] > TRIES_PER_LINK or tries["address"] > TRIES_PER_ADDRESS:
        attempt.delete()
        return None
    return attempt


def try_was_right(attempt: PortalLinkAttempt) -> None:
    """The answer was the right one: this try does not count against anybody."""
    attempt.succeeded = True
    attempt.save(update_fields=["succeeded"])


def right_tries(link: PortalLink) -> int:
    """How often this link was answered rightly in the last minutes."""
    since = timezone.now() - WINDOW
    return PortalLinkAttempt.objects.filter(token_digest=link.token_digest, succeeded=True, at__gt=since).count()


def note_opening(link: PortalLink) -> None:
    """Somebody proved herself and came in. A count, not a change anybody made: no history."""
    now = timezone.now()
    PortalLink.objects.filter(pk=link.pk).update(
        opened_count=F("opened_count") + 1, first_opened_at=Coalesce("first_opened_at", now), last_opened_at=now
    )


def newest_tries(link: PortalLink, count: int = 10) -> list[PortalLinkAttempt]:
    """The newest tries at a link, right and wrong, newest first."""
    return list(PortalLinkAttempt.objects.filter(token_digest=link.token_digest).order_by("-at")[:count])


def forget_tries(now: datetime | None = None) -> int:
    """Deletes tries that nobody will ask about any more; how many."""
    return PortalLinkAttempt.objects.filter(at__lt=(now or timezone.now()) - TRIES_LIVE).delete()[0]
