from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class RootConfig(AppConfig):
    """The composition root as an app: the dashboard, the console's own pages, what nobody else may import."""

    name = "config"
    verbose_name = "Console"

    def ready(self) -> None:
        from config import checks, job_panels  # noqa: F401  (the checks register themselves)
        from jobs.hooks import JOB_PANELS

        JOB_PANELS.add("messages", job_panels.messages_of)


class TrimmedStaticFiles(StaticFilesConfig):
    """Django's static files, without what the package of Leaflet brings beside Leaflet."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns, "draw", "leaflet-src*", "leaflet.forms*", "leaflet.extras*",
        "leaflet_django*", "proj4*", "Control.MiniMap*",
    ]  # fmt: skip
