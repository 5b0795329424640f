"""What the office decided about a person and a customer outlives their link (decision 0089)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer, CustomerLink, PortalUser
from audit.act import Source, acting
from audit.restore import says_taken_back
from audit.wording import for_the_record
from business.catalogue import ANY_CUSTOMER
from console.reader import Reader, name_for
from permissions.models import PermissionOverride
from permissions.services.merged import Merge, merges_into, passed_on_to
from permissions.services.moving_decisions import SaidThen, wins


def kept_decisions(person: PortalUser, customer: Customer, *, going: CustomerLink | None = None) -> list[SaidThen]:
    """Return history rows of the overrides that a new link of the two takes up, one for each permission.

    The office's last word on each counts, on links to customers that became part of this one too: where both decided
    before that, a deny wins. What was set over the companion site ("not above the rights of the colleague who invited")
    is a colleague's; what was taken back, and what has ended, stays away. So does that the person may act for any
    customer, which goes as links do. ``going``: a link of the two that is still there, looked at as if it were gone.
    """
    merges = merges_into(customer.pk)
    customers = {customer.pk, *(merge.drop for merge in merges)}
    gone = CustomerLink.history.filter(history_type="-", portal_user_id=person.pk, customer_id__in=customers)
    # A link that went because the kept customer had one of the same person: what was decided on it moved there.
    acts = set(gone.exclude(request_id__in=[merge.request_id for merge in merges]).values_list("id", "request_id"))
    links = {link for link, _act in acts} | ({going.pk} if going else set())
    here = PermissionOverride.history.filter(link_id__in=links).values("id")
    # Also what was said of them on other links: a merge that was taken back moved them there again.
    rows: list[SaidThen] = list(PermissionOverride.history.filter(id__in=here).order_by("history_id"))
    never_made = _taken_back_whole(rows)
    last: dict[int | None, dict[str, SaidThen]] = {}
    colleagues: dict[int, tuple[str, str, datetime | None]] = {}
    for row in rows:
        while merges and merges[0].at <= row.history_date:
            _join(last, merges.pop(0))
        if row.history_id <= never_made.get(row.id, 0):
            continue
        said = (row.effect, row.reason, row.ends_at)
        if row.link_id not in links:
            _leave(last, row)
            if row.history_source == Source.PORTAL:
                colleagues[row.id] = said
            continue
        words = last.setdefault(row.customer_ref, {})
        if row.history_type == "-":
            if (row.link_id, row.request_id) not in acts:
                words.pop(row.permission, None)
        elif row.history_source == Source.PORTAL:
            colleagues[row.id] = said
        elif colleagues.get(row.id) != said:
            # Otherwise a removal was taken back, and the colleague's own word came with it.
            words[row.permission] = row
    for merge in merges:
        _join(last, merge)
    now = timezone.now()
    kept = last.get(customer.pk, {}).values()
    return [row for row in kept if (row.ends_at is None or row.ends_at > now) and not _is_any_customer(row)]


def _taken_back_whole(rows: list[SaidThen]) -> dict[int, int]:
    """Return the overrides whose making was taken back, with the last history row that counts for nothing by that."""
    made = {row.id: row.request_id for row in rows if row.history_type == "+"}
    ended = [row for row in rows if row.history_type == "-" and row.id in made]
    return {row.id: row.history_id for row in ended if says_taken_back(row.history_change_reason, made[row.id])}


def _leave(last: dict[int | None, dict[str, SaidThen]], gone: SaidThen) -> None:
    """Forget what an override said that is somewhere else now."""
    for words in last.values():
        if (said := words.get(gone.permission)) is not None and said.id == gone.id:
            del words[gone.permission]


def _join(last: dict[int | None, dict[str, SaidThen]], merge: Merge) -> None:
    ours = last.setdefault(merge.keep, {})
    for permission, row in last.pop(merge.drop, {}).items():
        if wins(row, ours.get(permission), merge.at):
            ours[permission] = row


def _is_any_customer(row: SaidThen) -> bool:
    return row.permission == ANY_CUSTOMER and row.effect == PermissionOverride.Effect.ALLOW


def bring_back_decisions(link: CustomerLink) -> int:
    """Put what the office decided before on a new link, and return how much that is.

    Portico does it, whoever links: they are not who decided, and may not be told.
    """
    kept = kept_decisions(link.portal_user, link.customer)
    _put(link, kept)
    return len(kept)


def meeting_decisions(drop: Customer, keep: Customer) -> list[tuple[CustomerLink, list[SaidThen]]]:
    """Return the links on which decisions kept for the other customer hold once the two are one, with these decisions.

    A person who is linked to one of the two, and was to the other: where both decide, ``wins`` says what holds.
    """
    both = {customer for one in (drop, keep) for customer in (one.pk, *passed_on_to(one.pk))}
    gone = CustomerLink.history.filter(history_type="-", customer_id__in=both)
    links = CustomerLink.objects.filter(customer__in=[drop, keep], portal_user__in=gone.values("portal_user_id"))
    links_to_both = CustomerLink.objects.filter(customer=drop, portal_user__links__customer=keep)
    links = links.exclude(portal_user__in=links_to_both.values("portal_user")).order_by("pk")
    found = []
    for link in links.select_related("portal_user__user").prefetch_related("overrides"):
        ours = {one.permission: one for one in link.overrides.all()}
        kept = kept_decisions(link.portal_user, keep if link.customer_id == drop.pk else drop)
        holding = [row for row in kept if wins(row, ours.get(row.permission), timezone.now())]
        if holding:
            found.append((link, holding))
    return found


def bring_together(met: list[tuple[CustomerLink, list[SaidThen]]]) -> None:
    """Put decisions that meet a link by a merge (``meeting_decisions``) on it, after the link has moved."""
    for link, rows in met:
        link.refresh_from_db()
        _put(link, rows)


def _put(link: CustomerLink, kept: list[SaidThen]) -> None:
    why = for_the_record(gettext_lazy("Decided on an earlier link to this customer"))
    with acting(actor="Portico", source=Source.SYSTEM, reason=why):
        for row in kept:
            said = {"effect": row.effect, "reason": row.reason, "ends_at": row.ends_at}
            PermissionOverride.objects.update_or_create(link=link, permission=row.permission, defaults=said)


def _may_read(customer: Customer, reader: Reader) -> bool:
    return reader.reads(PermissionOverride) and reader.may_see(customer)


def returning_decisions(person: PortalUser, customer: Customer, reader: Reader) -> dict[str, bool]:
    """Return what a new link of the two takes up, by permission: allowed or denied. Empty for who may not read it."""
    if not _may_read(customer, reader):
        return {}
    allow = PermissionOverride.Effect.ALLOW
    return {row.permission: row.effect == allow for row in kept_decisions(person, customer)}


def returning_words(person: PortalUser, customer: Customer, reader: Reader) -> str:
    """Return in a sentence how many decisions a new link brings back; empty for none, and for who may not read them."""
    count = len(returning_decisions(person, customer, reader))
    if not count:
        return ""
    said = ngettext(
        "%(count)d decision about %(person)s at %(customer)s from before applies again.",
        "%(count)d decisions about %(person)s at %(customer)s from before apply again.",
        count,
    )
    return said % {"count": count, "person": name_for(reader, person), "customer": customer}


def kept_words(link: CustomerLink, reader: Reader) -> str:
    """Return in a sentence how many decisions outlive a link that goes or is gone.

    Empty when there are none, and for who may not read them.
    """
    person, customer = link.portal_user, link.customer
    if not _may_read(customer, reader):
        return ""
    count = len(kept_decisions(person, customer, going=link if link.pk else None))
    if not count:
        return ""
    said = ngettext(
        "%(count)d decision is kept and applies again if %(person)s is linked to %(customer)s again.",
        "%(count)d decisions are kept and apply again if %(person)s is linked to %(customer)s again.",
        count,
    )
    return said % {"count": count, "person": person, "customer": customer}


def again_words(links: list[CustomerLink]) -> str:
    """Return in a sentence for the office how many decisions came back with links just made; empty for none."""
    count = PermissionOverride.objects.filter(link__in=links).count()
    if not count:
        return ""
    return ngettext("%d decision from before applies again.", "%d decisions from before apply again.", count) % count
