from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The composition root as an app: the dashboard, the console's own pages, what nobody else may import."""

    name = "config"
    label = "console"
    verbose_name = "Console"

    def ready(self) -> None:
        from config import job_panels
        from jobs.admin.panels import EXTRA_PANELS

        EXTRA_PANELS.append(job_panels.messages_of)
