"""Rules that say who is told what."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Label
from alerts.addresses import email_address, mobile_number, split_addresses
from alerts.catalogue import event_choices
from alerts.hooks import EVENTS
from alerts.subjects import JobSubject
from alerts.tokens import TEXT_LIMIT, check_tokens
from audit.act import Source
from audit.emptiness import EmptyMeansAll
from audit.excerpts import some_sentences
from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import Header, OneLine
from console.scope import Scope, ScopedQuerySet
from jobs.choices import EventKind
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
