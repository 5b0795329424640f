from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Work")

    def ready(self) -> None:
        from accounts.models import Customer
        from audit.derived import derive
        from audit.keyless import CLEANERS, KeyCleaner
        from audit.token_columns import register_tokens
        from jobs import consequences, take_back_rules
        from jobs.link_in_text import MARKS, mask_addresses
        from jobs.models import PortalLink
        from jobs.models.links import hide_addresses
        from jobs.services.recording import write_search_texts
        from permissions.impact import CONSEQUENCES
        from templates_app.uses import USES

        register_tokens(PortalLink)
        CLEANERS.append(KeyCleaner(MARKS, hide_addresses, mask_addresses))
        USES.extend([consequences.JobsOfTemplates(), consequences.SeriesOfTemplates()])
        CONSEQUENCES.append(consequences.links_that_die)
        derive(Customer, {"name"}, write_search_texts)
        take_back_rules.register()
