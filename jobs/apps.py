from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Work")

    def ready(self) -> None:
        from accounts.hooks import CONTACT_COPIES
        from business.hooks import WHEN_HELD
        from jobs import consequences
        from jobs.services.numbers import skip_lost_numbers
        from permissions.hooks import CONSEQUENCES
        from templates_app.hooks import TEMPLATE_USES

        WHEN_HELD.add("job numbers", skip_lost_numbers)
        CONTACT_COPIES.add("jobs", consequences.JobsOfContacts())
        TEMPLATE_USES.add("jobs", consequences.JobsOfTemplates())
        TEMPLATE_USES.add("series", consequences.SeriesOfTemplates())
        CONSEQUENCES.add("portal links", consequences.links_that_die)
