"""Every row of every table, whom it hangs on, and what a request did to rows that it should have left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from accounts.models import Customer, PortalUser
from console.scope import Scope
from templates_app.models import JobTemplate
from tests.doors.readers import Reader
from tests.doors.world import World

# What a request may write for itself, whoever asks.
OWN_BUSINESS = (
    "sessions.", "axes.", "contenttypes.", "auth.permission", "admin.logentry", "jobs.jobnumber", "jobs.keptanswer",
    "jobs.portallinkattempt", "portal_site.", "otp_", "django_celery",
)  # fmt: skip
# Columns that change by looking, or by waiting.
BY_ITSELF = {
    "last_login",
    "browser_zone",
    "told_of_pause_at",
    "last_seen_at",
    "last_used_at",
    "last_opened_at",
    "opened_count",
    "updated_at",
}
Key = tuple[type[models.Model], Any]


@dataclass(frozen=True)
class Holders:
    """The primary keys of the customers, templates and accounts that a row hangs on."""

    customers: frozenset[int] = frozenset()
    templates: frozenset[int] = frozenset()
    owners: frozenset[int] = frozenset()

    def __or__(self, other: Holders) -> Holders:
        return Holders(self.customers | other.customers, self.templates | other.templates, self.owners | other.owners)


# Whom a person hangs on who acts for no customer yet.
NOBODY = -1


@dataclass
class Rows:
    """A picture of the database: {model: {primary key: {column: value}}}."""

    tables: dict[type[models.Model], dict[Any, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def taken(cls, of: set[str] | None = None) -> Rows:
        """A picture as it is now, of all tables or of those named."""
        rows = cls()
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label_lower.startswith(OWN_BUSINESS) or not model._meta.managed:
                continue
            if of is None or model._meta.db_table in of:
                columns = [one.attname for one in model._meta.concrete_fields if one.attname not in BY_ITSELF]
                found = model._base_manager.order_by().values(*columns)
                rows.tables[model] = {row[model._meta.pk.attname]: row for row in found}  # type: ignore[union-attr]
        return rows

    @cached_property
    def customers_of_people(self) -> dict[int, frozenset[int]]:
        """{key of a portal user: keys of the customers they act for}."""
        link = apps.get_model("accounts.CustomerLink")
        found: dict[int, set[int]] = {key: set() for key in self.tables[PortalUser]}
        for row in self.tables[link].values():
            found.setdefault(row["portal_user_id"], set()).add(row["customer_id"])
        return {key: frozenset(customers) or frozenset({NOBODY}) for key, customers in found.items()}

    @cached_property
    def people_of_accounts(self) -> dict[int, int]:
        """{key of an account: key of its portal user}."""
        return {row["user_id"]: key for key, row in self.tables[PortalUser].items()}

    def holders(self, model: type[models.Model], row: dict[str, Any]) -> Holders:
        """Whom a row hangs on: by its model's scope where it has one, else by whatever it refers to."""
        scope: Scope | None = getattr(model, "scope", None)
        if scope is None and hasattr(tracked := getattr(model, "instance_type", None), "scope"):
            # A row of a history hangs on what the record hung on then, and on whom it was noted for.
            noted = frozenset({row["customer_ref"]} - {None}) if "customer_ref" in row else frozenset()
            return Holders(noted) | self.holders(tracked, row)
        if model is get_user_model():
            person = self.people_of_accounts.get(row["id"])
            return Holders(self.customers_of_people.get(person, frozenset())) if person else Holders()
        if scope is None:
            return self._by_references(model, row)
        found = Holders(
            frozenset(self._along(model, row, scope.customer)),
            frozenset(self._along(model, row, scope.template)),
            frozenset(self._along(model, row, scope.owner)),
        )
        for person in self._along(model, row, scope.portal_user):
            found |= Holders(self.customers_of_people.get(person, frozenset()))
        return found

    def _along(self, model: type[models.Model], row: dict[str, Any], path: str) -> Iterator[Any]:
        """The keys to which a path of lookups leads from a row."""
        if not path:
            return
        first, _blank, rest = path.partition("__")
        if first == "pk":
            yield row[model._meta.pk.attname]  # type: ignore[union-attr]
            return
        target = model._meta.get_field(first)
        if isinstance(target, models.ForeignKey):
            key = row.get(target.attname)
            if key is not None and not rest:
                yield key
            elif key is not None and key in self.tables.get(target.related_model, {}):  # type: ignore[call-overload]
                yield from self._along(target.related_model, self.tables[target.related_model][key], rest)  # type: ignore[arg-type, index]
            return
        own = row[model._meta.pk.attname]  # type: ignore[union-attr]
        if isinstance(target, models.ManyToManyField):
            through, near = target.remote_field.through, target.m2m_field_name()
            for one in self.tables[through].values():  # type: ignore[index]
                if one[f"{near}_id"] == own:
                    yield one[f"{target.m2m_reverse_field_name()}_id"]
            return
        back = target.field  # type: ignore[union-attr]
        for one in self.tables[target.related_model].values():  # type: ignore[index]
            if one[back.attname] == own:
                yield from self._along(target.related_model, one, rest)  # type: ignore[arg-type]

    def _by_references(self, model: type[models.Model], row: dict[str, Any]) -> Holders:
        found = Holders()
        if "customer_ref" in row and row["customer_ref"] is not None:
            found |= Holders(frozenset({row["customer_ref"]}))
        for key in self.references(model, row):
            if key[0] is not get_user_model() and key[1] in self.tables.get(key[0], {}):
                found |= self.holders(key[0], self.tables[key[0]][key[1]])
        return found

    @staticmethod
    def references(model: type[models.Model], row: dict[str, Any]) -> Iterator[Key]:
        """The records a row refers to."""
        for one in model._meta.concrete_fields:
            if isinstance(one, models.ForeignKey) and row.get(one.attname) is not None:
                yield one.related_model, row[one.attname]  # type: ignore[misc]


