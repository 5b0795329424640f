"""Who is told: the people an alert names, by which way each is reached, without those who said no.

Everything is fetched for all jobs of a batch at once, so that a batch of 2 and one of 200 cost the same queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Customer, CustomerLink, PortalUser, User
from accounts.zones import MessageReader, readers_of
from alerts.addresses import normal_address, split_addresses
from alerts.choices import Audience, Channel
from alerts.models import Alert, MessageStop
from console.scope import Reach, reach_of
from jobs.models import Job
from permissions.resolver import Rights, decide, rights_of_many
from templates_app.models import JobTemplate

_NO_EMAIL = {
    Audience.SITE_CONTACT: _("The job has no contact with an e-mail address."),
    Audience.BILLING_CONTACT: _("The billing contact has no e-mail address."),
    Audience.WORKER: _("The worker has no e-mail address."),
}
_NO_MOBILE = {
    Audience.SITE_CONTACT: _("The job has no contact with a mobile number."),
    Audience.BILLING_CONTACT: _("The billing contact has no mobile number."),
    Audience.WORKER: _("The worker has no mobile number."),
}


@dataclass(frozen=True)
class Recipient:
    """One person by one way. ``problem``: why the address cannot be used, in words; then it is as it was written.

    ``language`` and ``zone``: those she reads in, as far as she has an account and they are known.
    """

    audience: Audience
    channel: Channel
    address: str
    name: str = ""
    user: User | None = None
    problem: str = ""
    language: str = ""
    zone: str = ""


@dataclass
class People:
    """Everybody who might be told about some jobs, fetched once for all of them."""

    billing: dict[int, Contact] = field(default_factory=dict)
    portal_users: dict[int, list[PortalUser]] = field(default_factory=dict)
    rights: dict[int, Rights] = field(default_factory=dict)
    office: list[tuple[User, Reach]] = field(default_factory=list)
    readers: dict[str, MessageReader] = field(default_factory=dict)

    def reader_at(self, email: str) -> MessageReader:
        """What is known of whoever signs in with that address."""
        return self.readers.get(email.strip().lower(), MessageReader())


def labels_of(jobs: Collection[Job]) -> dict[int, set[int]]:
    """The labels each job carries through its customer and its template, by the job's primary key: two queries."""
    customers: dict[int, set[int]] = defaultdict(set)
    templates: dict[int, set[int]] = defaultdict(set)
    of_customers = Customer.labels.through.objects.filter(customer_id__in={job.customer_id for job in jobs})
    for customer, label in of_customers.values_list("customer_id", "label_id"):
        customers[customer].add(label)
    of_templates = JobTemplate.labels.through.objects.filter(jobtemplate_id__in={job.template_id for job in jobs})
    for template, label in of_templates.values_list("jobtemplate_id", "label_id"):
        templates[template].add(label)
    return {job.pk: customers[job.customer_id] | templates[job.template_id or 0] for job in jobs}


def gather_people(alerts: Collection[Alert], jobs: Collection[Job]) -> People:
    """What ``recipients_of`` needs to know for these alerts and jobs. ``alerts`` have their staff prefetched."""
    people = People()
    customers = {job.customer_id for job in jobs}
    if any(alert.to_billing_contact for alert in alerts):
        contacts = Contact.objects.filter(customer__in=customers, is_billing_contact=True)
        people.billing = {contact.customer_id: contact for contact in contacts}
    if any(alert.to_portal_users for alert in alerts):
        links = CustomerLink.objects.filter(customer__in=customers).select_related("portal_user__user").order_by("id")
        for link in links:
            people.portal_users.setdefault(link.customer_id, []).append(link.portal_user)
        everybody = {person.pk: person for linked in people.portal_users.values() for person in linked}
        people.rights = rights_of_many(list(everybody.values()))
    people.office = list(_office(alerts))
    people.readers = readers_of(_addresses(people, jobs))
    return people


def _addresses(people: People, jobs: Collection[Job]) -> Iterator[str]:
    for job in jobs:
        yield job.contact_email
        if job.worker:
            yield job.worker.email
    for contact in people.billing.values():
        yield contact.email
    for linked in people.portal_users.values():
        yield from (person.user.email for person in linked)


