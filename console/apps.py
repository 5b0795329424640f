from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = _("Console")

    def ready(self) -> None:
        from django.contrib.auth.models import Group
        from django.db.models.signals import post_migrate

        from audit.hooks import NAMES, TAKE_BACK
        from audit.take_back import TakeBack
        from console.receivers import bring_roles_up_to_date
        from console.roles import role_label
        from console.take_back_rules import why_role_is_kept
        from console.wording import right_in_words

        post_migrate.connect(bring_roles_up_to_date, dispatch_uid="console.roles")
        NAMES.add("auth.Permission", right_in_words)
        NAMES.add("auth.Group", lambda role: role_label(role.name))
        TAKE_BACK.add("auth.Group", TakeBack(refuse=why_role_is_kept))
        TAKE_BACK.add("guardian.GroupObjectPermission", TakeBack(missed=False))
        # Django's groups are called so on every page, in every history and event; its migrations know nothing of it.
        Group._meta.verbose_name, Group._meta.verbose_name_plural = _("role"), _("roles")
