"""Blueprints of kinds of job. Knows nothing of jobs.

A job does not point at the template's steps and fields, which change, but at a ``TemplateVersion``: a frozen copy,
made when the first job after a change is made, and shared by all jobs until the next change
(docs/decisions/0003-frozen-versions.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Label, Worker
from audit.declarations import LazyFunction
from audit.expressions import LimitedRegexValidator
from audit.history import History
from audit.keyless import KeylessText
from audit.named import FORMS, Name, UniquelyNamed, one_of_each_name
from audit.one_line import OneLine
from audit.take_back import TakeBack
from console.scope import Scope, ScopedQuerySet
from money import currency_code, default_currency, in_cents
from templates_app.choices import FieldKind, LocationKind, Use
from templates_app.definitions import FIELD_FACTS, STEP_FACTS, FieldDefinition, StepDefinition
from templates_app.prices import PriceLine, PriceLinesField, lines_from, tax_in_words, total_of
from templates_app.values import clean_value

_key = LimitedRegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, digits and _ only, beginning with a letter."))


class TemplateQuerySet(ScopedQuerySet["JobTemplate"]):
    def current(self) -> TemplateQuerySet:
        """Templates that are not archived: those that new jobs are made from."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> TemplateQuerySet:
        """Templates that were put away: no new job is made from them, and the jobs they have are seen as before."""
        return self.filter(archived_at__isnull=False)

    def portal_defaults(self) -> TemplateQuerySet:
        """Templates every portal user has unless hers were changed; archived ones too, whose jobs she still sees."""
        return self.filter(is_portal_default=True)


