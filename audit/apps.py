from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("History")

    def ready(self) -> None:
        from audit import in_set, receivers  # noqa: F401
        from audit.short_answers import limit_short_answers

        limit_short_answers()
