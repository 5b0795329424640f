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
