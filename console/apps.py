from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = _("Console")

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from django.db.models.signals import post_migrate

        from audit.wording import CALLED
        from console import take_back_rules
        from console.receivers import bring_roles_up_to_date
        from console.roles import role_label
        from console.wording import right_in_words

        post_migrate.connect(bring_roles_up_to_date, dispatch_uid="console.roles")
        CALLED["auth.Permission"] = right_in_words
        CALLED["auth.Group"] = lambda role: role_label(role.name)
        # Django's groups are called so on every page, in every history and event; its migrations know nothing of it.
        Group._meta.verbose_name, Group._meta.verbose_name_plural = _("role"), _("roles")
        take_back_rules.register()
