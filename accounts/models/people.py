"""Everybody who can sign in, portal users with their customer links, and the workers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, PortalUserState
from accounts.models.customers import Customer
from accounts.names import greeting
from accounts.telephones import search_of_number
from accounts.working_hours import clean_hours, hours_in_words
from audit.declarations import LazyFunction
from audit.expressions import LimitedRegexValidator
from audit.history import History
from audit.models import SecurityEvent
from audit.named import FORMS, KeepsForms, Name, NamedRecord, search_of
from audit.one_line import OneLine
from audit.take_back import TakeBack, never_taken_back
from audit.watching import Watch
from console.scope import Scope, ScopedQuerySet

_Kind = SecurityEvent.Kind
_RIGHTS = ("is_staff", "is_superuser", "is_active", "only_granted_customers", "only_granted_templates", "groups")


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address, whatever its case."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account. Without a password nobody can sign in with it. Raises ValueError without an address."""
        email = self.normalize_email(email)
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new administrator with every right (``manage.py createsuperuser``)."""
        return self.create_user(email, password, **(fields | {"is_staff": True, "is_superuser": True}))


class User(KeepsForms, AbstractBaseUser, PermissionsMixin):
    """An account that can sign in: staff in the console, portal users on the companion site."""

    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("This address has an account already.")}
    )
    full_name = Name(_("name"), max_length=120)
    name_search = search_of("full_name")
    phone = OneLine(_("mobile or telephone"), max_length=40, blank=True)
    phone_search = search_of_number()
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=Language.choices,
        help_text=_("Of pages and messages. Empty: as the browser asks."),
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May sign in to the console."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: cannot sign in anywhere. Never delete an account, switch it off.")
    )
    only_granted_customers = models.BooleanField(
        _("only granted customers"),
        default=False,
        help_text=_("On: sees only the customers granted to her, and what hangs on them."),
    )
    only_granted_templates = models.BooleanField(
        _("only granted templates"),
        default=False,
        help_text=_("On: sees only the job templates granted to her, and their jobs."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text=_("Of times she reads. Empty: as her device says.")
    )
    browser_zone = models.CharField(_("time zone of her device"), max_length=64, blank=True, editable=False)
    two_factor_since = models.DateTimeField(_("two-factor sign-in since"), null=True, blank=True, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # Part of what a session is signed with: raising it ends every session of this account at once.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    # When this person was last told that strangers tried the account too often.
    told_of_pause_at = models.DateTimeField(null=True, editable=False)

    objects = UserManager()
    history = History(
        m2m_fields=["groups"],
        excluded_fields=[
            "password",
            "last_login",
            "session_epoch",
            "browser_zone",
            "told_of_pause_at",
            "name_search",
            "phone_search",
        ],
    )
    # By which path an account's history is a person's, for readers narrowed to customers (``console.scope``).
    person = "portal_user"

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]
    watched = Watch(
        fields={
            **dict.fromkeys(_RIGHTS, _Kind.RIGHTS_CHANGED),
            "email": _Kind.ADDRESS_CHANGED,
            "two_factor_since": lambda since: _Kind.SECOND_STEP_ON if since else _Kind.SECOND_STEP_OFF,
        }
    )
    take_back = TakeBack(
        before_save=LazyFunction("accounts.take_back_rules.as_a_stranger"),
        after_save=LazyFunction("accounts.take_back_rules.sign_out"),
        refuse=LazyFunction("accounts.take_back_rules.why_account_is_kept"),
        fixed={
            "two_factor_since": _("%(what)s: two-factor sign-in is switched on or off only by hand, so it is kept."),
        },
        lost=_(
            "Accounts come back without password, two-factor sign-in and permissions of their own. Send a new link."
        ),
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["full_name"]
        permissions = [("switch_off_two_factor", "Can switch off the two-factor sign-in of others")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_per_address",
                violation_error_message=_("This address has an account already."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        salt = "accounts.models.User.session"
        return salted_hmac(salt, f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def greeting(self) -> str:
        """The first line of a mail to her. Her name may be a stranger's words, and the address somebody else's."""
        return greeting(self.full_name)

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.email


# Whoever asks for something: rights and limits can be asked of both.
Anyone = User | AnonymousUser


class Worker(NamedRecord):
    """Who does the job."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="worker",
        verbose_name=_("account"),
    )
    name = Name(_("name"), max_length=120)
    external_id = OneLine(
        _("external ID"),
        max_length=80,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The worker's number in your other system, or the vehicle's. The API finds the worker by it."),
    )
    phone = OneLine(_("mobile"), max_length=40, blank=True)
    phone_search = search_of_number()
    email = models.EmailField(_("e-mail"), blank=True)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#0f766e",
        help_text=_("On the schedule and the map."),
        validators=[
            LimitedRegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six digits, for example #0f766e."))
        ],
    )
    working_hours = models.JSONField(_("working hours"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Off: gets no new jobs."))

    objects = ScopedQuerySet.as_manager()
    history = History(excluded_fields=[*FORMS, "phone_search"])
    goes_along = ()
    take_back = TakeBack(
        remove=LazyFunction("accounts.services.workers.delete_worker"),
        why_not_by=LazyFunction("accounts.take_back_rules.why_no_worker"),
    )

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["name"]
        indexes = [models.Index(fields=["name_key"])]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            self.working_hours = clean_hours(self.working_hours)
        except ValidationError as error:
            raise ValidationError({"working_hours": error.messages}) from error

    @property
    def hours_in_words(self) -> str:
        """When she works: “Mon–Fri 07:00–16:00”; empty when nobody has said."""
        return hours_in_words(self.working_hours)


class PortalUserQuerySet(ScopedQuerySet["PortalUser"]):
    def present(self) -> PortalUserQuerySet:
        """Everybody but those who were removed."""
        return self.exclude(state=PortalUserState.REMOVED)


class PortalUser(models.Model):
    """A person with a login to the companion site. Not a customer: links say for whom she may act."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="portal_user", verbose_name=_("account")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PortalUserState.choices, default=PortalUserState.INVITED
    )
    only_listed_templates = models.BooleanField(
        _("only these templates"),
        default=False,
        help_text=_("On: she has only the templates added below. Off: the portal defaults, plus added, minus removed."),
    )
    customers = models.ManyToManyField(
        Customer, through="CustomerLink", related_name="portal_users", verbose_name=_("customers")
    )
    # What she said of herself when she signed up, for the office to link her by. Nothing believes it.
    company = OneLine(_("company, as told at sign-up"), max_length=160, blank=True)
    address = OneLine(_("address, as told at sign-up"), max_length=200, blank=True)
    last_seen_at = models.DateTimeField(_("last visit"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PortalUserQuerySet.as_manager()
    history = History(excluded_fields=["last_seen_at"])
    scope = Scope(customer="links__customer", portal_user="pk", many=True)
    watched = Watch(fields={"only_listed_templates": _Kind.RIGHTS_CHANGED})

    class Meta:
        verbose_name = _("portal user")
        verbose_name_plural = _("portal users")
        ordering = ["user__full_name"]
        permissions = [("view_as_portaluser", "Can see the companion site as a portal user")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_active(self) -> bool:
        """May she come in at all?"""
        return self.state == PortalUserState.ACTIVE and self.user.is_active


class CustomerLink(models.Model):
    """This portal user acts for this customer."""

    portal_user = models.ForeignKey(PortalUser, models.CASCADE, related_name="links", verbose_name=_("portal user"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="links", verbose_name=_("customer"))
    created_at = models.DateTimeField(_("linked"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="customer")

    class Meta:
        verbose_name = _("customer link")
        verbose_name_plural = _("customer links")
        ordering = ["customer__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal_user", "customer"],
                name="one_link_per_customer",
                violation_error_message=_("This person is linked to this customer already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.portal_user} – {self.customer}"

    def history_customer_id(self) -> int | None:
        return self.customer_id


class ViewAs(models.Model):
    """A member of staff looked at the companion site as this portal user sees it. She could change nothing."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="views_as", verbose_name=_("member of staff")
    )
    portal_user = models.ForeignKey(PortalUser, models.CASCADE, related_name="viewed_by", verbose_name=_("seen as"))
    started_at = models.DateTimeField(_("from"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("to"), null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="portal_user__links__customer", portal_user="portal_user", many=True)
    watched = Watch(made=_Kind.VIEW_AS_STARTED, fields={"ended_at": _Kind.VIEW_AS_ENDED})
    take_back = TakeBack(never=never_taken_back(_("%(what)s says who looked at what, so it is kept.")))

    class Meta:
        verbose_name = _("look through a portal user's eyes")
        verbose_name_plural = _("looks through portal users' eyes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return _("%(staff)s as %(person)s") % {"staff": self.staff, "person": self.portal_user}
