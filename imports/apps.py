from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("Files")

    def ready(self) -> None:
        from business.hooks import WHEN_HELD
        from imports.after_a_restore import skip_numbers_of_imports

        WHEN_HELD.add("job numbers of imports", skip_numbers_of_imports)
