"""Who is told: the people an alert names, by which way each is reached, without those who said no.

Everything is fetched for all subjects of a batch at once, so that a batch of 2 and one of 200 cost the same queries.
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
from alerts.subjects import LinkedPeople, Reachable, Subject
from console.scope import Reach, reach_of
from permissions.resolver import rights_of_many
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
    """Everybody who might be told about some subjects, fetched once for all of them."""

    billing: dict[int, Contact] = field(default_factory=dict)
    linked: LinkedPeople = field(default_factory=lambda: LinkedPeople({}, {}))
    office: list[tuple[User, Reach]] = field(default_factory=list)
    readers: dict[str, MessageReader] = field(default_factory=dict)

    def reader_at(self, email: str) -> MessageReader:
        """What is known of whoever signs in with that address."""
        return self.readers.get(email.strip().lower(), MessageReader())


def labels_of(subjects: Collection[Subject]) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """The labels of the customers and of the templates that some subjects name, by primary key: two queries."""
    customers: dict[int, set[int]] = defaultdict(set)
    templates: dict[int, set[int]] = defaultdict(set)
    of_customers = Customer.labels.through.objects.filter(customer_id__in=_customers_of(subjects))
    for customer, label in of_customers.values_list("customer_id", "label_id"):
        customers[customer].add(label)
    named = {key for subject in subjects if (key := subject.template_id) is not None}
    of_templates = JobTemplate.labels.through.objects.filter(jobtemplate_id__in=named)
    for template, label in of_templates.values_list("jobtemplate_id", "label_id"):
        templates[template].add(label)
    return customers, templates


def _customers_of(subjects: Iterable[Subject]) -> set[int]:
    return {customer for subject in subjects for customer in subject.customer_ids}


def gather_people(alerts: Collection[Alert], subjects: Collection[Subject]) -> People:
    """What ``recipients_of`` needs to know for these alerts and subjects. ``alerts`` have their staff prefetched."""
    people = People()
    customers = _customers_of(subjects)
    if any(alert.to_billing_contact for alert in alerts):
        contacts = Contact.objects.filter(customer__in=customers, is_billing_contact=True)
        people.billing = {contact.customer_id: contact for contact in contacts}
    if any(alert.to_portal_users for alert in alerts):
        people.linked = _linked_to(customers)
    people.office = list(_office(alerts, {subject.permission for subject in subjects}))
    people.readers = readers_of(_addresses(people, subjects))
    return people


def _linked_to(customers: Collection[int]) -> LinkedPeople:
    linked: dict[int, list[PortalUser]] = {}
    links = CustomerLink.objects.filter(customer__in=customers).select_related("portal_user__user").order_by("id")
    for link in links:
        linked.setdefault(link.customer_id, []).append(link.portal_user)
    everybody = {person.pk: person for found in linked.values() for person in found}
    return LinkedPeople(linked, rights_of_many(list(everybody.values())))


def _addresses(people: People, subjects: Collection[Subject]) -> Iterator[str]:
    for subject in subjects:
        for audience in (Audience.SITE_CONTACT, Audience.WORKER):
            if person := subject.person(audience):
                yield person.email
        for portal_user in subject.portal_users(people.linked):
            yield portal_user.user.email
    for contact in people.billing.values():
        yield contact.email


def _office(alerts: Collection[Alert], permissions: Collection[str]) -> Iterator[tuple[User, Reach]]:
    """The staff who may be told, each with what was granted to her: a few queries a person, none a subject."""
    named = {person.pk for alert in alerts for person in alert.staff.all()}
    whole = any(alert.to_office for alert in alerts)
    if not named and not whole:
        return
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    for person in staff if whole else staff.filter(pk__in=named):
        if any(person.has_perm(permission) for permission in permissions):
            yield person, reach_of(person)


def recipients_of(alert: Alert, subject: Subject, people: People) -> list[Recipient]:
    """Everybody an alert tells about a subject, each address once a channel."""
    found: dict[tuple[str, str], Recipient] = {}
    for recipient in [*_persons(alert, subject, people), *_fixed(alert), *_staff(alert, subject, people)]:
        found.setdefault((recipient.channel, recipient.address), recipient)
    return list(found.values())


def _persons(alert: Alert, subject: Subject, people: People) -> Iterator[Recipient]:
    if alert.to_site_contact and (person := subject.person(Audience.SITE_CONTACT)):
        yield from _by_each_way(alert, people, Audience.SITE_CONTACT, person)
    if alert.to_billing_contact:
        for customer in subject.customer_ids:
            if contact := people.billing.get(customer):
                billing = Reachable(contact.name, contact.email, contact.phone)
                yield from _by_each_way(alert, people, Audience.BILLING_CONTACT, billing)
    if alert.to_portal_users:
        for portal_user in subject.portal_users(people.linked):
            user = portal_user.user
            whom = Reachable(user.full_name, user.email, user.phone)
            yield from _by_each_way(alert, people, Audience.PORTAL_USER, whom)
    if alert.to_worker and (worker := subject.person(Audience.WORKER)):
        yield from _by_each_way(alert, people, Audience.WORKER, worker)


def _by_each_way(alert: Alert, people: People, audience: Audience, person: Reachable) -> Iterator[Recipient]:
    """Where she has an address for a way, and one line that says so where she has none for any."""
    ways = [(Channel.EMAIL, person.email)] * alert.by_email + [(Channel.SMS, person.phone)] * alert.by_sms
    name, reader = person.name, people.reader_at(person.email)
    reached = [_checked(audience, channel, address, name, reader) for channel, address in ways if address.strip()]
    if reached or not ways:
        yield from reached
    elif audience != Audience.PORTAL_USER:
        yield Recipient(audience, ways[0][0], "", name, problem=no_address(ways[0][0], audience))


# An address in its one spelling, and its channel.
Address = tuple[Channel, str]


def still_reached(alert: Alert, subject: Subject, audience: Audience, address: Address, user: User | None) -> bool:
    """Does an alert, as it stands now, tell that address of a subject, as that audience or as another? ``user``: the
    member of staff whom a notice is for. A few queries, which do not grow with how many are told."""
    others = [one for one in Audience if one != audience]
    return any(
        is_reached(one, subject, address, user) for one in [audience, *others] if _names(alert, one, address, user)
    )


def _names(alert: Alert, audience: Audience, address: Address, user: User | None) -> bool:
    """Is that audience among those an alert tells, by that way?"""
    channel, _address = address
    if audience == Audience.FIXED:
        return any(one.channel == channel and one.address == _address for one in _fixed(alert))
    if audience == Audience.STAFF:
        named = channel == Channel.CONSOLE and user is not None
        return named and (alert.to_office or alert.staff.filter(pk=user.pk if user else None).exists())
    if not (alert.by_email if channel == Channel.EMAIL else alert.by_sms if channel == Channel.SMS else False):
        return False
    return {
        Audience.SITE_CONTACT: alert.to_site_contact,
        Audience.BILLING_CONTACT: alert.to_billing_contact,
        Audience.PORTAL_USER: alert.to_portal_users,
        Audience.WORKER: alert.to_worker,
    }.get(audience, False)


def is_reached(audience: Audience, subject: Subject, address: Address, user: User | None) -> bool:
    """Is that address still one of that audience's, and may it still be told of a subject?"""
    match audience:
        case Audience.FIXED:
            return True
        case Audience.STAFF:
            # Read anew: the rights of one that was loaded before are those of then.
            staff = User.objects.filter(pk=user.pk, is_staff=True, is_active=True).first() if user else None
            return staff is not None and staff.has_perm(subject.permission) and subject.is_within(reach_of(staff))
        case Audience.SITE_CONTACT | Audience.WORKER:
            person = subject.person(audience)
            return person is not None and _is_theirs(person, address)
        case Audience.BILLING_CONTACT:
            contacts = Contact.objects.filter(customer__in=subject.customer_ids, is_billing_contact=True)
            return any(_is_theirs(Reachable(one.name, one.email, one.phone), address) for one in contacts)
        case Audience.PORTAL_USER:
            people = subject.portal_users(_linked_to(subject.customer_ids))
            users = (person.user for person in people)
            return any(_is_theirs(Reachable(one.full_name, one.email, one.phone), address) for one in users)
    return False


def _is_theirs(person: Reachable, address: Address) -> bool:
    channel, known = address
    written = person.email if channel == Channel.EMAIL else person.phone
    try:
        return bool(written.strip()) and normal_address(written, channel) == known
    except ValidationError:
        return False


def _fixed(alert: Alert) -> Iterator[Recipient]:
    for address in split_addresses(alert.emails):
        yield _checked(Audience.FIXED, Channel.EMAIL, address)
    for number in split_addresses(alert.mobiles):
        yield _checked(Audience.FIXED, Channel.SMS, number)


def _staff(alert: Alert, subject: Subject, people: People) -> Iterator[Recipient]:
    named = {person.pk for person in alert.staff.all()}
    for person, reach in people.office:
        is_meant = alert.to_office or person.pk in named
        if is_meant and person.has_perm(subject.permission) and subject.is_within(reach):
            yield Recipient(
                Audience.STAFF, Channel.CONSOLE, person.email, str(person), person, language=person.language
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
