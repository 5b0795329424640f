"""The mails that follow from what happened to an account: what each says, and the link it carries.

A mail is written when its event is announced, and a sign stands where its link goes: the table of messages holds no
token. The link is put in when the mail goes out, after asking whether it may still be followed, and whether it still
goes to whom it was meant for. Why: docs/decisions/0121-mails-about-accounts.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.functional import Promise
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.choices import AccountEventKind, PortalUserState
from accounts.languages import language_of
from accounts.models import AccountEvent, CustomerLink, Invitation, PortalUser, User
from accounts.models.payloads import InvitationPayload, PasswordLinkRequested
from accounts.names import customer_for_a_letter, name_for_a_letter
from accounts.zones import zone_of
from business.models import PortalSettings

# What stands in a mail where its link goes.
LINK = "{account_link}"


class LetterIsOver(Exception):
    """The mail must not go out any more; says why, in a sentence."""


@dataclass(frozen=True)
class AccountLetter:
    """A mail to the owner of an account. ``LINK`` stands in the body where its link goes."""

    subject: str
    body: str
    language: str


@dataclass(frozen=True)
class _Kind:
    """``subject``: with a place for the name of the business."""

    subject: str | Promise
    template: str


# The kinds of events whose account's owner gets a mail, whatever the office's alerts say.
LETTERS: dict[str, _Kind] = {
    AccountEventKind.INVITED: _Kind(gettext_lazy("Create your password for %s"), "invitation"),
    AccountEventKind.SIGNED_UP: _Kind(gettext_lazy("Confirm your address for %s"), "activation"),
    AccountEventKind.STAFF_INVITED: _Kind(gettext_lazy("Your account at %s"), "staff"),
    AccountEventKind.PASSWORD_LINK: _Kind(gettext_lazy("Your new password at %s"), "password_link"),
    AccountEventKind.TWO_FACTOR_OFF: _Kind(gettext_lazy("Two-factor sign-in at %s is switched off"), "two_factor_off"),
    AccountEventKind.SIGN_IN_PAUSED: _Kind(
        gettext_lazy("Many wrong passwords for your account at %s"), "sign_in_paused"
    ),
}


def letter_read_with(text: str, address: str) -> str:
    """A mail's text with the address of its link; with an empty one, as everybody else reads it."""
    return text.replace(LINK, address or _("(link)"))


def letters_of(events: Sequence[AccountEvent], settings: PortalSettings) -> dict[int, AccountLetter]:
    """The mails that some events bring with them, by the event's primary key.

    ``events`` have their ``account`` loaded. At most two queries, however many there are.
    """
    wanted = [event for event in events if event.kind in LETTERS]
    invitations = invitations_of(wanted)
    customers = _customers_of(event.account for event in wanted if event.kind == AccountEventKind.INVITED)
    return {event.pk: _letter(event, settings, invitations.get(event.pk), customers) for event in wanted}


def invitations_of(events: Iterable[AccountEvent]) -> dict[int, Invitation]:
    """The invitations that some events are about, by the event's primary key: one query, or none."""
    keys = {event.pk: payload.invitation for event in events if isinstance(payload := event.payload, InvitationPayload)}
    found = Invitation.objects.in_bulk(set(keys.values())) if keys else {}
    return {event: found[key] for event, key in keys.items() if key in found}


def _customers_of(accounts: Iterable[User]) -> Mapping[int, list[str]]:
    """The names, as a mail may say them, of whom these people act for, by the account's primary key."""
    names: dict[int, list[str]] = defaultdict(list)
    keys = {account.pk for account in accounts}
    if keys:
        links = CustomerLink.objects.filter(portal_user__user__in=keys).order_by("customer__name")
        for account, customer in links.values_list("portal_user__user", "customer__name"):
            if name := name_for_a_letter(customer_for_a_letter(customer)):
                names[account].append(name)
    return names


def _letter(
    event: AccountEvent, settings: PortalSettings, invitation: Invitation | None, customers: Mapping[int, list[str]]
) -> AccountLetter:
    kind, user, payload = LETTERS[event.kind], event.account, event.payload
    asked_on = payload.language if isinstance(payload, PasswordLinkRequested) else ""
    language = user.language or asked_on or language_of(None)
    with translation.override(language), timezone.override(zone_of(user)):
        words = {
            "user": user,
            "name": name_for_a_letter(user.full_name),
            "settings": settings,
            "invitation": invitation,
            "customers": customers.get(user.pk, []),
            "link": LINK,
            "address": f"{django_settings.SITE_URL}{reverse('portal_site:password_reset')}",
            "minutes": int(django_settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        }
        body = render_to_string(f"accounts/mail/{kind.template}.txt", words)
        return AccountLetter(str(kind.subject) % settings.portal_name, body, language)


def link_of_letter(event: AccountEvent, recipient: str) -> str:
    """The address that the mail of an event carries, made for this moment; empty for a mail without one.

    ``recipient``: where it goes. Raises LetterIsOver when it must not go there, or not any more; CannotDecrypt when
    this process cannot read the address.
    """
    account = User.objects.select_related("portal_user").get(pk=event.account_id)
    if recipient != account.email:
        raise LetterIsOver(_("This account has another address by now."))
    payload = event.payload
    if isinstance(payload, InvitationPayload):
        invitation = Invitation.objects.filter(pk=payload.invitation).first()
        if invitation is None or not invitation.is_good:
            raise LetterIsOver(_("Its link does not work any more. Send a fresh one."))
        invitation.require_token()
        return invitation.url
    if isinstance(payload, PasswordLinkRequested):
        if not (account.is_active and account.has_usable_password()):
            raise LetterIsOver(_("Nobody signs in to this account with a password any more."))
        _require_not_kept_out(account)
        uid = urlsafe_base64_encode(force_bytes(account.pk))
        token = default_token_generator.make_token(account)
        path = reverse("portal_site:password_reset_confirm", kwargs={"uidb64": uid, "token": token})
        return f"{django_settings.SITE_URL}{path}"
    if event.kind == AccountEventKind.SIGN_IN_PAUSED:
        _require_not_kept_out(account)
    return ""


def _require_not_kept_out(account: User) -> None:
    """Raises LetterIsOver for an account that was switched off, and for a portal user who was suspended or removed."""
    person: PortalUser | None = getattr(account, "portal_user", None)
    kept_out = person is not None and person.state in (PortalUserState.SUSPENDED, PortalUserState.REMOVED)
    if not account.is_active or (kept_out and not account.is_staff):
        raise LetterIsOver(_("This person no longer has access."))
