"""Who bills: the seller as it stands on paper, and what holds for all documents."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NotValid

from audit.declarations import LazyFunction
from audit.history import History
from audit.keyless import KeylessText
from audit.one_line import OneLine
from audit.take_back import TakeBack
from billing.countries import require_country
from money import currency_code, default_currency
from money.minor import require_two_decimals


def _is_there(*texts: str) -> bool:
    return all(text.strip() for text in texts)


class BillingSettings(models.Model):
    """The one row of what is true of all documents. Made when it is first asked for.

    ``version`` grows with each save, so that two people who save at once notice.
    """

    # The seller
    seller_name = OneLine(
        _("name"), max_length=160, blank=True, help_text=_("Your business as the register or the tax office knows it.")
    )
    seller_street = OneLine(_("street and number"), max_length=200, blank=True)
    seller_postcode = OneLine(_("postcode"), max_length=20, blank=True)
    seller_city = OneLine(_("city"), max_length=100, blank=True)
    seller_country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Its taxes hold where nothing else is said.")
    )
    vat_id = OneLine(_("VAT ID"), max_length=20, blank=True, help_text=_("For example DE136695976."))
    tax_number = OneLine(_("tax number"), max_length=40, blank=True, help_text=_("Where there is no VAT ID."))
    register_entry = OneLine(
        _("register entry"), max_length=160, blank=True, help_text=_("For example: Hamburg local court, HRB 12345.")
    )
    managing_directors = OneLine(_("managing directors"), max_length=200, blank=True)
    phone = OneLine(_("telephone for questions"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail for questions"), blank=True)
    # The bank
    account_holder = OneLine(_("account holder"), max_length=160, blank=True)
    iban = OneLine(_("IBAN"), max_length=42, blank=True)
    bic = OneLine(_("BIC"), max_length=11, blank=True)
    bank_name = OneLine(_("bank"), max_length=100, blank=True)
    # Documents
    currency = models.CharField(
        _("currency"), max_length=3, default=default_currency, validators=[currency_code, require_two_decimals]
    )
    introduction = KeylessText(_("first words"), blank=True, help_text=_("Above the lines of each document."))
    footer = KeylessText(_("last words"), blank=True, help_text=_("Below the sum of each document."))
    dates_in_number_order = models.BooleanField(
        _("dates follow the numbers"),
        default=True,
        help_text=_("On: no document is dated before the one with the number before it."),
    )
    books_closed_until = models.DateField(
        _("books closed until"),
        null=True,
        blank=True,
        help_text=_("Nothing is posted with a date up to this day. Corrections are dated later."),
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    history = History(excluded_fields=["version"])
    take_back = TakeBack(
        before_save=LazyFunction("billing.take_back_rules.count_version"),
        why_not_by=LazyFunction("billing.take_back_rules.why_not_closed"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("billing settings")
        permissions = [("close_books", "Can close the books")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="one_row_of_billing_settings",
                violation_error_message=_("There is one set of billing settings. Change that one."),
            )
        ]

    def __str__(self) -> str:
        return str(_("Billing settings"))

    @classmethod
    def load(cls) -> BillingSettings:
        """The settings; with their defaults, and not saved, where nobody has saved them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if self.seller_country:
            self.seller_country = self.seller_country.upper()
            try:
                require_country(self.seller_country)
            except ValidationError as error:
                problems["seller_country"] = error.messages[0]
        for name, read, sentence in (
            ("vat_id", vat.validate, _t("This VAT ID cannot be right: a digit differs or is missing.")),
            ("iban", iban.validate, _t("This IBAN cannot be right: a digit differs or is missing.")),
            ("bic", bic.validate, _t("A BIC has 8 or 11 letters and digits, for example MARKDEF1100.")),
        ):
            if typed := getattr(self, name):
                try:
                    setattr(self, name, read(typed))
                except NotValid:
                    problems[name] = sentence
        if problems:
            raise ValidationError(problems)

    def missing_fields(self) -> dict[str, str]:
        """What is still to be filled in before anything can be posted: {field: sentence}; empty when nothing is."""
        wanted = (
            ("seller_name", _is_there(self.seller_name), _t("Your business's name.")),
            ("seller_street", _is_there(self.seller_street, self.seller_city), _t("Your business's address.")),
            ("seller_country", _is_there(self.seller_country), _t("Your country: it decides the tax.")),
            ("vat_id", bool(self.vat_id or self.tax_number), _t("Your VAT ID or tax number.")),
        )
        return {name: sentence for name, is_there, sentence in wanted if not is_there}

    def missing(self) -> list[str]:
        """The same as sentences alone."""
        return list(self.missing_fields().values())

    def as_printed(self) -> dict[str, str]:
        """The seller as a document keeps it."""
        names = (
            "seller_name", "seller_street", "seller_postcode", "seller_city", "seller_country", "vat_id", "tax_number",
            "register_entry", "managing_directors", "phone", "email", "account_holder", "iban", "bic", "bank_name",
        )  # fmt: skip
        return {name.removeprefix("seller_"): str(getattr(self, name)) for name in names}
