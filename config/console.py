"""The staff console: brand, sidebar by task, tabs, search. Unfold reads it as ``UNFOLD``."""

from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Portico",
    "SITE_HEADER": "Portico",
    "SITE_SUBHEADER": _("Console"),
    "SITE_SYMBOL": "door_open",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
