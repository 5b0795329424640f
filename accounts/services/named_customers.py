"""Customers made in sets: by imports and by jobs that name a customer nobody knows yet."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.db.models import Q

from accounts.models import Contact, Customer
from audit.act import acting
from audit.bulk import insert
from audit.changelog import history_of
from audit.normal_form import normal_form
from audit.removal import delete_many
from console.reach import By, keys_beyond_reach, require_all_customers, require_reach

# Names, for PostgreSQL, the lock of whoever makes customers by name; nothing else may use this number.
MAKING_BY_NAME = 7_206_001


@dataclass(frozen=True)
class NewCustomer:
    """A customer as somebody names her: by external ID if there is one, else by name; and her site contact."""

    name: str
    external_id: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Two of the same identity are the same customer."""
        return (self.external_id, "") if self.external_id else ("", normal_form(self.name))


def find_or_create_customers(wanted: Sequence[NewCustomer], *, by: By) -> list[Customer]:
    """The customers of those names, in order: those there are, and new ones with their site contacts.

    An existing customer is used as she stands, never changed. Costs a fixed number of queries. Of several customers
    of one name the oldest is taken: who cannot have that names them by external ID.

    When it made some, nobody else makes any before the transaction ends. Whoever makes jobs too calls this first, then
    takes their numbers.
    """
    with transaction.atomic(), acting(by=by):
        known = _known(wanted)
        if any(new.identity not in known for new in wanted):
            one_name_at_a_time()
            known = _known(wanted)
        # One that this person can't see is answered like one that is not there.
        hidden = keys_beyond_reach(by, Customer, {customer.pk for customer in known.values()}, "view")
        if any(new.identity not in known or known[new.identity].pk in hidden for new in wanted):
            require_all_customers(by)
        require_reach(by, *(known[new.identity] for new in wanted if new.identity in known))
        made: dict[tuple[str, str], Customer] = {}
        contacts: list[Contact] = []
        for new in wanted:
            if new.identity in known or new.identity in made:
                continue
            customer = made[new.identity] = Customer(name=new.name, external_id=new.external_id or None)
            if new.contact_name or new.contact_email or new.contact_phone:
                contacts.append(
                    Contact(
                        customer=customer,
                        name=new.contact_name or new.name[:120],
                        email=new.contact_email,
                        phone=new.contact_phone,
                        is_site_contact=True,
                    )
                )
        insert(Customer, list(made.values()))
        for contact in contacts:
            contact.customer_id = contact.customer.pk
        insert(Contact, contacts)
        return [(known | made)[new.identity] for new in wanted]


def one_name_at_a_time() -> None:
    """Waits until nobody else is making customers by name, and lets nobody begin before this transaction ends.

    SQLite lets one writer in at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING_BY_NAME])


def _known(wanted: Sequence[NewCustomer]) -> dict[tuple[str, str], Customer]:
    ids = {new.external_id for new in wanted if new.external_id}
    names = {new.name for new in wanted if not new.external_id}
    found = Customer.objects.filter(Q(external_id__in=ids) | Q(name_key__in=names)).order_by("-id")
    known: dict[tuple[str, str], Customer] = {}
    for customer in found:
        known["", customer.name_key] = customer
        if customer.external_id:
            known[customer.external_id, ""] = customer
    return known


def uses_of_customers() -> Iterator[tuple[type[models.Model], models.QuerySet[models.Model], str]]:
    """How something may use a customer: (kind of record, rows that say so, the column with the customer's key)."""
    for relation in Customer._meta.related_objects:
        kind: type[models.Model] = relation.related_model
        if isinstance(relation, models.ManyToManyRel) and relation.through is not None:
            if relation.through._meta.auto_created:
                yield kind, relation.through._base_manager.all(), f"{relation.field.m2m_reverse_field_name()}_id"
        elif not relation.hidden:
            yield kind, kind._base_manager.all(), relation.field.attname


def delete_unused_customers(request_id: uuid.UUID, *, by: By) -> int:
    """Removes the customers an act made along, if nobody has touched or used them since; returns how many.

    ``request_id``: of the act. Used is a customer that anything but its own contacts hangs on, or that a list names (an
    alert). Those beyond the reach of ``by`` stay.
    """
    with transaction.atomic(), acting(by=by):
        history = history_of(Customer).model.objects
        made = set(history.filter(request_id=request_id, history_type="+").values_list("id", flat=True))
        # Locked: nobody touches them, or hangs anything on them, between the question and the end.
        there = Customer.objects.select_for_update(of=("self",)).filter(pk__in=made).order_by("pk")
        made &= set(there.values_list("pk", flat=True))
        made -= set(history.filter(id__in=made).exclude(request_id=request_id).values_list("id", flat=True))
        for kind, rows, name in uses_of_customers():
            if kind is not Contact:
                made -= set(rows.filter(**{f"{name}__in": made}).values_list(name, flat=True))
        contacts = history_of(Contact).model.objects.filter(customer_id__in=made)
        made -= set(contacts.exclude(request_id=request_id).values_list("customer_id", flat=True))
        made -= keys_beyond_reach(by, Customer, made)
        delete_many(Customer, made)
        return len(made)