def _somebody(holders: Holders) -> Holders:
    """Without those who act for nobody: whoever has no customer left was somebody's before."""
    return Holders(holders.customers - {NOBODY}, holders.templates, holders.owners)


class Guard:
    """Says which differences between two pictures were not for this reader to make."""

    def __init__(self, world: World, rows: Rows) -> None:
        self.rows = rows
        self.customers = {one.pk: name for name, one in world.customers.items() if one.pk in rows.tables[Customer]}
        self.templates = {one.pk: name for name, one in world.templates.items() if one.pk in rows.tables[JobTemplate]}

    def place(self, holders: Holders) -> tuple[set[str], set[str]]:
        """The names of the customers and templates there were before: what somebody made just now is theirs."""
        customers = {self.customers.get(key, f"#{key}") for key in holders.customers if self._was(Customer, key)}
        templates = {self.templates.get(key, f"#{key}") for key in holders.templates if self._was(JobTemplate, key)}
        return customers, templates

    def _was(self, model: type[models.Model], key: int) -> bool:
        return key == NOBODY or key in self.rows.tables[model]

    def where(self, model: type[models.Model], key: Any) -> str:
        """Whom a row that was there hangs on, in words: A/T1."""
        customers, templates = self.place(self.rows.holders(model, self.rows.tables[model][key]))
        return "/".join((" ".join(sorted(customers)), " ".join(sorted(templates)))).strip("/")

    def is_unseen(self, reader: Reader, model: type[models.Model], key: Any) -> bool:
        """Was there such a record, and must this reader not even see it?"""
        row = self.rows.tables.get(model, {}).get(key)
        if row is None:
            return False
        holders = self.rows.holders(model, row)
        if holders.owners:
            return reader.user.pk not in holders.owners
        customers, templates = self.place(holders)
        seen = customers if reader.limit == "A" else templates
        return bool(seen) and reader.limit not in seen

    def wrongs(self, reader: Reader, after: Rows) -> list[str]:
        """Each row that was changed, removed or hung on something foreign, in words."""
        return list(self._wrongs(reader, after))

    def _wrongs(self, reader: Reader, after: Rows) -> Iterator[str]:
        now = Rows({**self.rows.tables, **after.tables})
        for model, rows in after.tables.items():
            before, name = self.rows.tables[model], model._meta.label
            for key in before.keys() - rows.keys():
                if self._is_beyond(reader, self.rows.holders(model, before[key])):
                    yield f"{name} {key} of {self.where(model, key)} was removed"
            for key, row in rows.items():
                was = before.get(key)
                if was == row:
                    continue
                if was is not None and self._is_beyond(reader, self.rows.holders(model, was)):
                    changed = ", ".join(sorted(one for one in row if row[one] != was[one]))
                    yield f"{name} {key} of {self.where(model, key)} was changed: {changed}"
                elif self._is_beyond(reader, _somebody(now.holders(model, row))):
                    yield f"{name} was {'made' if was is None else 'moved'} for what is foreign"
                else:
                    yield from self._attached(reader, model, was or {}, row)

    def _attached(
        self, reader: Reader, model: type[models.Model], was: dict[str, Any], row: dict[str, Any]
    ) -> Iterator[str]:
        # What a history says stood in the row before.
        if model.__name__.startswith("Historical"):
            return
        for target, key in set(Rows.references(model, row)) - set(Rows.references(model, was)):
            if self.is_unseen(reader, target, key):
                yield f"{target._meta.label} {key} of {self.where(target, key)} was named by a {model._meta.label}"

    def _is_beyond(self, reader: Reader, holders: Holders) -> bool:
        if holders.owners:
            return reader.user.pk not in holders.owners
        return reader.is_out_of_reach(*self.place(holders))
