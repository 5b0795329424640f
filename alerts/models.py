"""Rules that say who is told what, each message with its fate, and who wants no more of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Label, PortalUser, User
from alerts.addresses import email_address, mobile_number, split_addresses
from alerts.catalogue import event_choices, message_choices
from alerts.choices import OVER, Audience, Channel, DeliveryState, JobAlertWhen
from alerts.hooks import EVENTS
from alerts.subjects import JobSubject
from alerts.tokens import TEXT_LIMIT, check_tokens
from audit.act import Source
from audit.emptiness import EmptyMeansAll
from audit.excerpts import some_sentences
from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import Header, OneLine
from audit.token_columns import OpensByToken
from background.claims import Claimed
from console.scope import Action, Scope, ScopedQuerySet
from jobs.choices import EventKind
from jobs.link_in_text import read_with
from jobs.models import Job
from templates_app.models import JobTemplate


class Alert(models.Model):
    """When this happens, tell these people in these words."""

    # When
    name = OneLine(_("name"), max_length=120, help_text=_("What the office calls it. Customers never see it."))
    event = models.CharField(_("when this happens"), max_length=30, choices=event_choices)
    source = models.CharField(
        _("only when made by way of"),
        max_length=10,
        choices=Source.choices,
        blank=True,
        help_text=_("For example only jobs that came by import. Empty: by any way."),
    )
    hours_before = models.PositiveSmallIntegerField(
        _("hours before"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 14)],
        help_text=_("For “Start is near”: how long before the planned start."),
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Off: nobody is told."))
    # For which jobs
    templates = models.ManyToManyField(
        JobTemplate,
        blank=True,
        related_name="+",
        verbose_name=_("templates"),
        help_text=_("Only jobs made from one of these. Empty: all."),
    )
    customers = models.ManyToManyField(
        Customer,
        blank=True,
        related_name="+",
        verbose_name=_("customers"),
        help_text=_("Only what concerns one of these. Empty: all."),
    )
    labels = models.ManyToManyField(
        Label,
        blank=True,
        related_name="+",
        verbose_name=_("labels"),
        help_text=_("Only what concerns a customer, or a template, that carries one of these. Empty: all."),
    )
    # To whom
    to_site_contact = models.BooleanField(_("site contact"), default=True, help_text=_("The contact on the job."))
    to_billing_contact = models.BooleanField(
        _("billing contact"), default=False, help_text=_("The customer's billing contact.")
    )
    to_portal_users = models.BooleanField(
        _("portal users"),
        default=False,
        help_text=_("Of a job: everybody linked to the customer who may see it. Of a portal user: this person."),
    )
    to_worker = models.BooleanField(_("worker"), default=False, help_text=_("Who does the job."))
    to_office = models.BooleanField(
        _("the whole office"),
        default=False,
        help_text=_("A notice in the console for all staff who may see what it is about."),
    )
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        limit_choices_to={"is_staff": True, "is_active": True},
        verbose_name=_("certain staff"),
        help_text=_("A notice in the console for these people, as far as they may see what it is about."),
    )
    emails = models.TextField(
        _("other e-mail addresses"), blank=True, help_text=_("One per line, or separated by commas.")
    )
    mobiles = models.TextField(
        _("other mobile numbers"), blank=True, help_text=_("One per line, or separated by commas.")
    )
    by_email = models.BooleanField(_("by e-mail"), default=True)
    by_sms = models.BooleanField(
        _("by text message"),
        default=False,
        help_text=_("To the mobile numbers of the people above. Needs “alerts by SMS” in the portal settings."),
    )
    # In what words
    subject = Header(_("subject"), max_length=200, blank=True)
    message = KeylessText(_("message"), blank=True)
    sms_text = KeylessText(_("text message"), blank=True)
    # Rare
    reply_to = models.EmailField(
        _("replies go to"), blank=True, help_text=_("Empty: the e-mail address in the portal settings.")
    )
    quiet_from = models.TimeField(
        _("quiet from"),
        null=True,
        blank=True,
        help_text=_("In these hours nothing goes out by e-mail or text message: it waits until they are over."),
    )
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    history = History(m2m_fields=[templates, customers, labels, staff])
    scope = Scope(customer="customers", template="templates", many=True)
    empty_means_all = EmptyMeansAll(lists=("templates", "customers", "labels"), off={"is_active": False})

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["event", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Every problem at its field, in a sentence that says what to do."""
        problems: dict[str, str | Promise | list[str]] = {}
        for name in ("subject", "message", "sms_text"):
            try:
                check_tokens(getattr(self, name), self.event)
            except ValidationError as problem:
                problems[name] = problem.messages
        problems |= self._address_problems()
        about = EVENTS[self.event].about if self.event in EVENTS else JobSubject
        if about is not JobSubject:
            for name in ("to_site_contact", "to_worker"):
                if getattr(self, name):
                    problems[name] = _("Only a job has one. Untick this.")
        if self.event == EventKind.REMINDED and not self.hours_before:
            problems["hours_before"] = _("Say how many hours before the planned start.")
        if (self.quiet_from is None) != (self.quiet_until is None):
            missing = "quiet_until" if self.quiet_until is None else "quiet_from"
            problems[missing] = _("Quiet hours need a beginning and an end.")
        elif self.quiet_from is not None and self.quiet_from == self.quiet_until:
            problems["quiet_until"] = _("Quiet hours must not begin and end at the same time.")
        people = self.to_site_contact or self.to_billing_contact or self.to_portal_users or self.to_worker
        if people and not (self.by_email or self.by_sms):
            problems["by_email"] = _("Choose at least one way: by e-mail or by text message.")
        in_writing = (people and self.by_email) or self.emails.strip() or self.to_office
        if in_writing and not self.message.strip():
            problems.setdefault("message", _("Write what the message says."))
        if in_writing and not self.subject.strip():
            problems.setdefault("subject", _("Write a subject."))
        if ((people and self.by_sms) or self.mobiles.strip()) and not self.sms_text.strip():
            problems.setdefault("sms_text", _("Write what the text message says."))
        if problems:
            raise ValidationError(problems)

    def _address_problems(self) -> dict[str, list[str]]:
        problems: dict[str, list[str]] = {}
        for name, check in (("emails", email_address), ("mobiles", mobile_number)):
            given = getattr(self, name)
            if len(given) > TEXT_LIMIT:
                problems[name] = [_t("At most %d characters.") % TEXT_LIMIT]
                continue
            for written in split_addresses(given):
                try:
                    check(written)
                except ValidationError as problem:
                    problems.setdefault(name, []).extend(problem.messages)
        return {name: some_sentences(sentences) for name, sentences in problems.items()}

    def quiet_end(self, moment: datetime) -> datetime | None:
        """When the quiet hours that hold a moment (aware) are over, in the business's zone; None outside them."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        local = timezone.localtime(moment, timezone.get_default_timezone())
        clock = local.time()
        if self.quiet_from < self.quiet_until:
            if not self.quiet_from <= clock < self.quiet_until:
                return None
            return _at(local, self.quiet_until)
        if clock >= self.quiet_from:
            return _at(local + timedelta(days=1), self.quiet_until)
        return _at(local, self.quiet_until) if clock < self.quiet_until else None


def _at(day: datetime, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day.date(), clock), timezone.get_default_timezone())


def stop_url_of(token: str) -> str:
    """Where a recipient says "no more"."""
    return settings.SITE_URL + reverse("alerts:stop", args=[token])


class JobAlertQuerySet(ScopedQuerySet["JobAlert"]):
    def set_by(self, job: Job, user: User | AnonymousUser | None) -> Self:
        """What one person asked for on a job."""
        return self.filter(job=job, made_by=user)


class JobAlert(models.Model):
    """A portal user wants messages about one job sent to an address: hers, or somebody's on the site."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="job_alerts", verbose_name=_("job"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=[(one.value, one.label) for one in (Channel.EMAIL, Channel.SMS)]
    )
    address = models.CharField(_("address"), max_length=254)
    subject = Header(
        _("subject"),
        max_length=100,
        blank=True,
        help_text=_("Of the mails. Empty: the office's words for each moment."),
    )
    on_scheduled = models.BooleanField(_("when scheduled"), default=False)
    on_started = models.BooleanField(_("when started"), default=False)
    on_completed = models.BooleanField(_("when completed"), default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("asked by")
    )
    made_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    # May who asked know who comes? Found out when a message is written (alerts.job_alerts.alerts_on_jobs).
    shows_worker = False

    objects = JobAlertQuerySet.as_manager()
    history = History()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("job alert")
        verbose_name_plural = _("job alerts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "channel", "address", "made_by"],
                name="one_job_alert_per_address",
                violation_error_message=_("This address already gets these messages about this job."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job.number}: {self.address}"

    def history_customer_id(self) -> int | None:
        return self.job.customer_id

    @property
    def when(self) -> list[JobAlertWhen]:
        """The moments it is about."""
        return [one for one in JobAlertWhen if getattr(self, f"on_{one.value}")]


class DeliveryQuerySet(ScopedQuerySet["Delivery"]):
    def visible_to(self, user: PermissionsMixin | AnonymousUser, action: Action = "view") -> Self:
        """Those that this member of staff may see: what is about a portal user needs the right to see portal users,
        and a mail to a member of staff that to see staff."""
        rows = super().visible_to(user, action)
        if not user.has_perm("accounts.view_portaluser"):
            rows = rows.filter(portal_user__isnull=True)
        if not user.has_perm("accounts.view_user"):
            rows = rows.exclude(audience=Audience.OWNER, portal_user__isnull=True)
        return rows

    def for_job(self, job: Job) -> Self:
        """Every message about a job, newest first, ready to be listed."""
        return self.filter(job=job).select_related("alert").order_by("-id")

    def due(self, at: datetime) -> Self:
        """Messages that wait to be sent and may go at a moment (aware)."""
        return self.filter(state=DeliveryState.QUEUED, next_attempt_at__lte=at)

    def abandoned(self) -> Self:
        """Messages somebody took to send long ago, and never said what became of them."""
        return self.filter(Delivery.silent(), state=DeliveryState.SENDING)

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
    # The task that a worker is woken for, with a list of keys.
    TASK = "alerts.tasks.deliver_messages"
    # A claim older than this belongs to a process that died: sending one message takes seconds.
    SILENCE = timedelta(minutes=5)

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
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()
    scope = Scope(customer="customer", template="template", person="portal_user")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        permissions = [("resend_delivery", "Can send messages again")]
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
    def is_personal(self) -> bool:
        """Is it the mail that the owner of an account gets, whatever alerts say? Nobody stops those."""
        return self.audience == Audience.OWNER

    @property
    def stop_url(self) -> str:
        """Where its recipient says "no more"; empty where nobody can."""
        if self.channel == Channel.CONSOLE or self.audience in (Audience.OWNER, Audience.GUEST):
            return ""
        return stop_url_of(self.token) if self.token else ""


class MessageStop(models.Model):
    """Somebody wants no more messages: about one job, or at all."""

    address = models.CharField(_("address"), max_length=254, help_text=_("An e-mail address or a mobile number."))
    job = models.ForeignKey(
        Job,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="message_stops",
        verbose_name=_("job"),
        help_text=_("Empty: no messages at all."),
    )
    made_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["address", "job"],
                name="one_stop_per_job",
                violation_error_message=_("This address has already stopped messages about this job."),
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(job__isnull=True),
                name="one_stop_for_all",
                violation_error_message=_("This address has already stopped all messages."),
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def history_customer_id(self) -> int | None:
        return self.job.customer_id if self.job else None
