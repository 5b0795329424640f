"""How a customer is billed: to which address, by which tax, with what in hand."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NotValid

from accounts.choices import Language
from accounts.models import Customer
from audit.history import History
from audit.one_line import OneLine
from billing.choices import TaxTreatment
from billing.countries import require_country
from console.scope import Scope, ScopedQuerySet
from money import currency_code
from money.minor import require_two_decimals


class BillingProfile(models.Model):
    """What a customer's invoices need beside the customer: made when somebody says where they go to."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, related_name="billing_profile", verbose_name=_("customer")
    )
    legal_name = OneLine(_("name on invoices"), max_length=160, blank=True, help_text=_("Empty: the customer's name."))
    street = OneLine(_("street and number"), max_length=200, blank=True)
    street2 = OneLine(_("more of the address"), max_length=200, blank=True)
    postcode = OneLine(_("postcode"), max_length=20, blank=True)
    city = OneLine(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Empty: yours."))
    vat_id = OneLine(_("VAT ID"), max_length=20, blank=True)
    buyer_reference = OneLine(
        _("buyer reference"), max_length=60, blank=True, help_text=_("The Leitweg-ID of a public office, for one.")
    )
    language = models.CharField(
        _("language"), max_length=5, choices=Language.choices, blank=True, help_text=_("Empty: the office's.")
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[currency_code, require_two_decimals],
        help_text=_("Of lines written by hand. Empty: yours. Orders are billed in their own."),
    )
    tax_treatment = models.CharField(_("tax"), max_length=16, choices=TaxTreatment.choices, default=TaxTreatment.NORMAL)
    exemption_reason = OneLine(
        _("why exempt"), max_length=200, blank=True, help_text=_("Printed on each invoice, with the law or the number.")
    )
    exempt_until = models.DateField(_("exempt until"), null=True, blank=True)
    po_required = models.BooleanField(
        _("PO number required"), default=False, help_text=_("On: nothing is billed without the customer's PO number.")
    )
    standing_po = OneLine(
        _("standing PO number"), max_length=80, blank=True, help_text=_("Stands on invoices whose orders have none.")
    )
    standing_po_until = models.DateField(_("standing PO valid until"), null=True, blank=True)
    hold_reason = OneLine(
        _("do not bill"), max_length=200, blank=True, help_text=_("Say why, and nothing of this customer is billed.")
    )

    objects = ScopedQuerySet.as_manager()
    history = History()
    scope = Scope(customer="customer")

    class Meta:
        verbose_name = _("billing profile")
        verbose_name_plural = _("billing profiles")

    def __str__(self) -> str:
        return str(_("Billing of %s")) % self.customer

    def history_customer_id(self) -> int | None:
        return self.customer_id

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if self.country:
            self.country = self.country.upper()
            try:
                require_country(self.country)
            except ValidationError as error:
                problems["country"] = error.messages[0]
        if self.vat_id:
            try:
                self.vat_id = vat.validate(self.vat_id)
            except NotValid:
                problems["vat_id"] = _t("This VAT ID cannot be right: a digit differs or is missing.")
        elif self.tax_treatment in (TaxTreatment.REVERSE_CHARGE, TaxTreatment.INTRA_COMMUNITY):
            problems["vat_id"] = _t("Without the customer's VAT ID you owe the tax yourself.")
        if self.tax_treatment == TaxTreatment.EXEMPT and not self.exemption_reason:
            problems["exemption_reason"] = _t("Say why: it must stand on the invoice.")
        if problems:
            raise ValidationError(problems)

    def missing(self) -> list[str]:
        """What a posted invoice needs and is not here, each as a sentence."""
        return [] if self.street and self.city else [_t("No invoice address.")]
