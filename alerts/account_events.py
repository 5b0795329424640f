"""What people are told of accounts: the office by alerts, the owner by mails of their own (``accounts.letters``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import letters
from accounts.choices import AccountEventKind
from accounts.models import AccountEvent, Customer, CustomerLink, Invitation, PortalUser, User
from accounts.models.payloads import PAYLOADS, AccessEnded
from accounts.services.invitations import note_mail
from alerts.catalogue import ACCOUNT_EVENTS
from alerts.choices import DeliveryState
from alerts.models import Alert, Delivery
from alerts.sources import EventSource, MustNotGo, PersonalMail, SampleRecord, facts_of
from alerts.subjects import AccountSubject, Subject
from alerts.tokens import Facts
from audit.events import RecordedEvent
from business.models import PortalSettings
from console.kit import shown_to
from console.scope import reach_of

# So many are offered to try an alert on.
SAMPLES = 25


class AccountEvents(EventSource):
    """What happens to the accounts of portal users and staff."""

    model = AccountEvent
    kinds = AccountEventKind
    events = ACCOUNT_EVENTS
    payloads = PAYLOADS
    loads = ("account__portal_user__user",)

    def subjects(self, events: Sequence[RecordedEvent]) -> dict[int, Subject]:
        ours = _ours(events)
        people = {person.pk for event in ours if (person := portal_user_of(event.account)) is not None}
        linked: dict[int, dict[int, str]] = {}
        links = CustomerLink.objects.filter(portal_user__in=people).select_related("customer")
        for link in links.order_by("customer__name"):
            linked.setdefault(link.portal_user_id, {})[link.customer_id] = link.customer.name
        before = {key for event in ours if isinstance(event.payload, AccessEnded) for key in event.payload.customers}
        names = dict(Customer.objects.filter(pk__in=before).values_list("pk", "name")) if before else {}
        return {event.pk: self._subject(event, linked, names) for event in ours}

    def _subject(
        self, event: AccountEvent, linked: Mapping[int, Mapping[int, str]], names: Mapping[int, str]
    ) -> AccountSubject:
        person, payload = portal_user_of(event.account), event.payload
        if isinstance(payload, AccessEnded):
            customers: Mapping[int, str] = {key: names[key] for key in payload.customers if key in names}
        else:
            customers = linked.get(person.pk, {}) if person is not None else {}
        return AccountSubject(event.account, person, customers, event.source)

    def personal_mails(self, events: Sequence[RecordedEvent], settings: PortalSettings) -> Mapping[int, PersonalMail]:
        ours = _ours(events)
        made = letters.letters_of(ours, settings)
        owners = {event.pk: event.account for event in ours}
        return {
            key: PersonalMail(owners[key].email, owners[key].full_name, letter.subject, letter.body, letter.language)
            for key, letter in made.items()
        }

    def read_with_secrets(self, delivery: Delivery) -> str:
        event = AccountEvent.objects.filter(pk=delivery.event_id or 0).first()
        if event is None:
            raise MustNotGo(_("Nobody knows any more what this mail was about."))
        try:
            return letters.letter_read_with(delivery.body, letters.link_of_letter(event, delivery.recipient))
        except letters.LetterIsOver as reason:
            raise MustNotGo(str(reason)) from reason

    def read_without_secrets(self, body: str) -> str:
        return letters.letter_read_with(body, "")

    def note_fate(self, delivery: Delivery) -> None:
        events = AccountEvent.objects.filter(pk=delivery.event_id or 0)
        for invitation in letters.invitations_of(events).values():
            # Why it was uncertain is over once somebody says that it arrived.
            why = "" if delivery.settled_at else delivery.why
            note_mail(invitation, _MAIL_STATES[DeliveryState(delivery.state)], why)

    def samples(self, user: User | AnonymousUser, alert: Alert | None) -> list[SampleRecord]:
        people = shown_to(PortalUser.objects.present(), user).select_related("user").order_by("-id")
        return [SampleRecord(str(one.pk), f"{one} · {one.user.email}", one.user.email) for one in people[:SAMPLES]]

    def sample_facts(self, kind: str, key: str, user: User | AnonymousUser, settings: PortalSettings) -> Facts | None:
        people = shown_to(PortalUser.objects.select_related("user"), user)
        person = people.filter(pk=key).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
        if person is None:
            return None
        # What is shown to somebody limited names no customer beyond their reach.
        mine = shown_to(Customer.objects.filter(links__portal_user=person), user)
        customers = dict(mine.order_by("name").values_list("pk", "name"))
        subject = AccountSubject(person.user, person, customers)
        events = AccountEvent.objects.filter(account=person.user_id, kind=kind)
        # A reason that somebody wrote may speak of any of them.
        event = None if reach_of(user).customers_limited else events.last()
        return Facts(subject, settings, at=timezone.now()) if event is None else facts_of(event, subject, settings)


def _ours(events: Sequence[RecordedEvent]) -> list[AccountEvent]:
    return [event for event in events if isinstance(event, AccountEvent)]


def portal_user_of(account: User) -> PortalUser | None:
    """The portal user of an account, loaded with it; None where it has none."""
    person: PortalUser | None = getattr(account, "portal_user", None)
    return person


_State = Invitation.MailState
# What an invitation says of its mail.
_MAIL_STATES: dict[DeliveryState, Invitation.MailState] = {
    DeliveryState.QUEUED: _State.WAITING,
    DeliveryState.SENDING: _State.WAITING,
    DeliveryState.SENT: _State.SENT,
    DeliveryState.DELIVERED: _State.SENT,
    DeliveryState.NOT_CARRIED: _State.FAILED,
    DeliveryState.FAILED: _State.FAILED,
    DeliveryState.BOUNCED: _State.FAILED,
    DeliveryState.SKIPPED: _State.FAILED,
    DeliveryState.UNCERTAIN: _State.UNCERTAIN,
    DeliveryState.SENT_AGAIN: _State.UNCERTAIN,
    DeliveryState.NOT_NEEDED: _State.UNCERTAIN,
}
