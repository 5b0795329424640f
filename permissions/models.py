"""What the office decided: portal settings, overrides, template access, grants to staff.

Users, customers and templates are named by string, as Django's own auth does: this app knows none of them.
"""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase
from simple_history import register

from audit.history import History
from permissions.catalogue import PORTAL_PERMISSIONS, portal_defaults, portal_permission_choices
from permissions.scope import Scope, ScopedQuerySet


class SwitchesField(models.JSONField):
    """{code of a portal permission: yes or no}, which history tells by the permissions' labels."""

    @staticmethod
    def key_in_words(code: str) -> str:
        permission = PORTAL_PERMISSIONS.get(code)
        return str(permission.label) if permission else code

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class PortalSettings(models.Model):
    """What the portal offers, and to whom by default. One row, made by the first migration.

    ``version`` grows with each save, so that two people who save at once notice.
    """

    class Access(models.TextChoices):
        PUBLIC = "public", _("Public: visitors can sign up")
        PRIVATE = "private", _("Private: you add people")

    class GuestProof(models.TextChoices):
        CONTACT = "contact", _("A contact detail on the job")
        CODE = "code", _("A one-time code sent to it")

    # Portal
    portal_enabled = models.BooleanField(
        _("portal enabled"),
        default=True,
        help_text=_("Off: nobody but your staff can sign in, and no portal link opens."),
    )
    access = models.CharField(
        _("who can get in"),
        max_length=10,
        choices=Access.choices,
        default=Access.PRIVATE,
        help_text=_(
            "Public adds a sign-up link to the login page. A new person sees nothing until you link her to a customer."
        ),
    )
    # Brand
    portal_name = models.CharField(
        _("name"),
        max_length=80,
        default="Portico",
        help_text=_("Your business's name, on every page and in every message."),
    )
    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("A sentence or two under the name on the login page.")
    )
    logo = models.ImageField(
        _("logo"),
        upload_to="portal/",
        blank=True,
        help_text=_("PNG or JPEG, at least 64 pixels high. Shown on a white ground."),
    )
    brand_colour = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#0f766e",
        validators=[
            RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six digits, for example #0f766e."))
        ],
        help_text=_("Buttons and links of the companion site. Text on it turns black or white by itself."),
    )
    business_phone = models.CharField(
        _("telephone"), max_length=40, blank=True, help_text=_("Shown on every page of the companion site.")
    )
    business_email = models.EmailField(
        _("e-mail"),
        blank=True,
        help_text=_("Shown on every page of the companion site, and the reply address of messages."),
    )
    staff_two_factor = models.BooleanField(
        _("staff need two-factor sign-in"),
        default=False,
        help_text=_("On: staff without a second step are led to setting one up before they can use the console."),
    )
    # Signing up
    signup_asks_phone = models.BooleanField(
        _("sign-up asks for a telephone number"), default=True, help_text=_("On: nobody can sign up without one.")
    )
    signup_asks_company = models.BooleanField(
        _("sign-up asks for a company"), default=False, help_text=_("On: nobody can sign up without naming a company.")
    )
    signup_asks_address = models.BooleanField(
        _("sign-up asks for an address"),
        default=False,
        help_text=_("On: nobody can sign up without a service address."),
    )
    new_customer_for_signup = models.BooleanField(
        _("make a customer for a sign-up"),
        default=False,
        help_text=_(
            "On: who signs up gets a customer record of her own, and is linked to it. She is never matched to another."
        ),
    )
    invitation_days = models.PositiveSmallIntegerField(
        _("invitations live"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("Days an invitation or activation link works. An expired one offers a fresh mail."),
    )
    # Jobs
    mandatory_templates = models.BooleanField(
        _("mandatory job templates"),
        default=True,
        help_text=_("On: staff without administrator rights make jobs only from templates."),
    )
    change_cutoff_hours = models.PositiveSmallIntegerField(
        _("change cut-off"),
        default=24,
        help_text=_("Hours before the planned start after which a change needs your answer."),
    )
    cancel_cutoff_hours = models.PositiveSmallIntegerField(
        _("cancel cut-off"),
        default=24,
        help_text=_("Hours before the planned start after which a cancellation needs your answer."),
    )
    # Map and alerts
    map_enabled = models.BooleanField(
        _("map"), default=True, help_text=_("Off: no map for anybody, whatever her permissions.")
    )
    worker_precision_metres = models.PositiveIntegerField(
        _("worker position precision"),
        default=500,
        help_text=_("Metres. A worker's position is rounded to a grid this wide."),
    )
    job_alerts_enabled = models.BooleanField(
        _("job alerts"), default=True, help_text=_("Off: portal users cannot have messages sent about a job.")
    )
    alert_on_scheduled = models.BooleanField(
        _("when scheduled"), default=True, help_text=_("Offer a message when a job gets its time.")
    )
    alert_on_started = models.BooleanField(
        _("when started"), default=True, help_text=_("Offer a message when the worker starts.")
    )
    alert_on_completed = models.BooleanField(
        _("when completed"), default=True, help_text=_("Offer a message when the job is done.")
    )
    sms_enabled = models.BooleanField(
        _("alerts by SMS"), default=False, help_text=_("On: text messages are sent and cost money.")
    )
    # Portal links
    link_in_notes = models.BooleanField(
        _("include portal access as a job note"),
        default=True,
        help_text=_("On: every new job made from a template carries its portal link in its notes."),
    )
    guest_proof = models.CharField(
        _("guests prove themselves by"),
        max_length=10,
        choices=GuestProof.choices,
        default=GuestProof.CONTACT,
        help_text=_("What the visitor of a portal link must show before she sees the job."),
    )
    link_max_days = models.PositiveSmallIntegerField(
        _("portal links live at most"),
        null=True,
        blank=True,
        help_text=_("Days. Empty: until the job is completed, cancelled or deleted."),
    )
    # Money
    show_pending_invoices = models.BooleanField(
        _("show pending invoices"), default=False, help_text=_("On: customers see invoices before you post them.")
    )
    online_payment_enabled = models.BooleanField(
        _("online payment"), default=False, help_text=_("On: customers who may pay can pay by card.")
    )
    default_permissions = SwitchesField(
        _("default user permissions"),
        default=portal_defaults,
        help_text=_("What every portal user may do, unless an override on her or on one of her links says otherwise."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = History(excluded_fields=["version"])

    class Meta:
        verbose_name = verbose_name_plural = _("portal settings")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_portal_settings")]

    def __str__(self) -> str:
        return str(_("Portal settings"))

    @classmethod
    def load(cls) -> PortalSettings:
        """The one row; its defaults if it was never saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if unknown := set(self.default_permissions) - set(PORTAL_PERMISSIONS):
            raise ValidationError({"default_permissions": _("Unknown permissions: %s.") % ", ".join(sorted(unknown))})

    def allows(self, code: str) -> bool:
        """The default for everybody of a permission that exists."""
        return bool(self.default_permissions.get(code, False))

    @property
    def mail_sender(self) -> str:
        """Whom our mails come from: the portal's name, at the address of ``DEFAULT_FROM_EMAIL``."""
        return formataddr((" ".join(self.portal_name.split()), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


class OverrideQuerySet(ScopedQuerySet):
    def in_force(self, at: Any = None) -> OverrideQuerySet:
        """Overrides that count at a moment (aware datetime; now if none is given)."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at or timezone.now()))


class PermissionOverride(models.Model):
    """An exception to a default: allow or deny one permission, for one portal user or on one of her links.

    No row means *inherit*. The link's override is asked first, then the person's, then the default.
    """

    class Effect(models.TextChoices):
        ALLOW = "allow", _("Allow")
        DENY = "deny", _("Deny")

    portal_user = models.ForeignKey(
        "accounts.PortalUser",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        verbose_name=_("portal user"),
    )
    link = models.ForeignKey(
        "accounts.CustomerLink",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        verbose_name=_("customer link"),
    )
    permission = models.CharField(_("permission"), max_length=40, choices=portal_permission_choices)
    effect = models.CharField(_("effect"), max_length=5, choices=Effect.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why? The next person will ask."))
    ends_at = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("Empty: until you remove it. After this minute it stops counting by itself."),
    )

    objects = OverrideQuerySet.as_manager()
    history = History()
    scope = Scope(customer="link__customer", portal_user="portal_user", many=True)

    class Meta:
        verbose_name = _("permission override")
        verbose_name_plural = _("permission overrides")
        ordering = ["permission"]
        constraints = [
            models.CheckConstraint(
                condition=Q(portal_user__isnull=False, link__isnull=True)
                | Q(portal_user__isnull=True, link__isnull=False),
                name="override_on_person_or_on_link",
            ),
            models.UniqueConstraint(
                fields=["portal_user", "permission"],
                name="one_override_per_person",
                violation_error_message=_("This person has an override for this permission already."),
            ),
            models.UniqueConstraint(
                fields=["link", "permission"],
                name="one_override_per_link",
                violation_error_message=_("This link has an override for this permission already."),
            ),
        ]

    def __str__(self) -> str:
        permission = PORTAL_PERMISSIONS.get(self.permission)
        return f"{self.get_effect_display()}: {permission.label if permission else self.permission}"

    def clean(self) -> None:
        if self.permission not in PORTAL_PERMISSIONS:
            raise ValidationError({"permission": _("There is no such permission.")})

    def history_customer_id(self) -> int | None:
        return self.link.customer_id if self.link_id and self.link else None


class TemplateAccess(models.Model):
    """A template one portal user has on top of the defaults, or lacks in spite of them.

    With ``PortalUser.only_listed_templates`` the added ones are all she has.
    """

    class Effect(models.TextChoices):
        ADD = "add", _("Add")
        REMOVE = "remove", _("Remove")

    portal_user = models.ForeignKey(
        "accounts.PortalUser", models.CASCADE, related_name="template_access", verbose_name=_("portal user")
    )
    template = models.ForeignKey(
        "templates_app.JobTemplate", models.CASCADE, related_name="portal_access", verbose_name=_("template")
    )
    effect = models.CharField(_("effect"), max_length=6, choices=Effect.choices, default=Effect.ADD)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="portal_user__links__customer", portal_user="portal_user", many=True)

    class Meta:
        verbose_name = _("template access")
        verbose_name_plural = _("template access")
        constraints = [
            models.UniqueConstraint(
                fields=["portal_user", "template"],
                name="one_access_per_template",
                violation_error_message=_("This template is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_effect_display()}: {self.template}"


# Roles are Django's groups; who gave which right to which role is history like everything else.
register(Group, app="permissions", records_class=History, m2m_fields=[Group.permissions.field])


class _Grant(UserObjectPermissionBase):
    """One thing a member of staff may do with one record."""

    content_object: Any

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.content_object}, {self.user}: {self.may}"

    @property
    def may(self) -> str:
        """What it allows, in words."""
        return _t("work with it") if self.permission.codename.startswith("change_") else _t("see it")


class CustomerGrant(_Grant):
    """A member of staff may see, or work with, this customer and what hangs on it."""

    content_object = models.ForeignKey(
        "accounts.Customer", models.CASCADE, related_name="grants", verbose_name=_("customer")
    )
    history = History()

    class Meta(_Grant.Meta):
        verbose_name = _("customer grant")
        verbose_name_plural = _("customer grants")

    def history_customer_id(self) -> int | None:
        return self.content_object_id


class TemplateGrant(_Grant):
    """A member of staff may see, or work with, this template and its jobs."""

    content_object = models.ForeignKey(
        "templates_app.JobTemplate", models.CASCADE, related_name="grants", verbose_name=_("template")
    )
    history = History()

    class Meta(_Grant.Meta):
        verbose_name = _("template grant")
        verbose_name_plural = _("template grants")


class PortalUserGrant(_Grant):
    """A member of staff may see, or work with, this portal user."""

    content_object = models.ForeignKey(
        "accounts.PortalUser", models.CASCADE, related_name="grants", verbose_name=_("portal user")
    )
    history = History()

    class Meta(_Grant.Meta):
        verbose_name = _("portal user grant")
        verbose_name_plural = _("portal user grants")


class ListExportQuerySet(ScopedQuerySet):
    def waiting(self) -> ListExportQuerySet:
        """Those that are not written yet."""
        return self.filter(state__in=(ListExport.State.WAITING, ListExport.State.WRITING))


class ListExport(models.Model):
    """A long list that the worker writes into a file, for the person who asked and nobody else.

    ``source``: which list ("jobs.job", "changelog"); ``query``: its filters, as in its address; ``columns``: names of
    those asked for. The rows are read when it is written, by the rights its owner has then.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WRITING = "writing", _("Being written")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_exports", verbose_name=_("asked for by")
    )
    source = models.CharField(_("source"), max_length=80, editable=False)
    title = models.CharField(_("list"), max_length=120)
    query = models.TextField(_("filters"), blank=True, editable=False)
    columns = models.JSONField(_("columns"), default=list, editable=False)
    format = models.CharField(_("format"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    file = models.FileField(_("file"), upload_to="exports", blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    problem = models.TextField(_("what went wrong"), blank=True)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    finished_at = models.DateTimeField(_("written"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, db_index=True)
    # Whose hands it is in, as with imports.
    claim = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ListExportQuerySet.as_manager()
    scope = Scope(owner="owner")

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title} ({self.format.upper()})"

    @property
    def is_expired(self) -> bool:
        """Was it kept long enough?"""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, round(100 * self.rows_done / self.rows_total)) if self.rows_total else 0
