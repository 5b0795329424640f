"""Making one customer of two: what hangs on the second moves to the first, and the second goes.

Can be taken back whole from history (``audit.restore``), because it is one act.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.db import models, transaction
from django.db.models import ForeignObjectRel, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from simple_history.utils import bulk_update_with_history

from accounts.models import Contact, Customer, CustomerLink
from accounts.services import save_customer
from accounts.services.customer_sheets import delete_customers
from audit.act import acting
from audit.derived import write_derived
from audit.wording import for_the_record
from console.errors import NotAllowed, Refused
from console.reach import By, keys_beyond_reach, limits_of, require_reach
from console.reader import Reader
from permissions.hooks import MERGE_LOCKS
from permissions.models import PermissionOverride
from permissions.services.kept_decisions import bring_together, meeting_decisions
from permissions.services.merged import MERGED
from permissions.services.moving_decisions import move_decisions, moving_decisions

Side = Literal["keep", "drop"]
# What a person may choose from either side. Everything else hangs on the customer and moves.
CHOOSABLE = ("name", "external_id", "payment_terms", "notes")


def merge_preview(drop: Customer, reader: Reader, keep: Customer | None = None) -> dict[str, int]:
    """Return what would move from a customer: {kind of record in words: how many of those the reader may see}.

    ``keep``: with the decisions that move from a link to that customer's link of the same person, and those kept from
    an earlier link of a person to one of the two, which hold on their link to the other.
    """
    found: dict[str, int] = {}
    for relation in _relations():
        count = reader.rows(relation.related_model._base_manager.filter(**{relation.field.name: drop})).count()
        meta = relation.related_model._meta
        if count:
            found[str(meta.verbose_name if count == 1 else meta.verbose_name_plural)] = count
    if keep is not None and (count := reader.rows(moving_decisions(drop, keep)).count()):
        found[ngettext("decision about a person", "decisions about a person", count)] = count
    if keep is not None and (count := _decisions_from_before(drop, keep, reader)):
        words = ngettext("decision from before that applies again", "decisions from before that apply again", count)
        found[words] = count
    return found


def _decisions_from_before(drop: Customer, keep: Customer, reader: Reader) -> int:
    """How many decisions kept for one of the two hold on links to the other, of those whom the reader may see."""
    if not reader.reads(PermissionOverride):
        return 0
    met = meeting_decisions(drop, keep)
    seen = reader.visible_keys(CustomerLink, [link.pk for link, _rows in met])
    return sum(len(rows) for link, rows in met if link.pk in seen)


def merge_customers(keep: Customer, drop: Customer, *, by: By, choices: Mapping[str, Side] | None = None) -> Customer:
    """Moves everything of ``drop`` to ``keep`` and deletes ``drop``; returns ``keep``.

    ``choices``: {field of CHOOSABLE: whose value wins}; where nothing is said, ``keep``'s, or ``drop``'s where ``keep``
    has none. Where both have the same (a link to the same person, a grant), ``keep``'s stays, with what was decided on
    either link (``move_decisions``); what is kept from a person's earlier link to one of the two holds on the link to
    the other. Raises Refused for a customer and itself, and for one that is gone; NotAllowed when ``by`` may not work
    with both, and with all that would move (jobs of other templates).
    """
    if keep.pk == drop.pk:
        raise Refused(_("Choose two different customers."))
    with transaction.atomic(), acting(by=by, reason=for_the_record(MERGED)):
        for lock_first in MERGE_LOCKS.values():
            lock_first([keep.pk, drop.pk])
        found = {c.pk: c for c in Customer.objects.select_for_update().filter(pk__in=[keep.pk, drop.pk])}
        if len(found) != 2:
            raise Refused(_("One of the two customers no longer exists."))
        keep, drop = found[keep.pk], found[drop.pk]
        require_reach(by, keep, drop)
        _require_reach_of_all(drop, by)
        wanted = _chosen(keep, drop, choices or {})
        labels = list(drop.labels.all())
        met = meeting_decisions(drop, keep)
        for relation in _relations():
            _move(relation, keep, drop)
        bring_together(met)
        delete_customers([drop], by=by)
        changed = [name for name, value in wanted.items() if getattr(keep, name) != value]
        for name in changed:
            setattr(keep, name, wanted[name])
        # Changed or not: the row says where the other one went (``permissions.services.merged``).
        save_customer(keep, by=by)
        # Once more for what has moved here, whatever became of the name.
        write_derived(Customer, [keep.pk])
        keep.labels.add(*labels)
        return keep


def _require_reach_of_all(drop: Customer, by: By) -> None:
    if limits_of(by) is None:
        return
    for relation in _relations():
        if relation.many_to_many:
            continue  # what names the one names the other then: nobody gains or loses by it
        rows = relation.related_model._base_manager.filter(**{relation.field.name: drop})
        if keys_beyond_reach(by, relation.related_model, rows.values_list("pk", flat=True)):
            raise NotAllowed(_("%s has records that were not granted to you, so you can't merge it away.") % drop)


def _chosen(keep: Customer, drop: Customer, choices: Mapping[str, Side]) -> dict[str, str | int | None]:
    if unknown := set(choices) - set(CHOOSABLE):
        raise KeyError(f"not a choice: {sorted(unknown)}")
    wanted = {}
    for name in CHOOSABLE:
        ours, theirs = getattr(keep, name), getattr(drop, name)
        side = choices.get(name) or ("drop" if ours in (None, "") else "keep")
        wanted[name] = theirs if side == "drop" else ours
    return wanted


def _relations() -> list[ForeignObjectRel]:
    """Every relation by which records hang on a customer, but history's own and those through a link table.

    Lists that name customers are among them, whether or not a customer knows of them: an alert for the one that goes is
    for the one that stays.
    """
    return [relation for relation in Customer._meta.related_objects if _hangs(relation)]


def _hangs(relation: ForeignObjectRel) -> bool:
    if isinstance(relation, models.ManyToManyRel):
        return relation.through is not None and bool(relation.through._meta.auto_created)
    return relation.related_name != "+"


def _move(relation: ForeignObjectRel, keep: Customer, drop: Customer) -> None:
    model, name = relation.related_model, relation.field.name
    if relation.many_to_many:
        for record in model._base_manager.filter(**{name: drop}):
            getattr(record, name).add(keep)
        return
    _drop_doubles(model, name, keep, drop)
    records = list(model._base_manager.filter(**{name: drop}))
    if model is Contact:
        _one_site_and_one_billing_contact([one for one in records if isinstance(one, Contact)], keep)
    for record in records:
        setattr(record, name, keep)
    _save_all(model, records, [name, *(["is_site_contact", "is_billing_contact"] if model is Contact else [])])


def _save_all(model: type[models.Model], records: list[models.Model], fields: list[str]) -> None:
    if hasattr(model._meta, "simple_history_manager_attribute"):
        bulk_update_with_history(records, model, fields, batch_size=500, manager=model._base_manager)
    else:
        model._base_manager.bulk_update(records, fields, batch_size=500)


def _drop_doubles(model: type[models.Model], name: str, keep: Customer, drop: Customer) -> None:
    """Where a pair is unique (person and customer), the second of two equal ones goes."""
    for others in _unique_with(model, name):
        doubles = Q(pk__in=[])
        for row in model._base_manager.filter(**{name: keep}):
            # Nothing to agree in where the customer is all of the rule.
            doubles |= Q(**{other: getattr(row, other) for other in others}) if others else ~Q(pk__in=[])
        for record in model._base_manager.filter(doubles, **{name: drop}):
            if isinstance(record, CustomerLink):
                move_decisions(record, CustomerLink.objects.get(portal_user=record.portal_user_id, customer=keep))
            record.delete()


def _unique_with(model: type[models.Model], name: str) -> list[list[str]]:
    """The other fields of each unconditional unique rule that holds the customer; none where the customer is all of
    it."""
    rules = [list(rule) for rule in model._meta.unique_together]
    # One to one: whichever it is, there can be one.
    rules += [[field.name] for field in model._meta.fields if field.name == name and field.unique]
    rules += [
        list(rule.fields)
        for rule in model._meta.constraints
        if isinstance(rule, models.UniqueConstraint) and rule.condition is None
    ]
    return [[other for other in rule if other != name] for rule in rules if name in rule]


def _one_site_and_one_billing_contact(moving: list[Contact], keep: Customer) -> None:
    for flag in ("is_site_contact", "is_billing_contact"):
        if Contact.objects.filter(customer=keep, **{flag: True}).exists():
            for contact in moving:
                setattr(contact, flag, False)
