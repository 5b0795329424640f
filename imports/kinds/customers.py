"""Customers from a file."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.contact_copies import copies_to_change, may_change_copies
from accounts.models import Contact, Customer, Label, Location, User
from accounts.own_ids import key_in
from accounts.services.customer_sheets import (
    PLACE_FIELDS,
    contact_changes,
    create_customers,
    customer_differences,
    customers_touched_since,
    delete_customers,
    lock_customers,
    restore_customer_before,
    update_customer,
    used_customers,
)
from audit.normal_form import normal_form
from console.reach import keys_beyond_reach, limits_of, only_within_reach
from imports.choices import Existing, RecordKind, RowState
from imports.columns import Column, is_own, says_the_same
from imports.columns.customers import CustomerDraft, LocationField
from imports.columns.identifiers import lost_its_zeros, zeros_stay
from imports.kinds.base import ImportKind, Undone, WrittenRow, beyond_reach, names_of_customers
from imports.plan import Planned
from jobs.services.contacts import restore_contacts_of_jobs

Key = tuple[str, str]
Row = Planned[Customer, CustomerDraft]


def _says_so(column: Column[Customer, CustomerDraft], customer: Customer, value: object) -> bool:
    """Does the customer say that already? Addresses of mail are read in small letters."""
    now = column.target.read(customer)
    return says_the_same(now.lower() if isinstance(now, str) and column.key.endswith("_email") else now, value)


class CustomerImport(ImportKind[Customer, CustomerDraft]):
    """Each row a customer, found again by her external ID, or by her name where the row has none."""

    kind, model = RecordKind.CUSTOMERS, Customer
    add_permission, change_permission = "accounts.add_customer", "accounts.change_customer"

    def __init__(
        self, *, by: User, existing: str = Existing.SKIP, announce: bool = True, change_open_jobs: bool = False
    ) -> None:
        super().__init__(by=by, existing=existing, announce=announce, change_open_jobs=change_open_jobs)
        self._seen: set[Key] = set()
        self._open_jobs = 0
        self._known_labels: dict[str, str] | None = None

    def required(self) -> list[str]:
        return ["name"]

    def missing(self, mapped: Collection[str]) -> list[str]:
        sentences = []
        recognised = {"external_id", "portico_id"} & set(mapped)
        if "name" not in mapped and not (self.existing == Existing.UPDATE and recognised):
            sentences.append(_("Say which column holds the customers' names."))
        limits = limits_of(self.by)
        if limits is not None and limits.customers_limited:
            sentences.append(_("You see only certain customers, so you cannot import others."))
        return sentences

    def known_names(self, key: str) -> list[tuple[str, str]]:
        if key == "labels":
            return [(name, name) for name in self._labels().values()]
        if key in ("name", "external_id"):
            return names_of_customers(self.by, "customer" if key == "name" else "customer_id")
        return []

    def _labels(self) -> dict[str, str]:
        """{normal form: name} of the labels there are; asked once for a file."""
        if self._known_labels is None:
            self._known_labels = dict(Label.objects.order_by("-is_double").values_list("name_key", "name"))
        return self._known_labels

    def _take_new_names(self, row: Row, name: str | None, external_id: str | None) -> None:
        """Takes down whom the row would make, and which labels."""
        if name:
            self.fresh.add(name, row.number, column="external_id" if external_id else "name", theirs=external_id or "")
        labels = row.values.get("labels")
        for label in labels if isinstance(labels, list) else ():
            if normal_form(label) not in self._labels():
                self.fresh.add(label, row.number, column="labels")

    # --- judging

    def judge(self, rows: Sequence[Row]) -> None:
        there, own = self._there(rows), self._own(rows)
        contacts, places = self._around([*there.values(), *own.values()])
        changeable = [column for column in self.mapped if column.changeable]
        for row in rows:
            name, external_id = row.text("name"), row.text("external_id")
            keys: list[Key] = [(external_id, "")] if external_id else []
            if name:
                keys.append(("", normal_form(name)))
            if (own_id := row.text("portico_id")) is not None:
                customer = own.get(own_id)
                if not self._is_theirs(row, own_id, customer, there, keys):
                    continue
            else:
                customer = there.get(keys[0]) if keys else None
                if customer is None and self._is_again(row, keys):
                    continue
                if customer is None and not name and not row.has_problem_in("name"):
                    row.fail("name", "", _("is empty: a new customer needs a name"), "empty")
            if row.state == RowState.FAILED:
                continue
            row.draft = self.fill(CustomerDraft(), row, self.mapped if customer is None else changeable)
            if customer is None:
                self._take_new_names(row, name, external_id)
            else:
                row.existing, row.object_id, row.label = customer, customer.pk, customer.name
                row.draft = self._corrected(row, customer) if own_id is not None else row.draft
                self._compare(row, customer, row.draft, contacts[customer.pk], places[customer.pk])

        if may_change_copies(self.by):
            changed = [row for row in rows if any(name.startswith(("site.", "billing.")) for name in row.changes)]
            self._open_jobs += copies_to_change(
                {
                    row.existing.pk: contact_changes(row.draft.as_sheet(), row.existing, contacts[row.existing.pk])
                    for row in changed
                    if row.existing is not None and row.draft is not None
                },
                by=self.by,
            )

    def open_jobs(self) -> int:
        return self._open_jobs

    def _is_again(self, row: Row, keys: list[Key]) -> bool:
        """Does the customer stand further up in this file?"""
        if keys and keys[0] in self._seen:
            row.leave(_("stands in the file twice"))
            return True
        if row.state != RowState.FAILED:
            self._seen.update(keys[:1])
        return False

    def _own(self, rows: Sequence[Row]) -> dict[str, Customer]:
        """The customers that rows name by our ID, by that ID, as far as this person works with them."""
        said = {own_id for row in rows if (own_id := row.text("portico_id")) is not None}
        keys = {key: own_id for own_id in said if (key := key_in(Customer, own_id)) is not None}
        if not keys:
            return {}
        found = only_within_reach(self.by, Customer.objects.filter(pk__in=keys), "view")
        return {keys[customer.pk]: customer for customer in found.prefetch_related("contacts", "locations", "labels")}

    def _is_theirs(
        self, row: Row, own_id: str, customer: Customer | None, there: dict[Key, Customer], keys: list[Key]
    ) -> bool:
        """Is the row, which has our ID, about that customer, and sane? Else says on it what it is."""
        if customer is None:
            row.fail("portico_id", own_id, _("is the ID of none of your customers"), "no_customer")
            return False
        if (own_id, own_id) in self._seen:
            row.leave(_("stands in the file twice"))
            return False
        self._seen.add((own_id, own_id))
        external_id = row.text("external_id")
        is_other = external_id != customer.external_id and not lost_its_zeros(customer.external_id, external_id)
        if external_id is not None and is_other:
            other = there.get((external_id, ""))
            if (external_id, "") in self._seen or (other is not None and other.pk != customer.pk):
                row.fail("external_id", external_id, _("is taken already: give the customer another"), "taken")
        self._seen.update(keys[:1])
        return True

    def _corrected(self, row: Row, customer: Customer) -> CustomerDraft:
        """What the row of our own file says otherwise than its customer, and nothing else."""
        draft = CustomerDraft(corrects=True)
        place = False
        ruined: list[str] = []
        notes: list[str] = []
        for column in self.mapped:
            value = row.values.get(column.key)
            if value is None or is_own(column):
                continue
            if column.key == "labels":
                now = {label.name_key for label in customer.labels.all()}
                if isinstance(value, list) and {normal_form(name) for name in value} != now:
                    notes.append(_("differs in what no file changes: %s") % column.label)
            elif lost_its_zeros(column.target.read(customer), value):
                ruined.append(str(column.label))
            elif not _says_so(column, customer, value):
                column.target.assign(draft, value)
                place = place or isinstance(column.target, LocationField)
        if ruined:
            notes.append(zeros_stay(", ".join(ruined)))
        row.note = "; ".join(notes)
        if place:
            first = next(iter(customer.locations.all()), None)
            if first is not None:
                draft.location = {name: getattr(first, name) for name in PLACE_FIELDS} | draft.location
        return draft

    def _there(self, rows: Sequence[Row]) -> dict[Key, Customer]:
        said = [(row.text("external_id"), row.text("name")) for row in rows]
        ids = {external_id for external_id, _name in said if external_id}
        names = {name for external_id, name in said if name and not external_id}
        found = only_within_reach(self.by, Customer.objects.all(), "view")
        there: dict[Key, Customer] = {}
        for customer in found.filter(Q(external_id__in=ids) | Q(name_key__in=names)).order_by("-id"):
            there["", customer.name_key] = customer
            if customer.external_id:
                there[customer.external_id, ""] = customer
        return there

    @staticmethod
    def _around(there: Iterable[Customer]) -> tuple[dict[int, list[Contact]], dict[int, list[Location]]]:
        keys = {customer.pk for customer in there}
        contacts: dict[int, list[Contact]] = defaultdict(list)
        places: dict[int, list[Location]] = defaultdict(list)
        for contact in Contact.objects.filter(customer__in=keys):
            contacts[contact.customer_id].append(contact)
        for place in Location.objects.filter(customer__in=keys):
            places[place.customer_id].append(place)
        return contacts, places

    def _compare(
        self,
        row: Row,
        customer: Customer,
        draft: CustomerDraft,
        contacts: list[Contact],
        places: list[Location],
    ) -> None:
        if self.existing == Existing.SKIP:
            row.leave(_("is in Portico already"))
            return
        row.changes = customer_differences(customer, draft.as_sheet(), contacts, places)
        if row.changes:
            row.state = RowState.CHANGED
        else:
            row.leave(row.note or _("says what Portico says already"))

    # --- writing

    def write(self, rows: Sequence[Row]) -> None:
        made = [(row, row.draft.as_sheet()) for row in rows if row.state == RowState.MADE and row.draft is not None]
        customers = create_customers([sheet for _row, sheet in made], by=self.by)
        for (row, _sheet), customer in zip(made, customers, strict=True):
            row.object_id, row.label = customer.pk, customer.name
        for row in rows:
            if row.state == RowState.CHANGED and row.existing is not None and row.draft is not None:
                sheet = row.draft.as_sheet()
                update_customer(row.existing, sheet, by=self.by, change_open_jobs=self.change_open_jobs)

    # --- undoing

    def undo(self, rows: Sequence[WrittenRow], request_id: uuid.UUID) -> Undone:
        undone = Undone()
        by_key = {row.object_id: row for row in rows if row.object_id is not None}
        customers = lock_customers(by_key.keys())
        beyond = keys_beyond_reach(self.by, Customer, customers)
        touched = customers_touched_since(customers.keys() - beyond, request_id)
        made = [key for key in customers if by_key[key].state == RowState.MADE]
        touched = used_customers(made) | touched | dict.fromkeys(beyond, beyond_reach())
        names = self.names_of_kept(touched)
        undone.done += [row.pk for key, row in by_key.items() if key not in customers]
        restore_contacts_of_jobs(customers.keys() - touched.keys(), request_id, by=self.by)
        gone: list[Customer] = []
        for key, customer in customers.items():
            if key in touched:
                undone.kept.append((names[key], touched[key]))
                continue
            if by_key[key].state == RowState.MADE:
                gone.append(customer)
            else:
                restore_customer_before(customer, request_id, by=self.by)
                undone.restored += 1
            undone.done.append(by_key[key].pk)
        delete_customers(gone, by=self.by)
        undone.removed = len(gone)
        return undone

    def kept(self, keys: Sequence[int], request_id: uuid.UUID) -> int:
        touched = customers_touched_since(list(keys), request_id).keys() | used_customers(list(keys)).keys()
        return len(touched | keys_beyond_reach(self.by, Customer, keys))
