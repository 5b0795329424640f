"""What the office decided for its portal as a whole."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.declarations import LazyFunction
from audit.excerpts import in_a_row
from audit.expressions import LimitedRegexValidator
from audit.headers import header
from audit.history import History
from audit.keyless import KeylessText
from audit.models import SecurityEvent
from audit.one_line import Header, OneLine
from audit.take_back import TakeBack
from audit.watching import Watch
from business.catalogue import PORTAL_PERMISSIONS, portal_defaults, portal_permission

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


class SwitchesField(models.JSONField):
    """{code of a portal permission: yes or no}, which history tells by the permissions' labels.

    What is stored is older than some permissions: a code it does not know is read as its default in the catalogue, so
    that a permission that comes with an upgrade means the same here as in a new installation.
    """

    def from_db_value(
        self, value: str | None, expression: models.Expression, connection: BaseDatabaseWrapper
    ) -> object:
        stored = super().from_db_value(value, expression, connection)
        return {**portal_defaults(), **stored} if isinstance(stored, dict) else stored

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
    portal_name = Header(
        _("name"),
        max_length=80,
        default="Portico",
        help_text=_("Your business's name, on every page and in every message."),
    )
    introduction = KeylessText(
        _("introduction"), blank=True, help_text=_("A sentence or two under the name on the login page.")
    )
    logo = models.ImageField(
        _("logo"),
        upload_to="portal/",
        blank=True,
        help_text=_("PNG, JPEG, WebP or GIF, at least 64 pixels high, at most 2 MB. Shown on a white ground."),
    )
    brand_colour = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#0f766e",
        validators=[
            LimitedRegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six digits, for example #0f766e."))
        ],
        help_text=_("Buttons and links of the companion site. Text on it turns black or white by itself."),
    )
    business_phone = OneLine(
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
        default=90,
        help_text=_("Days. 90 in a new installation. Empty: until the job is completed, cancelled or deleted."),
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
    watched = Watch(fields={"default_permissions": SecurityEvent.Kind.RIGHTS_CHANGED})
    take_back = TakeBack(before_save=LazyFunction("business.services.count_version"))

    class Meta:
        verbose_name = verbose_name_plural = _("portal settings")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="one_row_of_portal_settings",
                violation_error_message=_("There is one set of portal settings. Change that one."),
            )
        ]

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
            raise ValidationError({"default_permissions": _("Unknown permissions: %s.") % in_a_row(sorted(unknown))})

    def allows(self, code: str) -> bool:
        """The default for everybody of a permission that exists."""
        return bool(self.default_permissions.get(code, portal_permission(code).default))

    @staticmethod
    def allowing(code: str) -> Q:
        """Return the condition on settings whose default for everybody allows it, as ``allows`` says for one."""
        allowed = Q(**{f"default_permissions__{code}": True})
        if portal_permission(code).default:
            allowed |= ~Q(default_permissions__has_key=code)
        return allowed

    @property
    def mail_sender(self) -> str:
        """Whom our mails come from: the portal's name, at the address of ``DEFAULT_FROM_EMAIL``."""
        return formataddr((header(self.portal_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
