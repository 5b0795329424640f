from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Customers and people")

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401
        from accounts.models import User
        from audit.hooks import TAKE_BACK
        from audit.take_back import TakeBack

        # As console.apps calls them.
        User._meta.get_field("groups").verbose_name = _("roles")
        for label in ("admin.LogEntry", "guardian.UserObjectPermission", "otp_static.StaticDevice"):
            TAKE_BACK.add(label, TakeBack(missed=False))
