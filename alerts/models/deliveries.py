"""Each message, with its fate."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountEvent, Customer, PortalUser, User
from alerts.catalogue import message_choices
from alerts.choices import OVER, Audience, Channel, DeliveryState
from alerts.models.holds import ChannelHold
from alerts.models.job_alerts import JobAlert
from alerts.models.rules import Alert
from audit.one_line import Header
from audit.token_columns import OpensByToken
from background.claims import Claimed
from business.holding import open_hold
from business.models import Hold
from console.scope import Action, Scope, ScopedQuerySet
from jobs.link_in_text import read_with
from jobs.models import Job
from templates_app.models import JobTemplate


def stop_url_of(token: str) -> str:
    """Where a recipient says "no more"."""
    return settings.SITE_URL + reverse("alerts:stop", args=[token])


class DeliveryQuerySet(ScopedQuerySet["Delivery"]):
    def visible_to(self, user: PermissionsMixin | AnonymousUser, action: Action = "view") -> Self:
        """Those that this member of staff may see: what is about a portal user needs the right to see portal users,
        and a mail to a member of staff that to see staff. Nobody changes a message: with ``change`` those that they may
        send again, or say of that they arrived."""
        if action == "view":
            rows = super().visible_to(user, action)
        else:
            may = user.has_perm("alerts.resend_delivery") or user.has_perm("alerts.settle_delivery")
            rows = self.within_reach(user, action) if may else self.none()
        if not user.has_perm("accounts.view_portaluser"):
            # Nor of one whose record is gone.
            rows = rows.filter(portal_user__isnull=True)
            rows = rows.exclude(~Q(audience=Audience.OWNER), event_model=AccountEvent._meta.label_lower)
        if not user.has_perm("accounts.view_user"):
            rows = rows.exclude(audience=Audience.OWNER, portal_user__isnull=True)
        return rows

    def for_job(self, job: Job) -> Self:
        """Every message about a job, newest first, ready to be listed."""
        return self.filter(job=job).select_related("alert").order_by("-id")

    def waiting(self, at: datetime) -> Self:
        """Messages whose time to be sent has come at a moment (aware), also by a channel that is held. While a restore
        waits for a decision, only mails about an account that somebody asked for since: else nobody could sign in."""
        rows = self.filter(state=DeliveryState.QUEUED, next_attempt_at__lte=at)
        hold = open_hold()
        if hold is None:
            return rows
        return rows.filter(audience=Audience.OWNER, created_at__gte=hold.found_at, next_attempt_at__gt=hold.lost_until)

    def doubtful(self, hold: Hold) -> Self:
        """Messages that may have gone out in the time that a restore lost: they wait, and were due by then."""
        return self.filter(state=DeliveryState.QUEUED, next_attempt_at__lte=hold.lost_until)

    def due(self, at: datetime) -> Self:
        """Messages that wait to be sent and may go at a moment (aware)."""
        return self.waiting(at).exclude(channel__in=ChannelHold.objects.open().values("channel"))

    def uncertain(self) -> Self:
        """Messages that may or may not have arrived, and of which nobody has said more yet."""
        return self.filter(state=DeliveryState.UNCERTAIN)

    def abandoned(self) -> Self:
        """Messages somebody took to send long ago, and never said what became of them.

        One that is being handed over has longer: a slow mail server may take minutes to accept it.
        """
        slow = Delivery.silent(timezone.now() - Delivery.SILENCE_OF_A_CARRIER)
        return self.filter(
            Q(handed_over_at__isnull=True) & Delivery.silent() | Q(handed_over_at__isnull=False) & slow,
            state=DeliveryState.SENDING,
        )

    def notices_for(self, user: User | AnonymousUser | None) -> Self:
        """The notices in the console for one member of staff that she has not read, newest first."""
        return self.filter(
            channel=Channel.CONSOLE, user=user, state=DeliveryState.DELIVERED, read_at__isnull=True
        ).select_related("job", "customer")


class Delivery(Claimed, OpensByToken):
    """One message to one recipient, in the words it goes out with, and its fate.

    ``job``, ``customer`` and the event may be gone; the words, and ``about`` (the job's number, the person's name),
    stay. By its token its recipient says "no more". No text holds a token: placeholders stand for links.
    """

    # Short enough for a text message.
    token_bytes: ClassVar[int] = 18
    # The task that a worker is woken for, with the channel on which something is due.
    TASK = "alerts.tasks.send_messages"
    # A claim older than this belongs to a process that died: sending one message takes seconds.
    SILENCE = timedelta(minutes=5)
    # So much longer once it is being handed over: as long as a mail server may take to accept it.
    SILENCE_OF_A_CARRIER = timedelta(seconds=settings.EMAIL_SECONDS_TO_ACCEPT)

    # The table of events (``alerts.sources``), and the event in it: any of ours, so no column of the database's knows
    # which. An event may go; its number is never given again.
    event_model = models.CharField(max_length=60, default="jobs.jobevent", editable=False)
    event_id = models.BigIntegerField(_("event"), null=True, blank=True, db_index=True, editable=False)
    kind = models.CharField(_("what happened"), max_length=30, choices=message_choices)
    alert = models.ForeignKey(
        Alert, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("alert")
    )
    job_alert = models.ForeignKey(
        JobAlert, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("job alert")
    )
    job = models.ForeignKey(
        Job,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("job"),
        db_constraint=False,  # for the same reason
    )
    portal_user = models.ForeignKey(
        PortalUser,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("portal user"),
        db_index=False,  # below, where there is one
    )
    about = models.CharField(_("about"), max_length=160, blank=True)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("customer")
    )
    template = models.ForeignKey(
        JobTemplate, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("template")
    )
    audience = models.CharField(_("told as"), max_length=20, choices=Audience.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    recipient = models.CharField(_("address"), max_length=254)
    recipient_name = models.CharField(_("recipient"), max_length=160, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("member of staff"),
    )
    subject = Header(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("message"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    reply_to = models.EmailField(_("replies go to"), blank=True)
    segments = models.PositiveSmallIntegerField(_("segments"), default=0)
    state = models.CharField(_("state"), max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    why = models.CharField(_("why"), max_length=400, blank=True)
    # Named for people.
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    reference = models.CharField(_("provider's reference"), max_length=100, blank=True)
    is_test = models.BooleanField(_("test"), default=False)
    resend_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="resends", verbose_name=_("sent again from")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    # Of one that was uncertain: who said that it arrived, had it sent again, or said that it is not needed, and why.
    settled_by = models.CharField(_("settled by"), max_length=200, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)
    settled_reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()
    scope = Scope(customer="customer", template="template", person="portal_user", person_at="created_at")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        permissions = [
            ("resend_delivery", "Can send messages again"),
            ("settle_delivery", "Can say that uncertain messages arrived"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "event_model", "alert", "channel", "recipient"],
                condition=Q(resend_of__isnull=True, is_test=False),
                name="one_message_per_alert",
                violation_error_message=_("This recipient already has a message about this event."),
            ),
            models.UniqueConstraint(
                fields=["event_id", "event_model", "job_alert", "channel", "recipient"],
                condition=Q(resend_of__isnull=True, is_test=False),
                name="one_message_per_job_alert_and_event",
                violation_error_message=_("This recipient already has a message about this event."),
            ),
            models.UniqueConstraint(
                fields=["event_id", "event_model"],
                condition=Q(audience=Audience.OWNER, resend_of__isnull=True),
                name="one_personal_mail_per_event",
                violation_error_message=_("This recipient already has a message about this event."),
            ),
            models.UniqueConstraint(
                fields=["token_digest"],
                name="one_message_per_stop_token",
                violation_error_message=_("There is a message with this address to stop it already. Send it again."),
            ),
        ]
        indexes = [
            models.Index(fields=["job", "-id"]),
            models.Index(fields=["customer", "-id"]),
            models.Index(
                fields=["portal_user", "-id"],
                condition=Q(portal_user__isnull=False),
                name="alerts_delivery_of_person",
            ),
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["channel", "-id"]),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="alerts_delivery_by_reference"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state=DeliveryState.QUEUED), name="alerts_delivery_queued"
            ),
            # Those that somebody waits for are asked for first, among however many others.
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=DeliveryState.QUEUED, audience=Audience.OWNER),
                name="alerts_delivery_awaited",
            ),
            models.Index(
                fields=["heartbeat_at"], condition=Q(state=DeliveryState.SENDING), name="alerts_delivery_sending"
            ),
            models.Index(
                fields=["user", "-id"],
                condition=Q(channel=Channel.CONSOLE, read_at__isnull=True),
                name="alerts_delivery_unread",
            ),
        ]

    def __str__(self) -> str:
        return _t("%(channel)s to %(name)s") % {
            "channel": self.get_channel_display(),
            "name": self.recipient_name or self.recipient,
        }

    @property
    def is_over(self) -> bool:
        """Will nothing more happen to it by itself?"""
        return self.state in OVER

    @property
    def heading(self) -> str:
        """What it is called in a list: its subject, or how it begins; the portal link's address never."""
        return read_with(self.subject or self.body, "")

    @property
    def reason(self) -> str:
        """Why it is where it is, in the language of who reads it. A sentence of ours was kept in that of who wrote it,
        which is English for the background; what a mail server or a carrier said stays as it was. Of one that was
        uncertain: who settled it."""
        if self.settled_at is not None:
            by = self.settled_by or _t("Somebody")
            if self.state == DeliveryState.NOT_NEEDED:
                words = {"who": by, "why": _t(self.settled_reason)}
                return _t("%(who)s says that it isn't needed any more: %(why)s") % words
            arrived = self.state == DeliveryState.DELIVERED
            return (_t("%s says that it arrived.") if arrived else _t("%s had it sent again.")) % by
        return _t(self.why) if self.why else ""

    @property
    def is_personal(self) -> bool:
        """Is it the mail that the owner of an account gets, whatever alerts say? Nobody stops those."""
        return self.audience == Audience.OWNER

    @property
    def is_by_hand(self) -> bool:
        """Does it go out because a member of staff wants just this message sent?"""
        return self.asked_by_id is not None or self.resend_of_id is not None

    @property
    def stop_url(self) -> str:
        """Where its recipient says "no more"; empty where nobody can."""
        if self.channel == Channel.CONSOLE or self.audience in (Audience.OWNER, Audience.GUEST):
            return ""
        return stop_url_of(self.token) if self.token else ""
