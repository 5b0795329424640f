"""What the office decided for its portal as a whole."""

from __future__ import annotations

import uuid
from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from audit.declarations import LazyFunction
from audit.excerpts import in_a_row
from audit.expressions import LimitedRegexValidator
from audit.headers import header
from audit.history import History
from audit.keyless import KeylessText
from audit.models import SecurityEvent
from audit.one_line import Header, OneLine
from audit.take_back import TakeBack, never_taken_back
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


class Progress(models.Model):
    """How far this database has come: one row, whose ``position`` only grows. The mark outside follows it
    (``business.mark``), so that a database that was put back is behind its mark.

    ``confirmed``: a position that the mark surely had; a mark behind it was put back itself. ``seen``: a digest of what
    had changed when the clock last looked. Written by ``business.holding`` alone.
    """

    installation = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveBigIntegerField(default=0, editable=False)
    confirmed = models.PositiveBigIntegerField(default=0, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    seen = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("progress of the database")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="one_row_of_progress",
                violation_error_message=_("There is one row that says how far the database has come."),
            )
        ]

    def __str__(self) -> str:
        return str(self.position)


class Hold(models.Model):
    """A time in which nothing goes out, because the database was, or may have been, restored from a backup.

    ``lost_from`` and ``lost_until``: between them lies what this database does not know of: it was saved before the one
    and went on until the other. What was due by then may have gone out already. ``held_requests``: the requests whose
    messages are written as uncertain though they are written later: those of imports and series that do again what was
    lost. ``again_request``: that of series.
    """

    class Reason(models.TextChoices):
        RESTORED = "restored", _("The database is older than its mark: it was restored from a backup.")
        NO_MARK = (
            "no_mark",
            _("The mark of this database is missing: it was restored on another machine, or its files were lost."),
        )
        ANOTHER = (
            "another",
            _("The folder of files has the mark of another database: one of them was restored, copied or swapped."),
        )
        MARK_BEHIND = "behind", _("The mark is older than the database: the folder of files was restored or swapped.")
        UNREADABLE = "unreadable", _("The mark of this database cannot be read.")
        BY_HAND = "by_hand", _("Somebody said that it was restored.")

    class Choice(models.TextChoices):
        HOLD = "hold", _("Hold these messages")
        SEND = "send", _("Send these messages")

    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    lost_from = models.DateTimeField(_("backup from"), null=True, blank=True)
    lost_until = models.DateTimeField(_("lost until"))
    numbers_skipped = models.PositiveIntegerField(_("job numbers skipped"), default=0)
    messages_held = models.PositiveIntegerField(_("messages held"), default=0)
    messages_sent = models.PositiveIntegerField(_("messages to be sent"), default=0)
    signed_out = models.PositiveIntegerField(_("accounts signed out"), default=0)
    tokens_revoked = models.PositiveIntegerField(_("API tokens revoked"), default=0)
    invitations_withdrawn = models.PositiveIntegerField(_("invitations withdrawn"), default=0)
    links_revoked = models.PositiveIntegerField(_("portal links revoked"), default=0)
    rest = models.CharField(_("the rest"), max_length=4, choices=Choice.choices, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    is_open = models.BooleanField(default=True, editable=False)
    again_request = models.UUIDField(default=uuid.uuid4, editable=False)
    held_requests = models.JSONField(default=list, editable=False)
    series_are_settled = models.BooleanField(default=False, editable=False)

    history = History(excluded_fields=["is_open", "again_request", "held_requests", "series_are_settled"])
    take_back = TakeBack(
        never=never_taken_back(_("%(what)s: what was decided after a restore cannot be taken back from here."))
    )

    class Meta:
        verbose_name = _("hold after a restore")
        verbose_name_plural = _("holds after a restore")
        ordering = ["-id"]
        default_permissions = ("view", "change")
        permissions = [("release_hold", "Can decide what is sent after a restore")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_open"],
                condition=Q(is_open=True),
                name="one_open_hold",
                violation_error_message=_("Portico is held already."),
            )
        ]

    def __str__(self) -> str:
        return _text("Hold of %s") % date_format(timezone.localtime(self.found_at), "j M Y, H:i")
