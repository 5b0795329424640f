"""Portal users from a file: invited in bulk."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, PortalUser, User
from accounts.own_ids import key_in
from audit.changelog import history_of
from audit.normal_form import normal_form
from console.errors import NotAllowed, Refused
from console.reach import keys_beyond_reach, limits_of, only_within_reach
from imports.choices import Existing, RecordKind, RowState
from imports.columns import Column, says_the_same
from imports.columns.identifiers import lost_its_zeros, zeros_stay
from imports.columns.portal_users import PortalUserDraft
from imports.kinds.base import (
    AMBIGUOUS,
    Ambiguous,
    ImportKind,
    Undone,
    WrittenRow,
    beyond_reach,
    names_of_customers,
    only_to_look_at,
)
from imports.plan import Planned
from permissions.eyes import (
    require_sight_of_what_new_people_see,
    require_sight_of_what_they_see,
    sees_more,
    who_sees_more,
)
from permissions.services.portal_users import (
    invite_portal_user,
    link_customer,
    lock_portal_users,
    remove_portal_user,
    require_no_greater_account,
    save_portal_user,
    unlink_customer,
)

Row = Planned[PortalUser, PortalUserDraft]
# Customers by (external ID, "") and by ("", name).
Known = dict[tuple[str, str], Customer | Ambiguous]


class PortalUserImport(ImportKind[PortalUser, PortalUserDraft]):
    """Each row a person who may act for a customer: invited if she is new, linked if she has a login."""

    kind, model = RecordKind.PORTAL_USERS, PortalUser
    add_permission, change_permission = "accounts.add_portaluser", "accounts.change_portaluser"

    def __init__(
        self, *, by: User, existing: str = Existing.SKIP, announce: bool = True, change_open_jobs: bool = False
    ) -> None:
        super().__init__(by=by, existing=existing, announce=announce, change_open_jobs=change_open_jobs)
        self._seen: set[tuple[str, int]] = set()
        self._seen_ids: set[str] = set()

    def required(self) -> list[str]:
        return ["email", "customer"]

    def missing(self, mapped: Collection[str]) -> list[str]:
        sentences: list[str] = []
        if "portico_id" in mapped:
            # Our own file: who the people are is known. A row without an ID says itself what it lacks.
            return sentences
        if "email" not in mapped:
            sentences.append(_("Say which column holds the e-mail addresses."))
        if not {"customer", "customer_id"} & set(mapped):
            sentences.append(_("Say for which customers they act: choose a column, or a fixed customer."))
        return sentences

    def sample_of(self, column: Column[PortalUser, PortalUserDraft]) -> str:
        customer = Customer.objects.visible_to(self.by).current().order_by("name").first()
        if customer and column.key in ("customer", "customer_id"):
            return customer.name if column.key == "customer" else customer.external_id or ""
        return super().sample_of(column)

    def known_names(self, key: str) -> list[tuple[str, str]]:
        return names_of_customers(self.by, key) if key in ("customer", "customer_id") else []

    # --- judging

    def judge(self, rows: Sequence[Row]) -> None:
        customers, people, own = self._customers(rows), self._people(rows), self._own(rows)
        linked_to = {link.customer_id for person in (*people.values(), *own.values()) for link in person.links.all()}
        seen = linked_to - keys_beyond_reach(self.by, Customer, linked_to, "view")
        workable = {one.pk for one in customers.values() if isinstance(one, Customer)}
        workable -= keys_beyond_reach(self.by, Customer, workable)
        refused = self._refused(people | {person.user.email: person for person in own.values()})
        for row in rows:
            if (own_id := row.text("portico_id")) is not None:
                self._judge_own(row, own_id, own.get(own_id), customers, seen, workable, refused)
                continue
            email = row.text("email")
            if email is None and not row.has_problem_in("email"):
                row.fail("email", "", _("is empty: nobody can be invited without an address"), "empty")
            if email == self.by.email:
                row.fail("email", email, _("is your own: somebody else has to link you"), "own")
            customer = self._customer_of(row, customers)
            if customer is not None and customer.pk not in workable:
                row.fail("customer", customer.name, only_to_look_at(), "out_of_reach")
            if row.state == RowState.FAILED or email is None or customer is None:
                continue
            row.found = {"customer": customer, "customer_id": customer}
            row.draft = self.fill(PortalUserDraft(), row, self.mapped)
            if (email, customer.pk) in self._seen:
                row.leave(_("stands in the file twice"))
                continue
            self._seen.add((email, customer.pk))
            person = people.get(email)
            why_not = refused.get(email if person is not None else None, "")
            if person is not None and person.state != PortalUserState.REMOVED:
                self._compare(row, person, customer, seen)
            if why_not and row.state != RowState.SKIPPED:
                row.changes = {}
                row.fail("email", email, why_not, "refused")

    def _judge_own(
        self,
        row: Row,
        own_id: str,
        person: PortalUser | None,
        customers: Known,
        seen: Collection[int],
        workable: Collection[int],
        refused: Mapping[str | None, str],
    ) -> None:
        """A row of our own file: who it is about is known by our ID; what it says otherwise is changed, or told."""
        if person is None:
            row.fail("portico_id", own_id, _("is the ID of none of your portal users"), "no_person")
            return
        if own_id in self._seen_ids:
            row.leave(_("stands in the file twice"))
            return
        self._seen_ids.add(own_id)
        row.existing, row.object_id, row.label = person, person.pk, person.user.email
        linked = [link.customer for link in person.links.all() if link.customer_id in seen]
        draft = PortalUserDraft()
        named = self._named_in(row, linked, customers)
        draft.more = [one for one in named if one not in linked]
        for customer in draft.more:
            if customer.pk not in workable:
                row.fail("customer", customer.name, only_to_look_at(), "out_of_reach")
        if row.state == RowState.FAILED:
            return
        now, more = [one.name for one in linked], [one.name for one in draft.more]
        changes: dict[str, tuple[object, object]] = {}
        if more:
            changes["customers"] = (", ".join(now), ", ".join(now + more))
        for key in ("full_name", "phone") if self.existing == Existing.UPDATE else ():
            said = row.values.get(key)
            before = getattr(person.user, key)
            if said is not None and not says_the_same(before, said) and not lost_its_zeros(before, said):
                changes[key] = (before, said)
        if changes and (why_not := self._why_not(person, changes, refused)):
            row.fail("portico_id", own_id, why_not, "refused")
            return
        row.draft, row.changes, row.note = draft, changes, self._untouched(row, person, linked, named)
        if changes:
            row.state = RowState.CHANGED
        else:
            row.leave(row.note or _("says what Portico says already"))

    def _named_in(self, row: Row, linked: Sequence[Customer], customers: Known) -> list[Customer]:
        """The customers that a cell names: one on each line, or with commas or semicolons between them. Fails the row
        if one is none."""
        theirs = {one.name_key: one for one in linked}
        named: list[Customer] = []
        if (external_id := row.text("customer_id")) is not None:
            named += [one] if (one := self._meant(row, (external_id, ""), external_id, customers)) else []
        names: list[str] = []
        for line in (row.text("customer") or "").splitlines():
            names += next((names for names in _ways_to_split(line) if _is_known(names, theirs, customers)), [line])
        for name in names:
            key = normal_form(name)
            customer = theirs.get(key) or self._meant(row, ("", key), name, customers)
            if customer is not None and customer not in named:
                named.append(customer)
        return named

    @staticmethod
    def _meant(row: Row, key: tuple[str, str], said: str, customers: Known) -> Customer | None:
        customer = customers.get(key)
        if isinstance(customer, Ambiguous):
            row.fail("customer", said, _("is the name of several customers: use the external ID"), "ambiguous")
        elif customer is None:
            row.fail("customer", said, _("is not a customer: import customers first"), "unknown")
        elif customer.archived_at is not None:
            row.fail("customer", said, _("is an archived customer"), "archived")
        else:
            return customer
        return None

    def _why_not(self, person: PortalUser, changes: Collection[str], refused: Mapping[str | None, str]) -> str:
        """Why whoever imports may not change that of a person; empty when they may."""
        if person.state == PortalUserState.REMOVED:
            return _("was removed: invite this person again instead")
        if "customers" in changes:
            if person.user_id == self.by.pk:
                return _("is your own: somebody else has to link you")
            return refused.get(person.user.email, "")
        try:
            require_no_greater_account(person.user, self.by)
        except NotAllowed as refusal:
            return str(refusal)
        return ""

    def _untouched(self, row: Row, person: PortalUser, linked: Sequence[Customer], named: Sequence[Customer]) -> str:
        """What the row says otherwise, and no file changes; in a sentence."""
        labels = {column.key: str(column.label) for column in self.mapped}
        differs = []
        if (email := row.text("email")) is not None and email != person.user.email.lower():
            differs.append(labels["email"])
        if named and any(one not in named for one in linked):
            # A file lets people in, and shuts nobody out.
            differs.append(labels.get("customer") or labels["customer_id"])
        notes = [_("differs in what no file changes: %s") % ", ".join(differs)] if differs else []
        if lost_its_zeros(person.user.phone, row.values.get("phone")):
            notes.append(zeros_stay(labels["phone"]))
        return "; ".join(notes)

    @staticmethod
    def _compare(row: Row, person: PortalUser, customer: Customer, seen: Collection[int]) -> None:
        """``seen``: keys of the customers that may be named to whoever imports."""
        row.existing, row.object_id, row.label = person, person.pk, person.user.email
        linked = [link.customer for link in person.links.all() if link.customer_id in seen]
        if customer in linked:
            row.leave(_("acts for this customer already"))
        else:
            now = ", ".join(one.name for one in linked)
            row.state = RowState.CHANGED
            row.changes = {"customers": (now, ", ".join(filter(None, (now, customer.name))))}

    def _refused(self, people: Mapping[str, PortalUser]) -> dict[str | None, str]:
        """Why whoever imports may not hand out a key to these people, by address, and under None to a new one: what
        the services will say when the rows are written (decision 0090)."""
        more = who_sees_more(list(people.values()), self.by)
        refused: dict[str | None, str] = {email: sees_more() for email, one in people.items() if one.pk in more}
        checks: dict[str | None, Callable[[], None]] = {None: partial(require_sight_of_what_new_people_see, self.by)}
        for email, person in people.items():
            if person.state == PortalUserState.REMOVED:
                checks[email] = partial(require_sight_of_what_they_see, person, self.by)
        for address, check in checks.items():
            try:
                check()
            except NotAllowed as refusal:
                refused[address] = str(refusal)
        return refused

    def _customers(self, rows: Sequence[Row]) -> Known:
        ids = {row.text("customer_id") for row in rows} - {None}
        said = {name for row in rows if (name := row.text("customer")) is not None}
        names = said | {
            name
            for row in rows
            if "portico_id" in row.values
            for line in (row.text("customer") or "").splitlines()
            for names in _ways_to_split(line)
            for name in names
        }
        found = Customer.objects.visible_to(self.by)
        known: Known = {}
        wanted = found.filter(Q(external_id__in=ids) | Q(name_key__in=names))
        # Archived ones last: one of them answers to a name that nobody else has.
        for customer in wanted.order_by(F("archived_at").desc(nulls_first=True)):
            if customer.external_id:
                known[customer.external_id, ""] = customer
            key = ("", customer.name_key)
            if key not in known:
                known[key] = customer
            elif customer.archived_at is None:
                known[key] = AMBIGUOUS
        return known

    @staticmethod
    def _customer_of(row: Row, customers: Known) -> Customer | None:
        external_id, name = row.text("customer_id"), row.text("customer")
        if external_id is None and name is None:
            if not row.has_problem_in("customer"):
                row.fail("customer", "", _("is empty: say for whom this person acts"), "empty")
            return None
        customer = customers.get((external_id, "") if external_id is not None else ("", normal_form(str(name))))
        if isinstance(customer, Ambiguous):
            row.fail("customer", name, _("is the name of several customers: use the external ID"), "ambiguous")
            return None
        if customer is None:
            row.fail("customer", name or external_id, _("is not a customer: import customers first"), "unknown")
        elif customer.archived_at is not None:
            row.fail("customer", name or external_id, _("is an archived customer"), "archived")
        return customer

    def _own(self, rows: Sequence[Row]) -> dict[str, PortalUser]:
        """The people whom rows name by our ID, by that ID, as far as this person works with them."""
        said = {own_id for row in rows if (own_id := row.text("portico_id")) is not None}
        keys = {key: own_id for own_id in said if (key := key_in(PortalUser, own_id)) is not None}
        if not keys:
            return {}
        found = only_within_reach(self.by, PortalUser.objects.filter(pk__in=keys).select_related("user"))
        return {keys[person.pk]: person for person in found.prefetch_related("links__customer")}

    def _people(self, rows: Sequence[Row]) -> dict[str, PortalUser]:
        """Portal users by address. Whom this person can't see is as if not there: a file tells no address that has a
        login elsewhere."""
        addresses = {row.text("email") for row in rows} - {None}
        found = PortalUser.objects.filter(user__email__in=addresses).select_related("user")
        found = only_within_reach(self.by, found, "view")
        return {person.user.email: person for person in found.prefetch_related("links__customer")}

    # --- writing

    def write(self, rows: Sequence[Row]) -> None:
        changed = [row for row in rows if row.state == RowState.CHANGED]
        invited: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.state == RowState.MADE and (email := row.text("email")):
                invited[email].append(row)
        for email, those in invited.items():
            try:
                self._invite(email, those)
            except Refused as refusal:
                for row in those:
                    row.fail("email", email, str(refusal), "refused")
        for row in changed:
            if row.existing is not None and row.draft is not None:
                customers = [row.draft.customer, *row.draft.more]
                try:
                    self._change(row, row.existing, [one for one in customers if one is not None])
                except Refused as refusal:
                    row.fail("email", row.label, str(refusal), "refused")

    @transaction.atomic
    def _change(self, row: Row, person: PortalUser, customers: Sequence[Customer]) -> None:
        for customer in customers:
            link_customer(person, customer, by=self.by)
        said = {key: str(new) for key, (_old, new) in row.changes.items() if key != "customers"}
        if said:
            user = person.user
            name, phone = said.get("full_name", user.full_name), said.get("phone", user.phone)
            save_portal_user(person, name=name, email=user.email, phone=phone, by=self.by)

    def _invite(self, email: str, rows: Sequence[Row]) -> None:
        """Invites a person to the customers of her rows. What they say of herself is taken from the first that does."""
        drafts = [row.draft for row in rows if row.draft is not None]
        said: dict[str, str] = {}
        for draft in drafts:
            said = draft.invitation | said
        customers = [draft.customer for draft in drafts if draft.customer is not None]
        limited = limits_of(self.by) is not None
        had_a_login = limited and PortalUser.objects.present().filter(user__email=email).exists()
        invited = invite_portal_user(**said, customers=customers, by=self.by)
        for row in rows:
            row.object_id, row.label = invited.person.pk, email
            if had_a_login:
                # Was hidden from this person: an undo takes the link back, not the login.
                row.state = RowState.CHANGED

    # --- undoing

    def undo(self, rows: Sequence[WrittenRow], request_id: uuid.UUID) -> Undone:
        undone = Undone()
        people = lock_portal_users({row.object_id for row in rows if row.object_id is not None})
        log = history_of(CustomerLink).model.objects.filter(request_id=request_id, history_type="+")
        links = CustomerLink.objects.filter(pk__in=set(log.values_list("id", flat=True)), portal_user__in=people)
        by_person: dict[int, list[CustomerLink]] = defaultdict(list)
        for link in links.select_related("customer", "portal_user"):
            by_person[link.portal_user_id].append(link)
        seen: set[int] = set()
        # Whoever was invited is removed whole; of the others only the link goes.
        made = {row.object_id for row in rows if row.object_id and row.state == RowState.MADE}
        beyond = set(keys_beyond_reach(self.by, PortalUser, made & people.keys()))
        linked = {link.pk: key for key, some in by_person.items() if key not in made for link in some}
        beyond |= {linked[pk] for pk in keys_beyond_reach(self.by, CustomerLink, linked)}
        names = self.names_of_kept(people)
        for row in rows:
            person = people.get(row.object_id) if row.object_id else None
            if person is None or person.pk in seen or person.state == PortalUserState.REMOVED:
                undone.done.append(row.pk)
                continue
            if person.pk in beyond:
                undone.kept.append((names[person.pk], beyond_reach()))
                continue
            if row.state == RowState.MADE and person.state != PortalUserState.INVITED:
                undone.kept.append((names[person.pk], _("has come in since: %s") % person.get_state_display()))
                continue
            if row.state == RowState.MADE and person.links.count() > len(by_person[person.pk]):
                undone.kept.append((names[person.pk], _("was linked to another customer since")))
                continue
            seen.add(person.pk)
            try:
                with transaction.atomic():
                    why = self._take_back(row, person, by_person[person.pk], request_id)
            except NotAllowed as refusal:
                # Granted no more, or on the staff since: the others are taken back.
                why = str(refusal)
            if why:
                undone.kept.append((names[person.pk], why))
                continue
            if row.state == RowState.MADE:
                undone.removed += 1
            else:
                undone.restored += 1
            undone.done.append(row.pk)
        return undone

    def _take_back(
        self, row: WrittenRow, person: PortalUser, links: Sequence[CustomerLink], request_id: uuid.UUID
    ) -> str:
        """Removes whom the run invited; of another it takes the links, and what it changed. Why not, in a sentence."""
        if row.state == RowState.MADE:
            remove_portal_user(person, by=self.by)
            return ""
        for link in links:
            unlink_customer(link, by=self.by)
        return self._restore(person, request_id)

    def _restore(self, person: PortalUser, request_id: uuid.UUID) -> str:
        """Gives a person the name and the telephone back that the run changed; why not, where somebody did since."""
        log = history_of(User).filter(id=person.user_id).order_by("history_id")
        ours = log.filter(request_id=request_id).first()
        before = log.filter(history_id__lt=ours.history_id).last() if ours is not None else None
        if ours is None or before is None:
            return ""
        was, is_now = (before.full_name, before.phone), (person.user.full_name, person.user.phone)
        if is_now not in (was, (ours.full_name, ours.phone)):
            return _("has another name or telephone since")
        save_portal_user(person, name=before.full_name, email=person.user.email, phone=before.phone, by=self.by)
        return ""


def _ways_to_split(line: str) -> Iterator[list[str]]:
    """A line as one name, or as several with semicolons or commas between them: a name may hold either."""
    yield [line]
    for sign in ";,":
        if sign in line:
            yield [name for part in line.split(sign) if (name := part.strip())]


def _is_known(names: Sequence[str], theirs: Collection[str], customers: Known) -> bool:
    keys = [normal_form(name) for name in names]
    return bool(keys) and all(key in theirs or ("", key) in customers for key in keys)
