from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermissionsConfig(AppConfig):
    name = "permissions"
    verbose_name = _("Access")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from audit.changelog import CALLED
        from console.receivers import bring_roles_up_to_date
        from console.roles import role_label
        from console.wording import right_in_words
        from permissions import take_back_rules

        post_migrate.connect(bring_roles_up_to_date, dispatch_uid="console.roles")
        CALLED["auth.Permission"] = right_in_words
        CALLED["auth.Group"] = lambda role: role_label(role.name)
        take_back_rules.register()
