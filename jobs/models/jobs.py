"""One piece of work at one location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Customer, Location, Worker
from audit.act import Source
from audit.declarations import LazyFunction
from audit.derived import Derivation
from audit.history import History
from audit.keyless import KeylessJSON, KeylessText
from audit.one_line import OneLine
from audit.take_back import TakeBack
from console.scope import Scope, ScopedQuerySet
from jobs.choices import CUSTOMER_WORDS, NOT_STARTED, OPEN, JobStatus
from jobs.querysets import JobQuerySet
from money import default_currency
from templates_app.definitions import FieldDefinition, StepDefinition, Value
from templates_app.kinds import Wording, moment_from, value_in_words
from templates_app.models import JobTemplate, TemplateVersion
from templates_app.prices import PriceLine, PriceLinesField, lines_from, tax_in_words


class JobNumber(models.Model):
    """The last number given to a job. One row, locked while numbers are taken: no double, and no gap but that
    which is left out after a restore."""

    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("job number")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="one_row_of_job_numbers",
                violation_error_message=_("There is one counter of job numbers. Change that one."),
            )
        ]

    def __str__(self) -> str:
        return f"J-{self.last:06d}"


class CancellationReason(models.Model):
    """A reason the office offers when a job is cancelled."""

    text = OneLine(_("reason"), max_length=120, unique=True)
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ScopedQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("cancellation reason")
        verbose_name_plural = _("cancellation reasons")
        ordering = ["position", "text"]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class JobStep(StepDefinition):
    """A step of a job. ``done_at``: aware; None while it is to be done."""

    done_at: datetime | None = None


@dataclass(frozen=True)
class JobField(FieldDefinition):
    """A field of a job, with what was filled in; None for nothing."""

    value: Value = None

    def words(self, wording: Wording) -> str:
        """The value as a person reads it; empty for none."""
        return value_in_words(self, self.value, wording)


class Job(models.Model):
    """One piece of work at one location. Billing calls it an order.

    All times are aware. Changed only through ``jobs.services``, which write history, events and links along.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    external_id = OneLine(
        _("external ID"),
        max_length=80,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The job's number in your other system. Imports and the API find the job by it."),
    )
    # The relations without an index of their own are the first column of one in Meta.
    template = models.ForeignKey(
        JobTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("template"),
        db_index=False,
    )
    blueprint = models.ForeignKey(
        TemplateVersion,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="jobs",
        verbose_name=_("template as it was"),
        # A version goes with its template only, and the template is held by the relation above.
        db_index=False,
        db_constraint=False,
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="jobs", verbose_name=_("customer"), db_index=False
    )
    contact_name = OneLine(_("contact"), max_length=120, blank=True, help_text=_("Whom the worker asks for."))
    contact_email = models.EmailField(
        _("contact's e-mail"), blank=True, help_text=_("Gets the messages about this job, and opens its portal link.")
    )
    contact_phone = OneLine(_("contact's mobile"), max_length=40, blank=True)
    location = models.ForeignKey(
        Location, models.SET_NULL, null=True, blank=True, related_name="jobs", verbose_name=_("location")
    )
    address = OneLine(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    address_to_check = models.BooleanField(
        _("address to check"),
        default=False,
        editable=False,
        help_text=_("A customer wrote an address nobody knows: it is on no map yet."),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=JobStatus.choices, default=JobStatus.UNASSIGNED, editable=False
    )
    worker = models.ForeignKey(
        Worker, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name=_("worker"), db_index=False
    )
    requested_start = models.DateTimeField(
        _("asked for"), null=True, blank=True, help_text=_("When the customer would like it. Not a promise.")
    )
    planned_start = models.DateTimeField(_("planned start"), null=True, blank=True)
    # What the customer is promised: somebody comes between the planned start and this. It goes with the planned start.
    window_end = models.DateTimeField(
        _("end of the window"),
        null=True,
        blank=True,
        help_text=_(
            "The customer is told a window of time, from the planned start until then. Empty: the start alone."
        ),
    )
    duration_minutes = models.PositiveIntegerField(_("planned duration"), default=60, help_text=_("Minutes."))
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    cancellation_reason = OneLine(_("why cancelled"), max_length=200, blank=True, editable=False)
    notes = KeylessText(_("notes"), blank=True)
    asset_id = OneLine(_("asset ID"), max_length=80, blank=True, help_text=_("The bin, skip or machine it is about."))
    # Copied from the template when the job is made. With lines, the amount is their total; without, it stands alone.
    price_lines = PriceLinesField(
        _("price lines"), default=list, blank=True, help_text=_("Their total is the job's amount.")
    )
    amount = models.DecimalField(
        _("amount"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Agreed for the whole job."),
    )
    currency = models.CharField(_("currency"), max_length=3, default=default_currency, editable=False)
    prices_include_tax = models.BooleanField(
        _("prices include tax"),
        default=False,
        help_text=_("On: the amount is with tax. Off: tax is added to it on the invoice."),
    )
    # {field key: value} and {step key: ISO time it was completed}; the keys are those of the blueprint.
    values = KeylessJSON(_("fields"), default=dict, blank=True)
    steps_done = models.JSONField(_("steps done"), default=dict, blank=True, editable=False)
    source = models.CharField(
        _("made by way of"), max_length=10, choices=Source.choices, default=Source.CONSOLE, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
        # Who did something is written a million times and never looked for (docs/decisions/0022-writing-in-sets.md).
        db_index=False,
        db_constraint=False,
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    # The number of the document it is billed on, or BEING_BILLED; empty while it is on none. Kept by ``jobs.services``.
    billed_as = models.CharField(_("billed as"), max_length=40, blank=True, default="", editable=False)
    # Number, external ID, customer, address, contact, asset: what people type into a search box. Kept by services.
    search_text = models.TextField(editable=False, default="")

    objects = JobQuerySet.as_manager()
    history = History(
        # The document says itself which orders it is for.
        excluded_fields=["search_text", "billed_as"],
        # Found by record, request, customer and date; by nothing else.
        no_db_index=["number", "external_id", "template", "blueprint", "customer", "location", "worker", "created_by"],
        user_db_constraint=False,
    )
    scope = Scope(customer="customer", template="template")
    if TYPE_CHECKING:
        # Set where a page shows its notes: the address they name, as far as its reader may have it.
        link_address: str
    # People name it so when they ask who may do what with it (permissions.explain).
    told_by_number = "number"
    take_back = TakeBack(
        before_save=LazyFunction("jobs.take_back_rules.find_by_old_values"),
        after_save=LazyFunction("jobs.take_back_rules.give_a_link"),
        remove=LazyFunction("jobs.services.changes.delete_job"),
        refuse=LazyFunction("jobs.take_back_rules.why_not_now"),
        why_not_by=LazyFunction("jobs.take_back_rules.why_not_this_job"),
        lost=_("Jobs come back with a new portal link."),
    )
    derived = (
        Derivation("search_text", Customer, ("name",), LazyFunction("jobs.services.recording.write_search_texts")),
    )

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        permissions = [
            ("schedule_job", "Can schedule and assign jobs"),
            ("cancel_job", "Can cancel jobs"),
            ("complete_job", "Can complete jobs"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_end__isnull=True) | Q(window_end__gt=models.F("planned_start")),
                name="window_ends_after_planned_start",
                violation_error_message=_("The window ends before it begins."),
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-id"]),
            models.Index(fields=["status", "-id"]),
            models.Index(fields=["template", "-id"]),
            models.Index(fields=["worker", "planned_start"]),
            models.Index(fields=["planned_start", "id"]),
            models.Index(fields=["created_at", "id"]),
            models.Index(fields=["-id"], condition=Q(address_to_check=True), name="jobs_with_an_address_to_check"),
            models.Index(
                fields=["customer", "completed_at", "id"],
                condition=Q(status=JobStatus.COMPLETED, billed_as=""),
                name="jobs_to_bill",
            ),
            # What is still to do is few rows of a large table, and what everybody looks at all day. Without these, a
            # customer's next jobs are found by walking through all that are over.
            models.Index(fields=["planned_start", "-id"], condition=Q(status__in=OPEN), name="open_jobs_by_start"),
            models.Index(
                fields=["customer", "planned_start"], condition=Q(status__in=OPEN), name="open_jobs_of_customer"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def history_customer_id(self) -> int | None:
        return self.customer_id

    @property
    def service(self) -> str:
        """What is done, in the words of the template. Needs ``template`` loaded."""
        return self.template.name if self.template else str(_("Job"))

    @property
    def is_billed(self) -> bool:
        """Is it on an invoice, posted or being prepared?"""
        return self.billed_as != ""

    @property
    def is_open(self) -> bool:
        """Is there still something to do?"""
        return self.status in OPEN

    @property
    def has_not_started(self) -> bool:
        """May a customer still change or cancel it, as far as its state goes?"""
        return self.status in NOT_STARTED

    @property
    def is_overdue(self) -> bool:
        """Should it have begun by now? Says the same as ``JobQuerySet.overdue``."""
        latest = self.window_end or self.planned_start
        return bool(self.status == JobStatus.SCHEDULED and latest and latest < timezone.now())

    @property
    def planned_end(self) -> datetime | None:
        """When it should be done."""
        return self.planned_start + timedelta(minutes=self.duration_minutes) if self.planned_start else None

    @property
    def customer_words(self) -> str:
        """Its status as a customer reads it."""
        return str(CUSTOMER_WORDS[JobStatus(self.status)])

    @property
    def tax_words(self) -> str:
        """Is its amount before tax or with it?"""
        return tax_in_words(self.prices_include_tax)

    def lines(self) -> list[PriceLine]:
        """What it costs, line by line; empty when its amount stands alone."""
        return lines_from(self.price_lines)

    def steps(self) -> list[JobStep]:
        """The steps in order, each with when it was done. Needs ``blueprint`` loaded."""
        steps = self.blueprint.step_definitions if self.blueprint else ()
        return [JobStep(**vars(step), done_at=moment_from(self.steps_done.get(step.key))) for step in steps]

    def field_definitions(self) -> Sequence[FieldDefinition]:
        """The fields in order, as its template had them. Needs ``blueprint`` loaded."""
        return self.blueprint.field_definitions if self.blueprint else ()

    def fields(self) -> list[JobField]:
        """The fields in order, each with its value. Needs ``blueprint`` loaded."""
        return [JobField(**vars(field), value=self.values.get(field.key)) for field in self.field_definitions()]


class ChangeRequest(models.Model):
    """A customer asks for what the cut-off, or the job's state, no longer lets her do herself."""

    class Kind(models.TextChoices):
        CHANGE = "change", _("Change")
        CANCEL = "cancel", pgettext_lazy("a job", "Cancel")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    job = models.ForeignKey(Job, models.CASCADE, related_name="change_requests", verbose_name=_("job"))
    kind = models.CharField(_("asks to"), max_length=6, choices=Kind.choices)
    reason = KeylessText(_("reason"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    answer = KeylessText(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="job__customer", template="job__template")

    class Meta:
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.job.number}"

    def history_customer_id(self) -> int | None:
        return self.job.customer_id