def _office(alerts: Collection[Alert]) -> Iterator[tuple[User, Reach]]:
    """The staff who may be told, each with what was granted to her: a few queries a person, none a job."""
    named = {person.pk for alert in alerts for person in alert.staff.all()}
    whole = any(alert.to_office for alert in alerts)
    if not named and not whole:
        return
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    for person in staff if whole else staff.filter(pk__in=named):
        if person.has_perm("jobs.view_job"):
            yield person, reach_of(person)


def recipients_of(alert: Alert, job: Job, people: People) -> list[Recipient]:
    """Everybody an alert tells about a job, each address once a channel."""
    found: dict[tuple[str, str], Recipient] = {}
    for recipient in [*_persons(alert, job, people), *_fixed(alert), *_staff(alert, job, people)]:
        found.setdefault((recipient.channel, recipient.address), recipient)
    return list(found.values())


def _persons(alert: Alert, job: Job, people: People) -> Iterator[Recipient]:
    if alert.to_site_contact:
        yield from _by_each_way(
            alert, people, Audience.SITE_CONTACT, job.contact_name, job.contact_email, job.contact_phone
        )
    if alert.to_billing_contact and (contact := people.billing.get(job.customer_id)):
        yield from _by_each_way(alert, people, Audience.BILLING_CONTACT, contact.name, contact.email, contact.phone)
    if alert.to_portal_users:
        for person in people.portal_users.get(job.customer_id, ()):
            if decide(people.rights[person.pk], "view_jobs", job):
                user = person.user
                yield from _by_each_way(alert, people, Audience.PORTAL_USER, user.full_name, user.email, user.phone)
    if alert.to_worker and job.worker:
        yield from _by_each_way(alert, people, Audience.WORKER, job.worker.name, job.worker.email, job.worker.phone)


def _by_each_way(
    alert: Alert, people: People, audience: Audience, name: str, email: str, phone: str
) -> Iterator[Recipient]:
    """Where she has an address for a way, and one line that says so where she has none for any."""
    ways = [(Channel.EMAIL, email)] * alert.by_email + [(Channel.SMS, phone)] * alert.by_sms
    reader = people.reader_at(email)
    reached = [_checked(audience, channel, address, name, reader) for channel, address in ways if address.strip()]
    if reached or not ways:
        yield from reached
    elif audience != Audience.PORTAL_USER:
        yield Recipient(audience, ways[0][0], "", name, problem=no_address(ways[0][0], audience))


def _fixed(alert: Alert) -> Iterator[Recipient]:
    for address in split_addresses(alert.emails):
        yield _checked(Audience.FIXED, Channel.EMAIL, address)
    for number in split_addresses(alert.mobiles):
        yield _checked(Audience.FIXED, Channel.SMS, number)


def _staff(alert: Alert, job: Job, people: People) -> Iterator[Recipient]:
    named = {person.pk for person in alert.staff.all()}
    for person, reach in people.office:
        if (alert.to_office or person.pk in named) and _reaches(reach, job):
            yield Recipient(
                Audience.STAFF, Channel.CONSOLE, person.email, str(person), person, language=person.language
            )


def _reaches(reach: Reach, job: Job) -> bool:
    """The condition of console.scope on one job that is loaded already."""
    if reach.customers_limited and job.customer_id not in reach.keys("customer", "view"):
        return False
    return not (
        reach.templates_limited
        and job.template_id is not None
        and job.template_id not in reach.keys("template", "view")
    )


def _checked(
    audience: Audience,
    channel: Channel,
    written: str,
    name: str = "",
    reader: MessageReader = MessageReader(),  # noqa: B008
) -> Recipient:
    try:
        address = normal_address(written, channel)
        return Recipient(audience, channel, address, name, language=reader.language, zone=reader.zone)
    except ValidationError as problem:
        return Recipient(audience, channel, written[:254], name, problem=" ".join(problem.messages))


def no_address(channel: Channel, audience: Audience) -> str:
    """Why somebody cannot be reached who has no address."""
    if channel == Channel.EMAIL:
        return str(_NO_EMAIL[audience])
    return str(_NO_MOBILE[audience])


def stops_for(addresses: Iterable[str]) -> set[tuple[str, int | None]]:
    """Who wants no more of what, among some addresses: (address, job or None for everything)."""
    return set(MessageStop.objects.filter(address__in=set(addresses)).values_list("address", "job_id"))
