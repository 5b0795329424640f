"""How templates are taken back (``audit.restore``). Registered in ``templates_app.apps``."""

from __future__ import annotations

from audit.act import current_act
from audit.restore import RULES, UNMISSED, Rule
from templates_app.models import JobTemplate
from templates_app.services import delete_template


def register() -> None:
    """Say how records of this app are taken back."""
    RULES["templates_app.JobTemplate"] = Rule(remove=_delete_template)
    # Made anew when a job needs one.
    UNMISSED.add("templates_app.TemplateVersion")


def _delete_template(template: JobTemplate) -> None:
    delete_template(template, by=current_act().by)
