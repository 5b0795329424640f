from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermissionsConfig(AppConfig):
    name = "permissions"
    verbose_name = _("Access")

    def ready(self) -> None:
        from audit.reasons import NAMING_REASONS, NamingReason
        from console.forecast import foresee_with
        from console.portal_people import answer_for
        from permissions import take_back_rules
        from permissions.impact import default_template
        from permissions.portal_people import Answers

        answer_for(Answers())
        foresee_with("templates_app.JobTemplate", default_template)
        NAMING_REASONS.append(NamingReason(_("%(drop)s merged into %(keep)s")))
        take_back_rules.register()
