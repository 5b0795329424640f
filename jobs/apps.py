from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Work")

    def ready(self) -> None:
        from accounts.services.merging import MOVED
        from audit.restore import BEFORE_SAVE, CAME_BACK, REMOVE
        from jobs import consequences
        from permissions.impact import CONSEQUENCES
        from templates_app import services as templates

        templates.IN_USE += [consequences.jobs_that_hang_on, consequences.series_that_hang_on]
        templates.TOUCHED += [consequences.jobs_that_keep_their_version, consequences.series_that_take_it_up]
        templates.VERSION_USE.append(consequences.jobs_of_versions)
        templates.FOLLOWED.append(consequences.has_running_series)
        CONSEQUENCES.append(consequences.links_that_die)
        MOVED["jobs.Job"] = consequences.find_by_new_customer
        BEFORE_SAVE["jobs.Job"] = consequences.find_restored
        REMOVE["jobs.Job"] = consequences.remove_made
        CAME_BACK["jobs.Job"] = consequences.give_a_link
