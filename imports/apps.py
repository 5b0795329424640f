from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("Files")

    def ready(self) -> None:
        from audit.act import Source
        from audit.reasons import NAMING_REASONS, NamingReason
        from imports import take_back_rules

        NAMING_REASONS.extend(
            [
                NamingReason(_("Import of %s"), source=Source.IMPORT),
                NamingReason(_("Undo of the import of %s"), source=Source.IMPORT),
                NamingReason(_("Named in the file %s")),
            ]
        )
        take_back_rules.register()
