"""How imports are taken back from the change log (``audit.restore``): not at all. Registered in ``imports.apps``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.restore import RULES, Rule


def register() -> None:
    """Say how records of this app are taken back."""
    own_page = _("%(what)s: an import is changed, discarded or undone on its own page.")
    RULES["imports.ImportRun"] = Rule(never={"remove": own_page, "revert": own_page, "recreate": own_page})
