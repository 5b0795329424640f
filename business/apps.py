from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BusinessConfig(AppConfig):
    name = "business"
    verbose_name = _("Business")

    def ready(self) -> None:
        from audit.restore import RULES, Rule
        from business.services import count_version

        RULES["business.PortalSettings"] = Rule(before_save=count_version)
