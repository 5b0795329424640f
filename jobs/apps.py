from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Work")

    def ready(self) -> None:
        from accounts.hooks import CONTACT_COPIES
        from jobs import consequences
        from permissions.hooks import CONSEQUENCES
        from templates_app.hooks import TEMPLATE_USES

        CONTACT_COPIES.add("jobs", consequences.JobsOfContacts())
        TEMPLATE_USES.add("jobs", consequences.JobsOfTemplates())
        TEMPLATE_USES.add("series", consequences.SeriesOfTemplates())
        CONSEQUENCES.add("portal links", consequences.links_that_die)
