"""The party a job is for and an invoice goes to: its contacts, its locations, its labels."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import PaymentTerms
from accounts.telephones import search_of_number
from audit.declarations import LazyFunction
from audit.derived import DerivedSource
from audit.history import History
from audit.keyless import KeylessText
from audit.named import FORMS, KeepsForms, Name, NamedRecord, UniquelyNamed, one_of_each_name, search_of
from audit.one_line import OneLine
from audit.take_back import TakeBack
from console.scope import Scope, ScopedQuerySet


class Label(UniquelyNamed):
    """A word the office sticks on customers, to filter and to aim alerts by."""

    name = Name(_("name"), max_length=40)
    history = History(excluded_fields=[*FORMS])
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name"]
        constraints = [one_of_each_name("label")]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(ScopedQuerySet["Customer"]):
    def current(self) -> CustomerQuerySet:
        """Customers that are not archived: those that new jobs and new people are for."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> CustomerQuerySet:
        """Customers that were put away: they get nothing new, and what they have stays."""
        return self.filter(archived_at__isnull=False)


class Customer(DerivedSource, NamedRecord):
    """Who orders the work. A customer is not a login: people get in through customer links."""

    name = Name(_("name"), max_length=160)
    external_id = OneLine(
        _("external ID"),
        max_length=80,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The customer's number in your other system. Imports and the API find the customer by it."),
    )
    payment_terms = models.SmallIntegerField(
        _("payment terms"),
        choices=PaymentTerms.choices,
        default=PaymentTerms.NET_14,
        help_text=_("When its invoices are due."),
    )
    labels = models.ManyToManyField(Label, blank=True, related_name="customers", verbose_name=_("labels"))
    notes = KeylessText(_("notes"), blank=True, help_text=_("For the office only. Customers never see this."))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CustomerQuerySet.as_manager()
    history = History(m2m_fields=[labels], excluded_fields=[*FORMS])
    scope = Scope(customer="pk")
    goes_along = ("contacts", "locations", "links", "grants")
    take_back = TakeBack(remove=LazyFunction("accounts.services.customers.delete_customer"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name"]
        permissions = [("merge_customer", "Can merge two customers")]
        indexes = [models.Index(fields=["name", "id"]), models.Index(fields=["name_key"])]

    def __str__(self) -> str:
        return self.name

    def history_customer_id(self) -> int | None:
        return self.pk


class Contact(KeepsForms):
    """A person at a customer. At most one is the site contact, at most one the billing contact."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer"))
    name = Name(_("name"), max_length=120)
    name_search = search_of()
    email = models.EmailField(_("e-mail"), blank=True)
    phone = OneLine(_("mobile or telephone"), max_length=40, blank=True)
    phone_search = search_of_number()
    is_site_contact = models.BooleanField(
        _("site contact"), default=False, help_text=_("Gets the messages about jobs.")
    )
    is_billing_contact = models.BooleanField(
        _("billing contact"), default=False, help_text=_("Gets the messages about invoices.")
    )

    # Set by a page that saves all contacts of a customer, and looks itself whether there is one of each role.
    is_judged_with_others = False

    objects = ScopedQuerySet.as_manager()
    history = History(excluded_fields=["name_search", "phone_search"])
    scope = Scope(customer="customer")

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_site_contact", "-is_billing_contact", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_site_contact=True),
                name="one_site_contact",
                violation_error_message=_("This customer has a site contact already."),
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_billing_contact=True),
                name="one_billing_contact",
                violation_error_message=_("This customer has a billing contact already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise ValidationError where another contact has the role already."""
        if not self.is_judged_with_others:
            super().validate_constraints(exclude)

    def history_customer_id(self) -> int | None:
        return self.customer_id


class Location(models.Model):
    """A service address of a customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="locations", verbose_name=_("customer"))
    name = OneLine(_("name"), max_length=120, blank=True, help_text=_("What people call it: Yard 2, North gate."))
    street = OneLine(_("street and number"), max_length=200)
    postcode = OneLine(_("postcode"), max_length=20, blank=True)
    city = OneLine(_("city"), max_length=100, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    notes = KeylessText(
        _("how to get in"), blank=True, help_text=_("Gate code, where to put the bin. The worker sees this.")
    )

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="customer")

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["name", "street"]

    def __str__(self) -> str:
        return f"{self.name}, {self.address}" if self.name else self.address

    @property
    def address(self) -> str:
        """The address on one line."""
        return ", ".join(part for part in (self.street, f"{self.postcode} {self.city}".strip()) if part)

    def history_customer_id(self) -> int | None:
        return self.customer_id
