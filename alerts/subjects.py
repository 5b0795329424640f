"""What an event is about, as alerts see it: how it is called, whom it concerns, who may hear of it.

``Subject`` is the protocol; a room above that announces records of its own brings another class of it, with its
``EventSource`` (``alerts.sources``). Why: docs/decisions/0092-events-of-any-record.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypedDict

from accounts.models import Customer, PortalUser, User
from alerts.choices import Audience
from console.scope import Reach
from jobs.models import Job, PortalLink
from permissions.resolver import Rights, decide
from templates_app.models import JobTemplate


@dataclass(frozen=True)
class Reachable:
    """Somebody whom messages can reach, if there is an address; empty texts where there is none."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class LinkedPeople:
    """The portal users linked to some customers, by the customer's primary key, and what each of them may."""

    by_customer: Mapping[int, Sequence[PortalUser]]
    rights: Mapping[int, Rights]


class SubjectColumns(TypedDict):
    """What the ledger keeps of a subject, so that messages are found, and shown to those who may see them."""

    about: str
    job: Job | None
    customer: Customer | None
    template: JobTemplate | None
    portal_user: PortalUser | None


class Subject(Protocol):
    """One record that people can be told about, with everything loaded that is asked here: no query."""

    # What staff need to be told of it.
    permission: ClassVar[str]

    @property
    def reference(self) -> str:
        """How it is called, in few signs."""

    @property
    def customer_name(self) -> str:
        """Whom it concerns, in words; empty for nobody."""

    @property
    def customer_ids(self) -> Collection[int]:
        """The customers it concerns, by primary key."""

    @property
    def template_id(self) -> int | None:
        """The job template it was made from, by primary key; None for what has none."""

    @property
    def source(self) -> str:
        """By which way it was made (``audit.act.Source``); empty for what does not say."""

    @property
    def columns(self) -> SubjectColumns:
        """What the ledger keeps of it."""

    def person(self, audience: Audience) -> Reachable | None:
        """The one person of that audience; None where it never has any."""

    def portal_users(self, linked: LinkedPeople) -> Iterator[PortalUser]:
        """Those who may hear of it, of the portal users linked to its customers."""

    def is_within(self, reach: Reach) -> bool:
        """May a member of staff see it to whom that was granted? The condition of console.scope on a loaded record."""


@dataclass(frozen=True)
class JobSubject:
    """A job, with customer, template and worker loaded. ``link``: its live portal link."""

    permission: ClassVar[str] = "jobs.view_job"

    job: Job
    link: PortalLink | None = None

    @property
    def reference(self) -> str:
        return self.job.number

    @property
    def customer_name(self) -> str:
        return self.job.customer.name

    @property
    def customer_ids(self) -> Collection[int]:
        return (self.job.customer_id,)

    @property
    def template_id(self) -> int | None:
        return self.job.template_id

    @property
    def source(self) -> str:
        return self.job.source

    @property
    def columns(self) -> SubjectColumns:
        job = self.job
        return SubjectColumns(about=job.number, job=job, customer=job.customer, template=job.template, portal_user=None)

    def person(self, audience: Audience) -> Reachable | None:
        if audience == Audience.SITE_CONTACT:
            return Reachable(self.job.contact_name, self.job.contact_email, self.job.contact_phone)
        if audience == Audience.WORKER and self.job.worker and self.job.worker.is_active:
            return Reachable(self.job.worker.name, self.job.worker.email, self.job.worker.phone)
        return None

    def portal_users(self, linked: LinkedPeople) -> Iterator[PortalUser]:
        for person in linked.by_customer.get(self.job.customer_id, ()):
            if decide(linked.rights[person.pk], "view_jobs", self.job):
                yield person

    def is_within(self, reach: Reach) -> bool:
        if reach.customers_limited and self.job.customer_id not in reach.keys("customer", "view"):
            return False
        return not (
            reach.templates_limited
            and self.template_id is not None
            and self.template_id not in reach.keys("template", "view")
        )


@dataclass(frozen=True)
class AccountSubject:
    """An account, as a rule a portal user's.

    ``customers``: whom she acts for, or did: primary keys and names. ``source``: by which way it happened.
    """

    permission: ClassVar[str] = "accounts.view_portaluser"

    account: User
    portal_user: PortalUser | None
    customers: Mapping[int, str]
    source: str = ""

    @property
    def reference(self) -> str:
        return str(self.account)

    @property
    def customer_name(self) -> str:
        return ", ".join(self.customers.values())

    @property
    def customer_ids(self) -> Collection[int]:
        return self.customers.keys()

    @property
    def template_id(self) -> int | None:
        return None

    @property
    def columns(self) -> SubjectColumns:
        return SubjectColumns(
            about=self.reference[:160], job=None, customer=None, template=None, portal_user=self.portal_user
        )

    def person(self, audience: Audience) -> Reachable | None:
        return None

    def portal_users(self, linked: LinkedPeople) -> Iterator[PortalUser]:
        """Nobody but herself."""
        if self.portal_user is not None:
            yield self.portal_user

    def is_within(self, reach: Reach) -> bool:
        if not reach.customers_limited:
            return True
        # What is told of her names all of them.
        return bool(self.customers) and reach.keys("customer", "view").issuperset(self.customer_ids)
