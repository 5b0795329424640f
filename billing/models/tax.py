"""Tax: which category a price line is in, and at which rate from which day."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import OneLine
from billing.choices import TAXED, TaxCategory
from billing.countries import require_country
from console.scope import ScopedQuerySet
from templates_app.choices import TaxClass


class TaxCode(models.Model):
    """One tax of one country. Price lines name a kind of tax; the country makes a code of it."""

    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("For example de-standard."))
    name = OneLine(_("name"), max_length=80, help_text=_("As it is printed: VAT, MwSt., TVA."))
    country = models.CharField(_("country"), max_length=2)
    tax_class = models.CharField(
        _("kind of tax"),
        max_length=16,
        choices=TaxClass.choices,
        blank=True,
        help_text=_("What price lines name. Empty: only a customer's own tax leads to it, such as an export."),
    )
    category = models.CharField(
        _("category"), max_length=2, choices=TaxCategory.choices, help_text=_("As electronic invoices name it.")
    )
    reason = KeylessText(
        _("reason"), blank=True, help_text=_("Printed where no tax is charged: why that is so, and by which law.")
    )
    reason_code = OneLine(_("code of the reason"), max_length=30, blank=True, help_text=_("For example VATEX-EU-AE."))
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScopedQuerySet.as_manager()
    history = History()
    goes_along = ("rates",)

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        ordering = ["country", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "tax_class"],
                condition=Q(is_active=True) & ~Q(tax_class=""),
                name="one_tax_of_each_kind",
                violation_error_message=_("This country has a tax of this kind in use already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def clean(self) -> None:
        self.country = self.country.upper()
        require_country(self.country)
        if self.category not in TAXED and self.category != TaxCategory.ZERO and not self.reason.strip():
            raise ValidationError({"reason": _t("Say why no tax is charged: it must stand on the invoice.")})


class TaxRate(models.Model):
    """A rate, from a day on until the next one begins."""

    tax_code = models.ForeignKey(TaxCode, models.CASCADE, related_name="rates", verbose_name=_("tax code"))
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    valid_from = models.DateField(_("from"))

    objects = ScopedQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["tax_code", "valid_from"],
                name="one_rate_a_day",
                violation_error_message=_("A rate begins on this day already."),
            )
        ]

    def __str__(self) -> str:
        return f"{Decimal(self.percent).normalize():f} %"

    def clean(self) -> None:
        if self.percent and self.tax_code_id and self.tax_code.category not in TAXED:
            raise ValidationError({"percent": _t("Only what is taxed has a rate above zero.")})
