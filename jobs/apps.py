from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from jobs.consequences import links_that_die
        from permissions.impact import CONSEQUENCES

        CONSEQUENCES.append(links_that_die)
