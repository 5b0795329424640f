"""The fixed vocabularies of job templates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Use(models.TextChoices):
    """What somebody gets of a step or field. New ones are hidden from portal users."""

    HIDDEN = "hidden", _("Hidden")
    OPTIONAL = "optional", _("Optional")
    REQUIRED = "required", _("Required")
    READ_ONLY = "read_only", _("Read only")


class FieldKind(models.TextChoices):
    """The types of a field (PRODUCT.md section 5)."""

    TEXT = "text", _("Text")
    NUMBER = "number", pgettext_lazy("kind of field", "Number")
    CURRENCY = "currency", _("Money")
    DATETIME = "datetime", _("Date and time")
    CHECKBOX = "checkbox", _("Checkbox")
    PICK = "pick", _("Pick list")
    MULTI_PICK = "multi_pick", _("Multiple pick list")
    LINK = "link", _("Link")
    LOCATION = "location", _("Location")
    FILE = "file", _("Image or file")
    SIGNATURE = "signature", _("Signature")
    HEADER = "header", _("Section header")


class LocationKind(models.TextChoices):
    """Where a step happens."""

    SITE = "site", _("At the customer's location")
    DEPOT = "depot", _("At the depot")
    DISPOSAL = "disposal", _("At the disposal site")
    NONE = "none", _("Anywhere")


class Unit(models.TextChoices):
    """What a price is for, by the codes of UN/ECE Recommendation 20 that electronic invoices use."""

    PIECE = "C62", _("piece")
    HOUR = "HUR", _("hour")
    DAY = "DAY", _("day")
    TONNE = "TNE", _("tonne")
    KILOGRAM = "KGM", _("kilogram")
    CUBIC_METRE = "MTQ", _("cubic metre")
    METRE = "MTR", _("metre")
    KILOMETRE = "KMT", _("kilometre")
    LUMP_SUM = "LS", _("lump sum")


class TaxClass(models.TextChoices):
    """The kind of tax on a price; which rate that is, the country and the day decide."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate")
    SECOND_REDUCED = "second_reduced", _("Second reduced rate")
    ZERO = "zero", _("Zero rate")
    EXEMPT = "exempt", _("Exempt from tax")
    REVERSE = "reverse", _("Reverse charge")
    OUTSIDE = "outside", _("Outside the tax")
