"""The records that rows of jobs name: templates, workers and customers, looked up for a whole chunk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Customer, User, Worker
from accounts.services.named_customers import NewCustomer
from audit.normal_form import normal_form
from console.reach import keys_beyond_reach, limits_of
from imports.choices import RowState
from imports.columns.jobs import JobDraft
from imports.kinds.base import AMBIGUOUS, Ambiguous, only_to_look_at
from imports.new_names import NewNames
from imports.plan import Planned
from jobs.models import Job
from templates_app.models import JobTemplate

M = TypeVar("M", bound=models.Model)
Row = Planned[Job, JobDraft]


def _only_seen(by: User, model: type[M], records: Iterable[M]) -> set[int]:
    """Keys of those of the records that this person may see, but not work with."""
    return set(keys_beyond_reach(by, model, {record.pk for record in records}))


class KnownTemplates:
    """Templates by name or slug. ``needed``: each row has to name one."""

    def __init__(self, by: User, *, needed: bool) -> None:
        self.by, self.needed = by, needed
        self._known: dict[str, JobTemplate] | None = None
        self._only_seen: set[int] = set()

    def forget(self) -> None:
        """Somebody may have archived one since."""
        self._known = None

    def load(self) -> None:
        """Asks the database, unless that was done since ``forget``."""
        if self._known is None:
            self._known = {}
            # Of doubles from before, the one that is none counts.
            for template in JobTemplate.objects.visible_to(self.by).order_by("-is_double", "-pk"):
                self._known[template.name_key] = template
                self._known.setdefault(template.slug, template)
            self._only_seen = _only_seen(self.by, JobTemplate, self._known.values())

    def named(self, name: str) -> JobTemplate | None:
        """The template of that name; None where there is none."""
        known = self._known or {}
        return known.get(normal_form(name)) or known.get(slugify(name))

    def find(self, row: Row) -> JobTemplate | None:
        """The row's template. Fails the row if it names none that can be used."""
        name = row.text("template")
        if name is None:
            if self.needed and not row.has_problem_in("template"):
                row.fail("template", "", _("is empty: each job needs a template"), "empty")
            return None
        template = self.named(name)
        if template is None:
            row.fail("template", name, _("is not a template"), "unknown")
        elif template.archived_at:
            row.fail("template", name, _("is an archived template"), "archived")
        elif template.pk in self._only_seen:
            row.fail("template", name, only_to_look_at(), "out_of_reach")
        return template


class KnownWorkers:
    """Workers who work here, by name and by e-mail address."""

    def __init__(self) -> None:
        self._known: dict[str, Worker | Ambiguous] | None = None

    def forget(self) -> None:
        """Somebody may have left since."""
        self._known = None

    def load(self) -> None:
        """Asks the database, unless that was done since ``forget``."""
        if self._known is None:
            self._known = {}
            for worker in Worker.objects.filter(is_active=True):
                for name in filter(None, {worker.name_key, normal_form(worker.email)}):
                    self._known[name] = AMBIGUOUS if name in self._known else worker

    def named(self, name: str) -> Worker | Ambiguous | None:
        """The worker of that name, or of that e-mail address; None where there is none."""
        return (self._known or {}).get(normal_form(name))

    def find(self, row: Row) -> Worker | None:
        """The row's worker; None where it names none. Fails the row if the name is nobody's, or several people's."""
        name = row.text("worker")
        if name is None:
            return None
        worker = self.named(name)
        if worker is None:
            row.fail("worker", name, _("is not a worker"), "unknown")
        elif isinstance(worker, Ambiguous):
            row.fail("worker", name, _("is the name of several workers: use the e-mail address"), "ambiguous")
            return None
        return worker


class KnownCustomers:
    """Customers by external ID and by name; those the file names first are remembered for the whole of it.

    ``fresh``: takes in the name of each that would be made.
    """

    def __init__(self, by: User, fresh: NewNames) -> None:
        self.by, self.fresh = by, fresh
        limits = limits_of(by)
        limited = limits is not None and limits.customers_limited
        self._may_add = not limited and by.has_perm("accounts.add_customer")
        # By (external ID, "") and by ("", name); None for one that is not there.
        self._known: dict[tuple[str, str], Customer | Ambiguous | None] = {}
        self._only_seen: set[int] = set()
        # Who would be made, by the same keys.
        self.new: set[tuple[str, str]] = set()

    def load(self, rows: Iterable[Row]) -> None:
        """One query for all customers of the chunk that no earlier chunk named."""
        ids: set[str] = set()
        names: set[str] = set()
        # Each customer once, however many rows are hers.
        for external_id, name in {(row.values.get("customer_id"), row.values.get("customer")) for row in rows}:
            if external_id is not None and (str(external_id), "") not in self._known:
                ids.add(str(external_id))
            if name is not None and ("", normal_form(str(name))) not in self._known:
                names.add(normal_form(str(name)))
        if not ids and not names:
            return
        found = Customer.objects.visible_to(self.by).filter(Q(external_id__in=ids) | Q(name_key__in=names))
        fresh: dict[tuple[str, str], Customer | Ambiguous | None] = {(key, ""): None for key in ids}
        fresh |= {("", name): None for name in names}
        for customer in found.order_by("id"):
            if customer.external_id and (customer.external_id, "") in fresh:
                fresh[customer.external_id, ""] = customer
            key = ("", customer.name_key)
            if key in fresh:
                fresh[key] = AMBIGUOUS if fresh[key] is not None else customer
        self._known |= fresh
        self._only_seen |= _only_seen(self.by, Customer, (one for one in fresh.values() if isinstance(one, Customer)))

    def named(self, external_id: str | None, name: str | None) -> Customer | Ambiguous | None:
        """The customer of that external ID, or else of that name; None where there is none."""
        return self._known.get((external_id, "") if external_id is not None else ("", normal_form(str(name))))

    def find(self, row: Row) -> Customer | NewCustomer | None:
        """For whom the row is. Fails the row if that cannot be said, or may not be."""
        external_id, name = row.text("customer_id"), row.text("customer")
        if external_id is None and name is None:
            if not row.has_problem_in("customer"):
                row.fail("customer", "", _("is empty: each job needs a customer"), "empty")
            return None
        key = (external_id, "") if external_id is not None else ("", normal_form(str(name)))
        customer, said = self._known.get(key), name or external_id
        if isinstance(customer, Ambiguous):
            row.fail("customer", said, _("is the name of several customers: use the external ID"), "ambiguous")
            return None
        if customer is not None:
            if customer.archived_at:
                row.fail("customer", said, _("is an archived customer"), "archived")
            elif customer.pk in self._only_seen:
                row.fail("customer", said, only_to_look_at(), "out_of_reach")
            return customer
        if name is None:
            row.fail("customer_id", external_id, _("is not known, and the row names no customer"), "unknown")
            return None
        if not self._may_add:
            row.fail("customer", said, _("is not one of your customers, and you may not add any"), "out_of_reach")
            return None
        if row.state != RowState.FAILED:
            self.new.add(key)
            column = "customer" if external_id is None else "customer_id"
            self.fresh.add(name, row.number, column=column, theirs=external_id or "")
        return NewCustomer(
            name=name,
            external_id=external_id or "",
            contact_name=row.text("contact_name") or "",
            contact_email=row.text("contact_email") or "",
            contact_phone=row.text("contact_phone") or "",
        )

    def were_made(self, customers: dict[tuple[str, str], Customer]) -> None:
        """Told of customers that are there now."""
        self._known |= customers
