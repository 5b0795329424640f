from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalSiteConfig(AppConfig):
    name = "portal_site"
    verbose_name = _("Companion site")
