from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Customers and people")

    def ready(self) -> None:
        from accounts import receivers, take_back_rules  # noqa: F401
        from accounts.models import Invitation, User
        from audit.token_columns import register_tokens

        register_tokens(Invitation)
        # As console.apps calls them.
        User._meta.get_field("groups").verbose_name = _("roles")
        take_back_rules.register()
