from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermissionsConfig(AppConfig):
    name = "permissions"
    verbose_name = _("Access")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from permissions.receivers import bring_roles_up_to_date

        post_migrate.connect(bring_roles_up_to_date, dispatch_uid="permissions.roles")
