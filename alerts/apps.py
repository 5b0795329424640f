from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from alerts import receivers  # noqa: F401
        from alerts.account_events import AccountEvents
        from alerts.job_events import JobEvents
        from alerts.services.doubts import take_out_of_hand
        from alerts.sources import register_source
        from business.hooks import WHEN_HELD

        register_source(JobEvents())
        register_source(AccountEvents())
        WHEN_HELD.add("messages in hand", take_out_of_hand)
