"""Words of the console that other languages put in another order."""

from __future__ import annotations

from django import template
from django.db.models import Model
from django.db.models.options import Options
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def in_order(buttons: str, opts: Options[Model]) -> SafeString:
    """Unfold's row of buttons, in which its "Delete" and the kind of record are one phrase: "Auftrag löschen"."""
    said = escape(f"{_('Delete')} {opts.verbose_name}")
    instead = escape(_("Delete %(name)s") % {"name": opts.verbose_name})
    return mark_safe(conditional_escape(buttons).replace(said, instead))
