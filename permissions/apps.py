from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermissionsConfig(AppConfig):
    name = "permissions"
    verbose_name = _("Access")

    def ready(self) -> None:
        from audit.declarations import LazyFunction
        from audit.hooks import TAKE_BACK
        from audit.take_back import TakeBack
        from console.hooks import FORECASTERS, PORTAL_PEOPLE
        from permissions import take_back_rules as rules
        from permissions.impact import default_template
        from permissions.portal_people import Answers

        PORTAL_PEOPLE.give(Answers())
        FORECASTERS.add("templates_app.JobTemplate", default_template)
        # The tables are those of accounts; who may be linked, and who is in, is judged here.
        TAKE_BACK.add(
            "accounts.CustomerLink",
            TakeBack(
                remove=LazyFunction("permissions.services.portal_users.unlink_customer"),
                refuse=rules.why_no_link,
                why_not_by=rules.why_not_linked,
            ),
        )
        TAKE_BACK.add(
            "accounts.PortalUser",
            TakeBack(after_save=rules.keep_out, refuse=rules.why_person_is_kept, why_not_by=rules.why_no_person),
        )