class JobTemplate(UniquelyNamed):
    """The blueprint of a kind of job."""

    name = Name(
        _("name"),
        max_length=120,
        help_text=_("What customers and workers read: Skip exchange, Wardrobe delivery."),
    )
    slug = models.SlugField(
        _("reference"),
        max_length=140,
        unique=True,
        blank=True,
        help_text=_("In addresses and in the API. Made from the name."),
    )
    description = KeylessText(
        _("description"), blank=True, help_text=_("A sentence the customer reads before she asks for one.")
    )
    category = OneLine(_("category"), max_length=60, blank=True, help_text=_("Groups templates in lists."))
    duration_minutes = models.PositiveIntegerField(
        _("planned duration"), default=60, validators=[MinValueValidator(5)], help_text=_("Minutes.")
    )
    price_lines = PriceLinesField(
        _("price lines"),
        default=list,
        blank=True,
        help_text=_("What each job costs. Copied into the job when it is made; their total is its amount."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default=default_currency,
        validators=[currency_code],
        help_text=_("Three letters, for example EUR. Holds for all lines."),
    )
    prices_include_tax = models.BooleanField(
        _("prices include tax"),
        default=False,
        help_text=_("On: these are the prices with tax. Off: tax is added on the invoice. Copied into each job."),
    )
    # Never typed: the total of the lines, kept beside them for lists and for jobs made in sets.
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False)
    worker = models.ForeignKey(
        Worker,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual worker"),
        help_text=_("Suggested when a job is scheduled."),
    )
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#0f766e",
        validators=[
            LimitedRegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six digits, for example #0f766e."))
        ],
        help_text=_("On the schedule and the map."),
    )
    notes = KeylessText(
        _("notes for each job"), blank=True, help_text=_("Copied into the notes of every job made from it.")
    )
    labels = models.ManyToManyField(Label, blank=True, related_name="templates", verbose_name=_("labels"))
    is_portal_default = models.BooleanField(
        _("portal default"), default=False, help_text=_("On: every portal user has it, unless hers were changed.")
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = TemplateQuerySet.as_manager()
    history = History(m2m_fields=[labels], excluded_fields=[*FORMS])
    scope = Scope(template="pk")
    take_back = TakeBack(remove=LazyFunction("templates_app.services.delete_template"))

    class Meta:
        verbose_name = _("job template")
        verbose_name_plural = _("job templates")
        ordering = ["name"]
        constraints = [one_of_each_name("template")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        if self._state.adding and self.price is not None and not self.price_lines:
            # A price in one sum is a price of one line.
            self.price_lines = [PriceLine(self.name, Decimal(1), in_cents(Decimal(self.price))).stored()]
        self.price = total_of(self.price_lines)
        super().save(*args, **kwargs)

    @property
    def tax_words(self) -> str:
        """Is its price before tax or with it?"""
        return tax_in_words(self.prices_include_tax)

    def lines(self) -> list[PriceLine]:
        """What each job costs, line by line."""
        return lines_from(self.price_lines)

    def step_definitions(self) -> list[StepDefinition]:
        """Its steps as they stand, in order. One query."""
        return [StepDefinition.read(row) for row in self.steps.values(*STEP_FACTS)]

    def field_definitions(self) -> list[FieldDefinition]:
        """Its fields as they stand, in order. One query."""
        return [FieldDefinition.read(row) for row in self.fields.values(*FIELD_FACTS)]

    def _free_slug(self) -> str:
        base = slugify(self.name)[:130] or "template"
        taken = set(type(self)._base_manager.filter(slug__startswith=base).values_list("slug", flat=True))
        return base if base not in taken else next(s for n in range(2, 10_000) if (s := f"{base}-{n}") not in taken)


class TemplateStep(models.Model):
    """One thing to do, in order. Completing the first starts the job, completing the last completes it."""

    template = models.ForeignKey(JobTemplate, models.CASCADE, related_name="steps", verbose_name=_("template"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    key = models.CharField(
        _("key"),
        max_length=60,
        validators=[_key],
        blank=True,
        help_text=_("Made from the name. Imports and the API use it."),
    )
    name = OneLine(_("name"), max_length=120)
    location_kind = models.CharField(_("where"), max_length=10, choices=LocationKind.choices, default=LocationKind.SITE)
    portal_use = models.CharField(
        _("customers see it as"),
        max_length=10,
        choices=Use.choices,
        default=Use.HIDDEN,
        help_text=_("Hidden: portal users do not see this step."),
    )
    worker_use = models.CharField(_("workers see it as"), max_length=10, choices=Use.choices, default=Use.REQUIRED)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(template="template")

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "key"],
                name="one_step_per_key",
                violation_error_message=_("This template has a step with that key already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def definition(self) -> StepDefinition:
        """It as a record, saved or not."""
        return StepDefinition.read({name: getattr(self, name) for name in STEP_FACTS})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or key_from(self.name)
        super().save(*args, **kwargs)


class TemplateField(models.Model):
    """One thing to know about a job, with its type and who must, may or may not give it."""

    template = models.ForeignKey(JobTemplate, models.CASCADE, related_name="fields", verbose_name=_("template"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    key = models.CharField(
        _("key"),
        max_length=60,
        validators=[_key],
        blank=True,
        help_text=_("Made from the label. Imports and the API use it."),
    )
    label = OneLine(pgettext_lazy("of a field", "label"), max_length=120)
    kind = models.CharField(_("type"), max_length=10, choices=FieldKind.choices, default=FieldKind.TEXT)
    help = OneLine(_("help"), max_length=200, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True, help_text=_("For pick lists."))
    default = OneLine(_("default"), max_length=200, blank=True)
    minimum = models.FloatField(
        _("at least"),
        null=True,
        blank=True,
        help_text=_("Number and money: the value. Text: how many characters. Multiple pick list: how many choices."),
    )
    maximum = models.FloatField(_("at most"), null=True, blank=True)
    shown_when = models.CharField(
        _("shown when"),
        max_length=60,
        blank=True,
        help_text=_("The key of another field of this template. Empty: always shown."),
    )
    shown_value = OneLine(
        _("has the value"),
        max_length=120,
        blank=True,
        help_text=_("For a checkbox: yes or no. Empty: any value will do."),
    )
    worker_use = models.CharField(_("workers"), max_length=10, choices=Use.choices, default=Use.OPTIONAL)
    portal_use = models.CharField(_("customers"), max_length=10, choices=Use.choices, default=Use.HIDDEN)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(template="template")

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "key"],
                name="one_field_per_key",
                violation_error_message=_("This template has a field with that key already."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def definition(self) -> FieldDefinition:
        """It as a record, saved or not; what is typed meanwhile may be anything."""
        return FieldDefinition.read({name: getattr(self, name) for name in FIELD_FACTS})

    def get_inline_title(self) -> str:
        """Its heading in the editor, where Unfold asks for one: "Skip size – pick list, customers: required"."""
        words = {"label": self.label, "kind": self.get_kind_display(), "use": self.get_portal_use_display()}
        return str(_("%(label)s – %(kind)s, customers: %(use)s") % words)

    def clean(self) -> None:
        if self.kind in (FieldKind.PICK, FieldKind.MULTI_PICK) and not self.choices:
            raise ValidationError({"choices": _("A pick list needs choices: write one on each line.")})
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValidationError({"maximum": _("This is less than the minimum.")})
        if self.shown_value and not self.shown_when:
            raise ValidationError({"shown_when": _("Which field must have that value?")})
        if self.default:
            clean_value(self.definition(), self.default)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or key_from(self.label)
        super().save(*args, **kwargs)


def key_from(words: str) -> str:
    """A key made of words: "Bin size (m³)" -> "bin_size_m3"."""
    key = slugify(words).replace("-", "_")[:60]
    return key if key[:1].isalpha() else f"x_{key}"[:60]


class TemplateVersion(models.Model):
    """A frozen copy of a template's steps and fields. Never changed after it is made.

    ``steps``, ``fields``: as JSON, in order, to be read as ``step_definitions`` and ``field_definitions``; versions
    made by an older Portico lack some facts. ``digest``: of both, to recognise an unchanged template.
    """

    template = models.ForeignKey(JobTemplate, models.CASCADE, related_name="versions", verbose_name=_("template"))
    steps = models.JSONField(_("steps"), default=list)
    fields = models.JSONField(_("fields"), default=list)
    digest = models.CharField(_("digest"), max_length=64)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    # Made anew when a job needs one.
    take_back = TakeBack(missed=False)

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "digest"],
                name="one_version_per_digest",
                violation_error_message=_("This template already has a version with these steps and fields."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} ({self.made_at:%Y-%m-%d})"

    @cached_property
    def step_definitions(self) -> tuple[StepDefinition, ...]:
        """The steps, in order."""
        return tuple(map(StepDefinition.read, self.steps))

    @cached_property
    def field_definitions(self) -> tuple[FieldDefinition, ...]:
        """The fields, in order."""
        return tuple(map(FieldDefinition.read, self.fields))

    @staticmethod
    def digest_of(steps: Sequence[Mapping[str, object]], fields: Sequence[Mapping[str, object]]) -> str:
        """A fingerprint of steps and fields."""
        return hashlib.sha256(json.dumps([steps, fields], sort_keys=True).encode()).hexdigest()
